"""What judges the screens can find something: each kind of fault, planted, is told."""

import pytest

from tests.browser.axe import COLOURS, violations
from tests.browser.conftest import Desk
from tests.browser.fitting import USUAL, cut_off, set_text_size, too_wide

NOISES = {
    "a style in the page": "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">red</p>')",
    "a script in the page": "document.body.append(Object.assign(document.createElement('script'), {text: 'let a'}))",
    "a picture of another host": "new Image().src = 'https://elsewhere.example/pixel.png'",
    "a call of another host": "fetch('https://elsewhere.example/').catch(() => null)",
    "a file that is not there": "fetch('/static/nothing.js')",
    "a warning": "console.warn('old')",
    "an error that nobody caught": "setTimeout(() => { throw new Error('oh') })",
}
SECONDS = 60


@pytest.mark.parametrize("noise", NOISES)
def test_whatever_a_page_does_that_it_should_not_is_heard(desk: Desk, noise: str) -> None:
    page = desk.open_as_nobody()
    page.goto("/login/")
    assert desk.listener.complaints == []
    page.evaluate(f"() => {{ {NOISES[noise]}; }}")
    waited = 0
    while not desk.listener.complaints and waited < SECONDS * 1000:
        page.wait_for_timeout(20)
        waited += 20
    assert desk.listener.complaints
    page.close()
    desk.listener.complaints.clear()


def test_a_field_without_a_label_is_found(desk: Desk) -> None:
    page = desk.open_as_nobody()
    page.goto("/login/")
    assert violations(page) == []
    page.evaluate("document.querySelector('label[for=id_password]').remove()")
    assert [found.split(":")[0] for found in violations(page)] == ["label"]


def test_faint_text_is_found_in_the_theme_that_has_it(desk: Desk) -> None:
    page = desk.open_as_nobody()
    page.goto("/login/")
    page.evaluate("document.querySelector('h1').style.color = 'light-dark(black, #333)'")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert [found.split(":")[0] for found in violations(page)] == ["color-contrast"]
    assert [found.split(":")[0] for found in violations(page, only=COLOURS)] == ["color-contrast"]


def test_what_does_not_fit_is_found(desk: Desk) -> None:
    page = desk.open_as_nobody()
    page.goto("/login/")
    assert too_wide(page, 320) == []
    page.evaluate("document.body.append(Object.assign(new Image(), {width: 400, height: 1}))")
    assert too_wide(page, 320)
    assert too_wide(page, 768) == []


def test_text_that_its_box_cuts_off_is_found(desk: Desk) -> None:
    page = desk.open_as_nobody()
    page.goto("/login/")
    page.evaluate("Object.assign(document.querySelector('h1').style, {height: '40px', overflow: 'hidden'})")
    assert cut_off(page) == []
    set_text_size(page, 2 * USUAL)
    assert len(cut_off(page)) == 1

"""An access review from its opening to its report, in a browser."""

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.acts import call, generate
from tests.browser.conftest import Desk

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
SECONDS = 180  # beat's next run, and the worker


@BOTH
def test_what_an_owner_confirms_lives_and_what_nobody_answers_rests(
    desk: Desk, names: dict[str, Any], javascript: bool
) -> None:
    owner, school = ("dawn", "Dawn School") if javascript else ("night", "Night School")
    assert owner in names
    purposes = [f"{what} {javascript}" for what in ("Kept", "Given up", "Forgotten")]
    student = desk.open(owner, javascript=javascript)
    secrets = [generate(student, purpose) for purpose in purposes]
    admin = desk.open("admin", javascript=javascript)
    admin.goto("/reviews/")
    admin.click(f"a[aria-label='Open a review of {school}']")
    admin.fill("[name=name]", f"Term {javascript}")
    admin.click("button:has-text('Open the review')")
    expect(admin.locator("h1")).to_have_text(f"Term {javascript}")

    student.goto("/tokens/")
    student.click(".note a[href='/tokens/review/']")
    kept, given_up, _forgotten = (student.locator("section.card", has_text=purpose) for purpose in purposes)
    kept.locator("[value=needed]").check()
    kept.locator("input[name^=purpose]").fill(f"Calendar {javascript}")
    given_up.locator("[value=not_needed]").check()
    student.click("button:has-text('Save answers')")
    expect(student.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert [call(desk.portal, secret).status_code for secret in secrets] == [200, 401, 200]

    admin.click("text=Close now")
    admin.click(("dialog[open] " if javascript else "main ") + ".btn.danger")
    deadline = time.monotonic() + SECONDS
    while call(desk.portal, secrets[2]).status_code != 401:
        assert time.monotonic() < deadline, "Silence was not followed by a suspension"
        time.sleep(0.3)
    assert call(desk.portal, secrets[0]).status_code == 200
    admin.reload()
    expect(admin.locator("main")).to_contain_text("Suspended, as nobody answered")
    with admin.expect_download() as download:
        admin.click("text=Report as CSV")
    report = download.value.path().read_text()
    assert f"Calendar {javascript}" in report
    assert purposes[2] in report

    student.goto("/tokens/review/")
    late = student.locator("section.card", has_text=purposes[2])
    late.locator("[value=needed]").check()
    student.click("button:has-text('Save answers')")
    expect(student.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert call(desk.portal, secrets[2]).status_code == 200

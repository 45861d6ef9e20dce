"""A real Chromium goes to a real OpenID Connect provider and comes back: cookies, policy and redirects as they are."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.axe import violations
from tests.browser.listening import REPORT_VIOLATIONS
from tests.portal import free_port, fresh_database, fresh_redis
from tests.signin.journey import Provider
from tests.signin.provider import CLIENT_ID, SECRET
from tests.web import Web


@pytest.fixture(scope="module")
def door(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Provider]]:
    """A portal of a school that has a provider, which makes whom it does not know, and gives staff a role."""
    place = tmp_path_factory.mktemp("door")
    port = free_port()
    provider = Provider(place, back=f"http://127.0.0.1:{port}/login/school/back/")
    provider.new_key()
    provider.know(
        jane={"sub": "j-1", "preferred_username": "jane", "name": "Jane Doe", "groups": ["staff"]},
        nameless={"sub": "n-1"},
    )
    more = {
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_NAME": "Example University",
        "OIDC_CREATE_PEOPLE": "true",
        "OIDC_ROLES": json.dumps([{"claim": "groups", "value": "staff", "role": "Account Admin"}]),
        "PASSWORD_SIGN_IN": "false",
    }
    with fresh_database(migrated) as database_url:
        web = Web(port, database_url, fresh_redis(), place / "web.log", more=more)
        provider.start()
        web.start()
        yield web, provider
        web.stop()
        provider.stop()


@pytest.fixture
def page(browser: Browser, door: tuple[Web, Provider]) -> Iterator[Page]:
    """A browser in which nobody is signed in anywhere."""
    context = browser.new_context(base_url=door[0].url)
    context.add_init_script(REPORT_VIOLATIONS)
    page = context.new_page()
    complaints: list[str] = []
    ours = door[0].url

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location.get("url", "").startswith(ours):
            complaints.append(message.text)

    page.on("console", hear)
    yield page
    context.close()
    assert [each for each in complaints if "status of 403" not in each] == []


def test_somebody_new_goes_there_and_comes_back_with_a_role(page: Page, door: tuple[Web, Provider]) -> None:
    page.goto(f"{door[1].url}/enter/jane/")
    page.goto("/people/")
    assert "/login/?next=/people/" in page.url
    assert violations(page) == []
    page.get_by_role("button", name="Sign in with Example University").click()
    page.wait_for_url("**/people/")
    assert page.locator("#found").inner_text().count("Jane Doe") == 1


def test_somebody_whom_the_provider_does_not_name_is_told_so(page: Page, door: tuple[Web, Provider]) -> None:
    page.goto(f"{door[1].url}/enter/nameless/")
    page.goto("/login/")
    page.get_by_role("button", name="Sign in with Example University").click()
    page.get_by_role("heading", name="You are not signed in").wait_for()
    assert "has not said enough about you" in page.locator("main").inner_text()
    assert violations(page) == []

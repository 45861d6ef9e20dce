"""What all pages share: their safety, their assets, their errors, the mails in the same words."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests.cast import School
from tests.pages.visits import client_of, text_of, token_of
from tokens import lifecycle, notifications
from tokens.events import Event
from tokens.models import Notice
from tokens.reasons import Reason

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = [path for path in (ROOT / "templates").rglob("*.html") if "drf_spectacular" not in path.parts]
PRIVATE = ["/tokens/", "/tokens/new/", "/tokens/revoke-all/", "/people/", "/settings/", "/audit/"]


@pytest.mark.parametrize("path", PRIVATE)
def test_every_page_asks_who_you_are_and_is_kept_nowhere(school: School, path: str) -> None:
    asked = Client().get(path)
    assert asked.headers["Location"] == f"/login/?next={path}"
    assert "no-store" in client_of(school.admin).get(path).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/login/", "/nowhere/"])
def test_no_page_needs_inline_code(school: School, path: str) -> None:
    answer = Client().get(path)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_holds_inline_code_or_another_host(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\son[a-z]+=|\sstyle=|<style|<script(?![^>]*src=)|javascript:|hx-on|https?://", text)


def test_every_icon_that_is_drawn_is_in_the_sprite() -> None:
    sprite = (ROOT / "tokenportal/static/vendor/icons.svg").read_text()
    sources = [*TEMPLATES, *ROOT.glob("*/**/*.py")]
    texts = "".join(path.read_text() for path in sources if ".venv" not in path.parts)
    drawn = set(re.findall(r'{% icon "([a-z0-9-]+)"', texts)) | set(re.findall(r'picture="([a-z0-9-]+)"', texts))
    assert drawn
    assert not {name for name in drawn if f'<symbol id="{name}"' not in sprite}


def test_every_vendored_file_has_its_licence() -> None:
    licences = {path.stem for path in (ROOT / "tokenportal/static/vendor/licences").iterdir()}
    assert licences == {"htmx", "inter", "atkinson-hyperlegible-mono", "lucide"}
    assert finders.find("vendor/htmx.min.js")


def test_what_is_not_there_is_said_in_our_style(school: School) -> None:
    answer = client_of(school.student).get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in text_of(answer)


@pytest.mark.parametrize(
    "event", [Event.ISSUE, Event.REGENERATE, Event.SUSPEND, Event.RESUME, Event.REVOKE, Event.CLAMP]
)
def test_every_event_that_is_owed_has_its_mail(school: School, event: Event) -> None:
    token = token_of(school.student, purpose="Tom's <script>")
    notifications.owe(event, [token], actor=school.admin, now=timezone.now(), reason="it's over")
    notifications.deliver(now=timezone.now())
    [sent] = mail.outbox
    assert sent.to == [school.student.email]
    assert "\n" not in sent.subject
    assert "Tom's <script>" in str(sent.body)
    assert "{" not in str(sent.body)
    assert f"{settings.PUBLIC_URL}/tokens/" in str(sent.body)
    assert not Notice.objects.filter(sent_at=None).exists()


def test_what_was_done_is_said_to_a_person_not_to_a_script(school: School) -> None:
    client, token = client_of(school.student), token_of(school.student)
    page = f"/tokens/{token.pk}/"
    client.post(f"{page}edit/", {"purpose": "Other", "days": "7"}, headers={"sec-fetch-dest": "empty"})
    for _ in range(2):
        client.get(page, headers={"sec-fetch-dest": "empty"})
    assert "Saved." in text_of(client.get(page, headers={"sec-fetch-dest": "document"}))
    assert "Saved." not in text_of(client.get(page))


def test_one_revocation_of_many_is_one_mail(school: School) -> None:
    token_of(school.student, purpose="First"), token_of(school.student, purpose="Second")
    lifecycle.revoke_all(school.student, actor=school.admin, now=timezone.now(), reason=Reason("it leaked"))
    notifications.deliver(now=timezone.now())
    [sent] = mail.outbox
    assert sent.subject == "2 access tokens of yours were revoked"
    for words in ("First", "Second", "it leaked", school.admin.name):
        assert words in str(sent.body)

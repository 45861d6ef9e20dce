"""The page that brings in the tokens of another system: look first, then import."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base, Permission
from tests.cast import School, enroll, person, role
from tests.foreign import CANVAS, HEADER, line, token_of_canvas
from tests.pages.visits import client_of, text_of
from tokens.importing.reading import MOST_BYTES
from tokens.models import AccessToken
from tokens.verification import Outcome, verify


@pytest.fixture(autouse=True)
def canvas(settings: Settings) -> None:
    """Tokens of Canvas are known here."""
    settings.FOREIGN_TOKENS = CANVAS


def send(viewer: User, text: str | bytes | None, *, act: str = "import", source: str = "Canvas") -> str:
    """Send a file; return what the page says."""
    body = text.encode() if isinstance(text, str) else text
    file = {} if body is None else {"file": SimpleUploadedFile("canvas.csv", body)}
    answer = client_of(viewer).post("/imports/", {"source": source, "act": act, **file})
    assert answer.status_code == 200
    return text_of(answer)


def test_it_is_for_who_keeps_the_rules_of_the_whole_school(school: School) -> None:
    assert client_of(school.admin).get("/imports/").status_code == 200
    for user in (school.arts_admin, school.teacher, school.student):
        assert client_of(user).get("/imports/").status_code == 403
        assert client_of(user).post("/imports/", {"source": "x"}).status_code == 403


def test_a_check_says_what_would_come_and_changes_nothing(school: School) -> None:
    said = send(school.admin, HEADER + line(1) + line(2, owner="nobody"), act="check")
    assert "What the file would bring" in said
    assert "Line 3" in said
    assert "There is nobody called “nobody”" in said
    assert not AccessToken.objects.exists()


def test_an_import_makes_the_tokens_good_and_is_in_the_trail(school: School) -> None:
    text = HEADER + line(1) + line(2, owner="teacher")
    assert "Owners have been told." in send(school.admin, text)
    assert {verify(token_of_canvas(number), now=timezone.now()).outcome for number in (1, 2)} == {Outcome.LIVE}
    assert {each.actor for each in AuditEvent.objects.filter(action="token.import")} == {school.admin}
    send(school.admin, text)
    assert AccessToken.objects.count() == 2
    [imported] = AccessToken.objects.filter(user=school.teacher)
    assert "Canvas" in text_of(client_of(school.teacher).get(f"/tokens/{imported.pk}/"))


def test_nobody_gets_a_key_of_somebody_with_rights_they_lack(school: School) -> None:
    keeper = person("keeper")
    enroll(keeper, role(Base.ADMIN, "Keeper", (Permission.POLICY_EDIT, Permission.TOKENS_CREATE)))
    said = send(keeper, HEADER + line(1, owner="admin") + line(2))
    assert "There is nobody called “admin”" in said
    assert [each.user for each in AccessToken.objects.all()] == [school.student]


@pytest.mark.parametrize(
    ("text", "source", "said"),
    [
        (None, "Canvas", "Choose a file."),
        (HEADER + line(1), "", "Say which system made these tokens."),
        (HEADER + line(1), "x" * 65, "The name cannot be longer"),
        ("a,b\n", "Canvas", "missing: owner, purpose, sha256"),
        (b"\xff\xfe", "Canvas", "the file must be CSV in UTF-8"),
        (b"", "Canvas", "missing: owner"),
        (b"x" * (MOST_BYTES + 1), "Canvas", "2048 KiB at most"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(school: School, text: str | None, source: str, said: str) -> None:
    assert said in send(school.admin, text, source=source)
    assert not AccessToken.objects.exists()


def test_where_no_such_tokens_are_known_the_page_says_what_to_do(school: School, settings: Settings) -> None:
    settings.FOREIGN_TOKENS = ""
    assert "FOREIGN_TOKENS" in text_of(client_of(school.admin).get("/imports/"))
    assert "FOREIGN_TOKENS" in send(school.admin, HEADER + line(1))
    assert not AccessToken.objects.exists()

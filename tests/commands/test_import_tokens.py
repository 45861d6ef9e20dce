"""`manage.py import_tokens`: what another system made is listed, capped, checked and ended here."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.people import membership
from tests.cast import School, token
from tests.commands.conftest import Ran, Run
from tests.foreign import CANVAS, HEADER, digest, line, token_of_canvas
from tokens import foreign, lifecycle, notifications, secrets
from tokens.fragments import fragments_of
from tokens.lookup import Secret, look_up
from tokens.models import AccessToken, State
from tokens.verification import Outcome, verify, verify_many

NOW = timezone.now()


@pytest.fixture(autouse=True)
def canvas(settings: Settings) -> None:
    """Tokens of Canvas are known here."""
    settings.FOREIGN_TOKENS = CANVAS


class Importing:
    """A file, and the command that brings it in."""

    def __init__(self, run: Run, path: Path) -> None:
        self._run, self._path = run, path

    def __call__(self, *lines: str, header: str = HEADER, options: tuple[str, ...] = ()) -> Ran:
        self._path.write_text(header + "".join(lines), errors="surrogateescape")
        return self._run("import_tokens", str(self._path), "--from", "Canvas", *options)


@pytest.fixture
def bring(run: Run, school: School, tmp_path: Path) -> Importing:
    return Importing(run, tmp_path / "canvas.csv")


def only() -> AccessToken:
    return AccessToken.objects.get()


def test_what_canvas_made_is_good_here_and_capped(bring: Importing, school: School) -> None:
    ran = bring(line(1, made="2024-09-01"))

    assert ran.code == 0, ran.err
    assert "Tokens imported: 1" in ran.out
    assert "earlier end by their owners' limit: 1" in ran.out
    made, now = only(), timezone.now()
    assert (made.user, made.purpose, made.state) == (school.student, "Homework tool", State.ACTIVE)
    assert made.created_at.year == 2024
    assert made.expires_at is not None
    assert timedelta(days=119) < made.expires_at - now < timedelta(days=121)
    checked = verify(token_of_canvas(1), now=now)
    assert checked.outcome == Outcome.LIVE
    assert checked.user == school.student
    assert [each.outcome for each in verify_many([token_of_canvas(1), token_of_canvas(2)], now=now)] == [
        Outcome.LIVE,
        Outcome.INVALID,
    ]


def test_an_end_within_the_limit_and_that_of_a_teacher_stay(bring: Importing, school: School) -> None:
    soon = (NOW + timedelta(days=30)).date().isoformat()
    bring(line(1, ends=soon), line(2, owner="TEACHER"))

    of_student, of_teacher = AccessToken.objects.order_by("pk")
    assert of_student.expires_at is not None
    assert of_student.expires_at.date().isoformat() == soon
    assert of_teacher.user == school.teacher
    assert of_teacher.expires_at is None


def test_it_is_found_by_its_hash_only_where_such_tokens_are_known(bring: Importing, settings: Settings) -> None:
    bring(line(1))

    assert verify(token_of_canvas(1)[:-1] + "x", now=timezone.now()).outcome == Outcome.INVALID
    assert verify(digest(token_of_canvas(1)), now=timezone.now()).outcome == Outcome.INVALID
    settings.FOREIGN_TOKENS = ""
    assert verify(token_of_canvas(1), now=timezone.now()).outcome == Outcome.INVALID


def test_a_file_read_twice_changes_nothing_and_revives_nothing(bring: Importing, school: School) -> None:
    lines = [line(number, owner="teacher") for number in (1, 2, 3)]
    bring(*lines)
    revoked, renewed, left = AccessToken.objects.order_by("pk")
    lifecycle.revoke(revoked, actor=school.admin, now=timezone.now())
    issued = lifecycle.regenerate(renewed, actor=school.teacher, now=timezone.now())
    before = list(AccessToken.objects.order_by("pk").values())

    ran = bring(*lines)

    assert "Here already, and left as they are: 3" in ran.out
    assert list(AccessToken.objects.order_by("pk").values()) == before
    outcomes = [verify(token_of_canvas(number), now=timezone.now()).outcome for number in (1, 2, 3)]
    assert outcomes == [Outcome.REVOKED, Outcome.INVALID, Outcome.LIVE]
    assert verify(issued.secret, now=timezone.now()).outcome == Outcome.LIVE
    assert issued.token.is_foreign is False
    assert left.is_foreign is True


def test_bad_lines_are_named_and_the_others_go_in(bring: Importing) -> None:
    ran = bring(
        line(1),
        line(2, owner="nobody"),
        line(3, purpose=""),
        line(4, ends="soon"),
        "student,Homework tool,,abc,\n",
        line(1),
        line(5, ends="2020-01-01"),
        line(6, purpose=token_of_canvas(6)),
        line(7, owner="sis_user_id:nobody"),
        line(8, owner=""),
        line(9, owner="a\0b"),
    )

    assert ran.code == 1
    assert "Tokens imported: 1" in ran.out
    assert "Ended already, and left out: 1" in ran.out
    assert "Lines with a problem, left out: 9" in ran.out
    for said in (
        "line 3: There is nobody called “nobody”",
        "line 4: Purpose is required.",
        "line 5: Invalid expiration date format",
        "line 6: sha256 must be",
        "line 7: An earlier line",
        "line 9: Purpose contains an access token",
        "line 10: There is nobody",
        "line 11: There is nobody",
    ):
        assert said in ran.err, said
    assert token_of_canvas(6) not in ran.err


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("owner,purpose\n", "missing: sha256"),
        ("", "missing: owner, purpose, sha256"),
        ('owner,purpose,sha256\n"student,x', "Line 2 cannot be read"),
        ("owner,purpose,sha256\n\0,a,b", "sha256 must be"),
    ],
)
def test_what_is_no_such_file_changes_nothing(bring: Importing, header: str, said: str) -> None:
    ran = bring(header=header)
    assert ran.code in {1, 2}
    assert said in ran.err
    assert not AccessToken.objects.exists()


def test_the_line_that_is_not_in_utf_8_is_named(bring: Importing) -> None:
    ran = bring(line(1), line(2).replace("student", "\udce9"), line(3))
    assert (ran.code, "Line 3 cannot be read" in ran.err) == (2, True)
    assert not AccessToken.objects.exists()


def test_a_dry_run_says_what_would_be_and_changes_nothing(bring: Importing) -> None:
    ran = bring(line(1), line(2), options=("--dry-run",))

    assert "Tokens would be imported: 2" in ran.out
    assert not AccessToken.objects.exists()
    assert not AuditEvent.objects.filter(action="token.import").exists()


def test_nothing_is_imported_that_could_never_be_used(bring: Importing, settings: Settings) -> None:
    settings.FOREIGN_TOKENS = ""
    ran = bring(line(1))
    assert ran.code == 2
    assert "FOREIGN_TOKENS" in ran.err
    assert not AccessToken.objects.exists()


def test_owners_and_the_trail_are_told(bring: Importing, school: School) -> None:
    User.objects.update(email="student@example.edu")
    bring(line(1), line(2))

    notifications.deliver(now=timezone.now())
    [message] = mail.outbox
    assert message.subject == "2 tokens of yours from Canvas are now in the Token Portal"
    assert "Homework tool" in str(message.body)
    lines = AuditEvent.objects.filter(action="token.import")
    assert [(each.person, each.after["source"], each.before) for each in lines] == [
        (school.student, "Canvas", {"expires_at": None})
    ] * 2


def test_somebody_who_has_left_gets_none(bring: Importing, school: School) -> None:
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    ran = bring(line(1))
    assert "Lines with a problem, left out: 1" in ran.out
    assert not AccessToken.objects.exists()


def test_a_pasted_one_is_looked_up_masked_and_refused_in_texts(bring: Importing, school: School) -> None:
    bring(line(1, owner="teacher"))
    pasted = f"curl -H 'Authorization: Bearer {token_of_canvas(1)}'"

    assert secrets.mask(pasted) == "curl -H 'Authorization: Bearer …'"
    assert secrets.found_in(pasted)
    [fragment] = [each for each in fragments_of(pasted) if each.presented]
    assert fragment.lookup == only().lookup_id
    answer = look_up(pasted, school.admin, membership(school.admin, now=NOW), now=timezone.now())
    assert [(found.token, found.secret) for found in answer.tokens] == [(only(), Secret.CURRENT)]


def test_the_database_takes_a_plain_hash_for_imported_tokens_only(bring: Importing, school: School) -> None:
    bring(line(1, owner="teacher"))
    own = token(school.teacher, days=None).token
    for change in ({"tag_key": foreign.KEY}, {"verifier": ""}, {"imported_from": "Canvas"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccessToken.objects.filter(pk=own.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessToken.objects.filter(pk=own.pk).update(imported_from="X", imported_lookup_id=only_imported().lookup_id)


def only_imported() -> AccessToken:
    return AccessToken.objects.exclude(imported_from="").get()

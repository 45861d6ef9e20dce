"""The check of a presented string, and that the row and the database agree on what is live."""

import itertools
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from accounts.models import User
from tests.cast import NOW, School, token
from tests.lifecycle.test_database import bring_to
from tokens import lifecycle, secrets
from tokens.matching import Overloaded, _argon2_gate
from tokens.models import AccessToken, State
from tokens.verification import Outcome, verify

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("active", Outcome.LIVE),
        ("pending", Outcome.PENDING),
        ("suspended", Outcome.SUSPENDED),
    ],
)
def test_the_state_decides(school: School, state: str, outcome: Outcome) -> None:
    made = token(school.student, actor=school.admin if state == "pending" else None)
    if state == "suspended":
        lifecycle.suspend(made.token, actor=school.admin, now=NOW)
    assert verify(made.secret, now=NOW).outcome == outcome


def test_a_revocation_bites_on_the_next_check(school: School) -> None:
    made = token(school.student)
    assert verify(made.secret, now=NOW).is_live
    lifecycle.revoke(made.token, actor=school.admin, now=NOW)
    assert verify(made.secret, now=NOW).outcome == Outcome.REVOKED


def test_a_token_dies_by_the_clock_and_not_by_a_job(school: School) -> None:
    made = token(school.student, days=1)
    assert verify(made.secret, now=NOW + DAY - timedelta(microseconds=1)).is_live
    assert verify(made.secret, now=NOW + DAY).outcome == Outcome.EXPIRED


def test_a_person_who_may_not_sign_in_has_no_working_token(school: School) -> None:
    made = token(school.student)
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    assert verify(made.secret, now=NOW).outcome == Outcome.INVALID


def test_only_the_full_right_secret_learns_anything(school: School) -> None:
    made = token(school.student)
    lifecycle.revoke(made.token, actor=school.admin, now=NOW)
    other = secrets.generate().text
    body = f"tpat_{made.token.lookup_id}_{other.split('_')[2][:43]}"
    assert verify(body + secrets.checksum(body), now=NOW).outcome == Outcome.INVALID
    assert verify(other, now=NOW).outcome == Outcome.INVALID
    assert verify(made.token.lookup_id, now=NOW).outcome == Outcome.INVALID


def test_garbage_never_reaches_the_database() -> None:
    # No database fixture: a query would be an error.
    for text in ("", "tpat_", "x" * 71, "tpat_AbCdEfGh12345678_" + "a" * 49, "\x00", "٣" * 71):
        assert verify(text, now=NOW).outcome == Outcome.INVALID


@pytest.mark.parametrize("key_was", ["accepted", "retired"])
def test_a_key_that_was_replaced_goes_on_checking_old_tokens(school: School, settings: Settings, key_was: str) -> None:
    made = token(school.student)
    [old] = settings.TOKEN_KEYS
    settings.TOKEN_KEYS = {"new": b"n" * 32, **settings.TOKEN_KEYS}
    settings.TOKEN_KEYS_RETIRED = [old] if key_was == "retired" else []
    checked = verify(made.secret, now=NOW)
    assert checked.is_live
    assert (checked.retagged is not None) == (key_was == "retired")


def test_a_lost_key_costs_nobody_their_token_and_is_replaced_on_use(school: School, settings: Settings) -> None:
    made = token(school.student)
    settings.TOKEN_KEYS = {"new": b"n" * 32}
    checked = verify(made.secret, now=NOW)
    assert checked.is_live
    assert checked.token
    assert checked.retagged
    lifecycle.retag(made.token.lookup_id, checked=(checked.token.tag_key, checked.token.tag), new=checked.retagged)
    again = verify(made.secret, now=NOW)
    assert again.is_live
    assert again.retagged is None


def test_a_late_retag_never_brings_an_old_secret_back(school: School, settings: Settings) -> None:
    old = token(school.student)
    settings.TOKEN_KEYS = {"new": b"n" * 32}
    checked = verify(old.secret, now=NOW)
    assert checked.token
    assert checked.retagged
    new = lifecycle.regenerate(old.token, actor=school.student, now=NOW)
    lifecycle.retag(old.token.lookup_id, checked=(checked.token.tag_key, checked.token.tag), new=checked.retagged)
    assert verify(new.secret, now=NOW).is_live
    assert verify(old.secret, now=NOW).outcome == Outcome.INVALID


def test_a_flood_of_retired_tokens_is_turned_away_undecided(school: School, settings: Settings) -> None:
    made = token(school.student)
    settings.TOKEN_KEYS = {"new": b"n" * 32}
    with _argon2_gate, _argon2_gate, pytest.raises(Overloaded):
        verify(made.secret, now=NOW)
    assert verify(made.secret, now=NOW).is_live


def test_row_and_database_agree_on_what_is_live(school: School) -> None:
    for state, days in itertools.product(State.values, (1, 30)):
        made = bring_to(school, state)
        AccessToken.objects.filter(pk=made.pk).exclude(state=State.REVOKED).update(expires_at=NOW + days * DAY)
    seen = []
    for is_active, moment in itertools.product((True, False), (NOW, NOW + DAY, NOW + 30 * DAY)):
        User.objects.filter(pk=school.student.pk).update(is_active=is_active)
        by_database = set(AccessToken.objects.live(now=moment).values_list("pk", flat=True))
        assert by_database == {each.pk for each in AccessToken.objects.select_related("user") if each.is_live(moment)}
        seen.append(len(by_database))
    assert seen == [2, 1, 0, 0, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_a_check_waits_for_nobody_who_holds_the_token(school: School) -> None:
    """Such as a roster, which holds the tokens of everybody whom it touches until it is written."""
    made = token(school.student).token
    checked, new = (made.tag_key, bytes(made.tag)), ("new", b"n" * 32)
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            AccessToken.objects.select_for_update(no_key=True).get(pk=made.pk)
            is_held.set()
            may_end.wait(60)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(60)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")
            lifecycle.retag(made.lookup_id, checked=checked, new=new)
    finally:
        may_end.set()
        holder.join()
    made.refresh_from_db()
    assert (made.tag_key, bytes(made.tag)) == checked
    lifecycle.retag(made.lookup_id, checked=checked, new=new)
    made.refresh_from_db()
    assert (made.tag_key, bytes(made.tag)) == new

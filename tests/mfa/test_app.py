"""An app for codes: set up, asked for at every sign-in, each code once, and so many tries."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.factors import codes, keeping
from accounts.factors.codes import counter_of
from accounts.factors.events import Kind
from accounts.models import User, WrongCode
from tests.cast import NOW, PASSWORD, School
from tests.mfa.phone import (
    at_the_second_step,
    code_at,
    codes_in,
    is_in,
    now_shows,
    secret_in,
    set_up,
    wrong_for,
)
from tests.pages.visits import client_of, text_of
from tokens.models import Notice

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", RFC 6238 appendix B
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"}


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES.items())
def test_the_portal_knows_the_codes_of_the_standard(seconds: int, code: str) -> None:
    now = NOW + timedelta(seconds=seconds - NOW.timestamp())
    assert code_at(RFC_SECRET, seconds) == code
    assert counter_of(RFC_SECRET, code, now=now) == seconds // 30
    assert counter_of(RFC_SECRET, f" {code[:3]} {code[3:]}", now=now) == seconds // 30


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_half_a_minute_off_and_no_more(steps: int, is_good: bool) -> None:
    shown = code_at(RFC_SECRET, NOW.timestamp() + steps * 30)
    assert (counter_of(RFC_SECRET, shown, now=NOW) is not None) is is_good


def test_the_whole_way_from_setting_up_to_signing_in_by_it(school: School) -> None:
    client = client_of(school.student)
    secret = secret_in(client.get("/security/app/"))
    assert secret_in(client.get("/security/app/")) == secret  # whoever loads it anew has scanned the first
    made = client.post("/security/app/", {"code": now_shows(secret)})
    assert len(codes_in(made)) == 10
    assert "no-store" in made.headers["Cache-Control"]
    browser = at_the_second_step(school.student)
    assert not is_in(browser)
    answer = browser.post("/login/code/", {"code": now_shows(secret, 1)})  # that of now is used up
    assert (answer.status_code, answer.headers["Location"]) == (302, "/preferences/")
    assert is_in(browser)
    line = AuditEvent.objects.filter(action="session.begin").latest("pk")
    assert line.after == {"ways": ["password", "mfa"]}


def test_a_wrong_code_sets_nothing_up(school: School) -> None:
    client = client_of(school.student)
    secret = secret_in(client.get("/security/app/"))
    answer = client.post("/security/app/", {"code": wrong_for(secret)})
    assert "not right" in text_of(answer)
    assert secret_in(answer) == secret
    assert not Authenticator.objects.exists()


def test_no_second_app_takes_the_place_of_the_first(school: School) -> None:
    secret, _codes = set_up(school.student)
    client = client_of(school.student)
    assert client.get("/security/app/").headers["Location"] == "/security/"
    assert client.post("/security/app/", {"code": now_shows(secret)}).headers["Location"] == "/security/"
    assert keeping.add_app(school.student, secret, now_shows(secret), here=None, now=timezone.now()) is None


def test_the_password_alone_signs_nobody_in_who_has_an_app(school: School) -> None:
    set_up(school.student)
    client = at_the_second_step(school.student)
    for path in ("/tokens/", "/security/", "/api/v1/users/self"):
        assert client.get(path).status_code in (302, 401), path
    assert User.objects.get(pk=school.student.pk).last_login is None


def test_nobody_comes_to_the_second_step_without_the_first(school: School) -> None:
    secret, _codes = set_up(school.student)
    for client in (Client(), client_of(school.student)):
        answer = client.post("/login/code/", {"code": now_shows(secret)})
        assert answer.headers["Location"] in ("/login/", "/tokens/")
    assert not AuditEvent.objects.filter(action="session.begin").exists()


def test_a_code_is_good_once(school: School) -> None:
    secret, _codes = set_up(school.student)
    shown = now_shows(secret)
    first, second = at_the_second_step(school.student), at_the_second_step(school.student)
    assert first.post("/login/code/", {"code": shown}).status_code == 302
    assert "used already" in text_of(second.post("/login/code/", {"code": shown}))
    assert not is_in(second)


def test_the_code_that_set_an_app_up_signs_nobody_in(school: School) -> None:
    client = client_of(school.student)
    secret = secret_in(client.get("/security/app/"))
    shown = now_shows(secret)
    client.post("/security/app/", {"code": shown})
    browser = at_the_second_step(school.student)
    browser.post("/login/code/", {"code": shown})
    assert not is_in(browser)


def test_an_older_code_is_no_good_after_a_newer_one(school: School) -> None:
    secret, _codes = set_up(school.student)
    now = timezone.now()
    assert keeping.take_code(school.student, code_at(secret, now.timestamp() + 30), now=now)
    assert keeping.take_code(school.student, code_at(secret, now.timestamp()), now=now) is None


def test_after_five_wrong_codes_the_right_one_is_not_looked_at(school: School) -> None:
    secret, paper = set_up(school.student)
    client = at_the_second_step(school.student)
    for _ in range(codes.MOST_WRONG):
        assert "not right" in text_of(client.post("/login/code/", {"code": wrong_for(secret)}))
    for right in (now_shows(secret), paper[0]):
        assert "Too many codes were wrong" in text_of(client.post("/login/code/", {"code": right}))
    assert not is_in(client)
    elsewhere = at_the_second_step(school.student)  # another browser, another address: it is the person who is counted
    elsewhere.post("/login/code/", {"code": now_shows(secret)}, headers={"X-Forwarded-For": "203.0.113.9"})
    assert not is_in(elsewhere)


def test_a_quarter_of_an_hour_later_codes_are_looked_at_again(school: School) -> None:
    secret, _codes = set_up(school.student)
    now = timezone.now()
    early = now - codes.WINDOW
    WrongCode.objects.bulk_create(WrongCode(person=school.student, at=early) for _ in range(codes.MOST_WRONG))
    with pytest.raises(codes.TooManyWrong) as told:
        keeping.take_code(school.student, now_shows(secret), now=now - timedelta(seconds=1))
    assert told.value.again_at == now
    assert keeping.take_code(school.student, code_at(secret, now.timestamp()), now=now)
    assert not WrongCode.objects.exists()


def test_wrong_codes_while_setting_up_count_too(school: School) -> None:
    client = client_of(school.student)
    secret = secret_in(client.get("/security/app/"))
    for _ in range(codes.MOST_WRONG):
        client.post("/security/app/", {"code": wrong_for(secret)})
    assert "Too many" in text_of(client.post("/security/app/", {"code": now_shows(secret)}))


def test_a_recovery_code_signs_in_once_with_a_line_and_a_mail(school: School) -> None:
    _secret, paper = set_up(school.student)
    code = f"{paper[3][:4]} {paper[3][4:]}"
    first, second = at_the_second_step(school.student), at_the_second_step(school.student)
    assert first.post("/login/code/", {"code": code}).status_code == 302
    assert is_in(first)
    second.post("/login/code/", {"code": code})
    assert not is_in(second)
    line = AuditEvent.objects.get(action="factor.use_code")
    assert (line.person, line.after) == (school.student, {"left": 9})
    assert Notice.objects.get(event="factor.use_code").facts["left"] == 9
    assert "9 codes are left" in text_of(first.get("/security/"))


def test_new_recovery_codes_take_the_place_of_the_old(school: School) -> None:
    _secret, paper = set_up(school.student)
    fresh = codes_in(client_of(school.student).post("/security/codes/"))
    assert len(fresh) == 10
    assert keeping.take_code(school.student, paper[0], now=timezone.now()) is None
    assert keeping.take_code(school.student, fresh[0], now=timezone.now())
    assert Notice.objects.filter(event="factor.renew_codes", person=school.student).count() == 1


def test_whoever_has_no_second_step_gets_no_codes_for_it(school: School) -> None:
    client = client_of(school.student)
    assert client.post("/security/codes/").headers["Location"] == "/security/"
    assert keeping.renew_codes(school.student, here=None, now=timezone.now()) == []
    assert not Authenticator.objects.exists()


def test_codes_are_shown_once(school: School) -> None:
    _secret, paper = set_up(school.student)
    client = client_of(school.student)
    shown = "".join(text_of(client.get(path)) for path in ("/security/", "/security/codes/", "/preferences/"))
    assert not [code for code in paper if code in shown or f"{code[:4]} {code[4:]}" in shown]


def test_without_the_last_factor_the_password_alone_signs_in_again(school: School) -> None:
    set_up(school.student)
    factor = keeping.held_by(school.student).app
    assert factor
    client = client_of(school.student)
    assert "your password alone" in text_of(client.get(f"/security/{factor.pk}/remove/"))
    assert client.post(f"/security/{factor.pk}/remove/").headers["Location"] == "/security/"
    assert not Authenticator.objects.exists()  # nor the recovery codes
    assert Client().post("/login/", {"username": "student", "password": PASSWORD}).headers["Location"] == "/tokens/"


def test_nobody_removes_what_is_somebody_elses(school: School) -> None:
    set_up(school.student)
    factors = list(Authenticator.objects.values_list("pk", flat=True))
    for pk in factors:
        assert client_of(school.admin).post(f"/security/{pk}/remove/").status_code == 404
        assert not keeping.remove(school.admin, pk, here=None, now=timezone.now())
    assert Authenticator.objects.count() == len(factors) == 2


def test_each_change_is_in_the_trail_and_in_a_mail(school: School) -> None:
    set_up(school.student)
    keeping.renew_codes(school.student, here=None, now=timezone.now())
    factor = keeping.held_by(school.student).app
    assert factor
    keeping.remove(school.student, factor.pk, here=None, now=timezone.now())
    lines = AuditEvent.objects.filter(action__startswith="factor.", person=school.student).order_by("pk")
    actions = ["factor.add", "factor.renew_codes", "factor.remove"]
    assert [line.action for line in lines] == actions
    assert [line.actor for line in lines] == [school.student] * 3
    assert list(Notice.objects.order_by("pk").values_list("event", "person")) == [
        (action, school.student.pk) for action in actions
    ]


def test_no_secret_rests_in_clear(school: School) -> None:
    client = client_of(school.student)
    offered = secret_in(client.get("/security/app/"))
    secret, paper = set_up(school.teacher)
    rested = str(list(Authenticator.objects.values())) + str(dict(client.session))
    told = str(list(AuditEvent.objects.values())) + str(list(Notice.objects.values()))
    for each in (offered, secret, *paper):
        assert each not in rested + told


def test_a_page_with_the_secret_obeys_the_policy_of_contents(school: School) -> None:
    page = text_of(client_of(school.student).get("/security/app/"))
    assert "<svg" in page
    assert "style=" not in page
    assert "<?xml" not in page
    assert page.count("<script") == page.count('<script src="/static/')


def test_no_code_is_good_for_whoever_has_no_second_step(school: School) -> None:
    secret, paper = set_up(school.student)
    for code in (now_shows(secret), paper[0]):
        assert keeping.take_code(school.outsider, code, now=timezone.now()) is None


def test_whose_recovery_codes_are_gone_gets_new_ones(school: School) -> None:
    set_up(school.student)
    Authenticator.objects.filter(user=school.student, type=Kind.CODES).delete()
    new = keeping.renew_codes(school.student, here=None, now=timezone.now())
    assert keeping.take_code(school.student, new[0], now=timezone.now())


def test_a_second_step_works_no_more_for_whoever_was_switched_off_meanwhile(school: School) -> None:
    secret, _codes = set_up(school.student)
    client = at_the_second_step(school.student)
    User.objects.filter(pk=school.student.pk).update(is_active=False)
    assert client.post("/login/code/", {"code": now_shows(secret)}).headers["Location"] == "/login/"
    assert not is_in(client)
    assert not AuditEvent.objects.filter(action="session.begin").exists()

"""The rules for unusual use, by account: on a page and in the API."""

import pytest

from accounts.audit import AuditEvent
from tests.api.caller import bearer_of, session_of
from tests.cast import School
from tests.pages.visits import client_of, text_of
from tokens.models import Watch
from tokens.signals.rules import Rule
from tokens.signals.watching import watched

PATH = "/flags/rules/"


def held(school: School, rule: Rule) -> tuple[bool, dict[str, int]]:
    [one] = [each for each in watched(school.arts) if each.rule == rule]
    return one.is_on, one.limits


def test_a_rule_is_changed_in_an_account_and_left_to_the_one_above_again(school: School) -> None:
    admin, path = client_of(school.arts_admin), f"{PATH}?account={school.arts.pk}"
    before = held(school, Rule.JUMP)
    page = text_of(admin.get(path))
    assert "Use has jumped" in page
    assert "From 2 to 1,000; usually 10." in page
    said = {"rule": "jump", "is_on": "yes", "times": "25", "requests": "500"}
    assert "Saved." in text_of(admin.post(path, said, follow=True))
    assert held(school, Rule.JUMP) == (True, {"times": 25, "requests": 500})
    assert "It only watches until" in text_of(admin.get(path))
    assert AuditEvent.objects.filter(action="signal.change", account=school.arts).count() == 1
    admin.post(path, {"rule": "jump", "act": "inherit"})
    assert held(school, Rule.JUMP) == before
    admin.post(path, {"rule": "tried", "tries": "20"})
    assert held(school, Rule.TRIED)[0] is False


@pytest.mark.parametrize("typed", ["", "1", "1001", "many", "-5", "2.5", "٣"])
def test_a_number_that_cannot_be_is_told_and_changes_nothing(school: School, typed: str) -> None:
    before = list(Watch.objects.values())
    said = {"rule": "jump", "is_on": "yes", "times": typed, "requests": "500"}
    page = text_of(client_of(school.admin).post(PATH, said))
    assert 'aria-invalid="true"' in page
    assert list(Watch.objects.values()) == before


def test_it_is_for_who_edits_the_policy_of_the_account(school: School) -> None:
    for who, status in ((school.student, 403), (school.teacher, 403), (school.science_admin, 404)):
        assert client_of(who).get(f"{PATH}?account={school.arts.pk}").status_code == status
        assert client_of(who).post(f"{PATH}?account={school.arts.pk}", {"rule": "jump"}).status_code == status
    assert client_of(school.admin).post(PATH, {"rule": "nothing"}).status_code == 404
    before = list(Watch.objects.values())
    assert "no account above" in text_of(client_of(school.admin).post(PATH, {"rule": "jump", "act": "inherit"}))
    assert list(Watch.objects.values()) == before


def test_programs_read_and_change_the_rules(school: School) -> None:
    admin, path = session_of(school.arts_admin), f"accounts/{school.arts.pk}/flag_rules"
    rules = {each["rule"]: each for each in admin.get(path).body}
    assert set(rules) == {rule.value for rule in Rule}
    changed = {each["rule"]: each for each in admin.put(path, {"rule": "tried", "is_on": True, "tries": 5}).body}
    assert (changed["tried"]["is_on"], changed["tried"]["limits"]) == (True, {"tries": 5})
    assert changed["tried"]["set_in"] == school.arts.pk
    assert admin.put(path, {"rule": "jump", "times": None}).status == 200
    assert session_of(school.admin).put("accounts/self/flag_rules", {"rule": "jump", "inherit": True}).refusal == (
        400,
        "nothing_above",
    )
    assert admin.put(path, {"rule": "tried", "tries": 0}).refusal == (400, "number_out_of_range")
    assert admin.put(path, {"rule": "nothing"}).refusal == (400, "rule_unknown")
    back = {each["rule"]: each for each in admin.put(path, {"rule": "tried", "inherit": True}).body}
    assert back["tried"]["set_in"] != school.arts.pk
    assert session_of(school.science_admin).get(path).status == 404
    assert session_of(school.student).get(path).status == 404
    assert bearer_of(school.arts_admin).put(path, {"rule": "tried"}).refusal == (403, "insufficient_scope")

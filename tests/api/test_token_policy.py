"""The settings of an account over the API: shown, previewed, changed, waiting, undone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import OpenState
from policies import planning, settings
from policies.models import PlannedChange, Policy, Stage
from tests.api.caller import Caller, bearer_of, manager_of, session_of
from tests.cast import School, token

PATH = "accounts/self/token_policy"
READING = "url:GET|/api/v1/accounts/:account_id/token_policy"
DAY = timedelta(days=1)


def here(school: School) -> str:
    return f"accounts/{school.arts.pk}/token_policy"


def quote(caller: Caller, body: dict[str, Any], path: str = PATH) -> str:
    answer = caller.post(f"{path}/preview", body)
    assert answer.status == 200
    return str(answer.body["quote"])


def timeless(preview: dict[str, Any]) -> dict[str, Any]:
    """A preview without what it says of the second in which it was made."""
    tokens = [{**each, "new_end": None} for each in preview["tokens"]]
    return {**preview, "tokens": tokens, "quote": None, "takes_effect_at": None}


def test_every_setting_says_what_holds_and_whose_word_and_lock_that_is(school: School) -> None:
    now = timezone.now()
    settings.change(school.root, {"student_cap_days": 60, "locked": ["student_cap_days"]}, actor=None, now=now)
    settings.change(school.arts, {"audience": "no_students"}, actor=None, now=now)
    found = bearer_of(school.arts_admin).get(here(school)).body
    assert found["account_id"] == school.arts.pk
    policy = found["token_policy"]
    assert set(policy) == set(settings.differing(school.arts, dict.fromkeys(policy, object())))
    root, arts = school.root.pk, school.arts.pk
    assert policy["student_cap_days"] == {
        "value": 60, "own": None, "origin": root, "locked": True, "locked_by": root, "locks": False
    }  # fmt: skip
    assert (policy["audience"]["value"], policy["audience"]["origin"]) == ("no_students", arts)
    assert (policy["tokens_at_once"]["value"], policy["tokens_at_once"]["origin"]) == (0, None)
    above = bearer_of(school.admin).get(PATH).body["token_policy"]
    assert [above["student_cap_days"][name] for name in ("own", "origin", "locked", "locks")] == [60, root, False, True]


def test_what_a_lock_overrules_has_its_origin_above(school: School) -> None:
    now = timezone.now()
    settings.change(school.arts, {"student_cap_days": 90}, actor=None, now=now)
    settings.change(school.root, {"student_cap_days": 30, "locked": ["student_cap_days"]}, actor=None, now=now)
    found = bearer_of(school.arts_admin).get(here(school)).body["token_policy"]["student_cap_days"]
    assert (found["value"], found["own"], found["origin"]) == (30, 90, school.root.pk)


def test_what_nobody_notices_is_saved_at_once(school: School) -> None:
    answer = manager_of(school.admin).put(PATH, {"token_policy": {"guidance_text": "Ask first.", "tokens_at_once": 9}})
    assert answer.status == 200
    assert answer.body["token_policy"]["guidance_text"]["value"] == "Ask first."
    assert answer.body["change"] is None
    assert Policy.objects.get().tokens_at_once == 9


def test_what_shortens_tokens_is_looked_at_first_and_then_waits(school: School) -> None:
    token(school.student, days=119, now=timezone.now())
    admin, body = manager_of(school.admin), {"token_policy": {"student_cap_days": 30}}
    refused = admin.put(PATH, body)
    assert refused.refusal == (409, "preview_needed")
    seen = refused.body["preview"]
    assert (seen["changed"], seen["figures"]["shortened"]) == (["student_cap_days"], 1)
    [hit] = seen["tokens"]
    assert (hit["user_id"], hit["purpose"]) == (school.student.pk, "Grade dashboard")
    assert hit["new_end"] < hit["expires_at"]
    assert any("1 token gets an earlier end" in words for words in seen["words"])
    assert timeless(seen) == timeless(admin.post(f"{PATH}/preview", body).body)
    answer = admin.put(PATH, {**body, "quote": seen["quote"]})
    assert answer.status == 200
    change = answer.body["change"]
    assert (change["stage"], change["values"], change["before"]) == (
        "waiting", {"student_cap_days": 30}, {"student_cap_days": None}
    )  # fmt: skip
    assert change["figures"] == seen["figures"]
    assert answer.body["token_policy"]["student_cap_days"]["value"] == 120
    assert admin.put(PATH, {**body, "quote": seen["quote"]}).refusal == (409, "change_waiting")


def test_what_came_of_it_is_said(school: School) -> None:
    token(school.student, days=119, now=timezone.now())
    admin, body = manager_of(school.admin), {"token_policy": {"student_cap_days": 30}}
    [words] = admin.put(PATH, {**body, "quote": quote(admin, body)}).body["words"]
    assert words.startswith("Saved. It takes effect on ")
    assert "touches 1 token; until then it can be undone." in words
    assert admin.put(PATH, {}).body["words"] == ["Nothing had changed."]


def test_a_change_that_waits_above_is_told_below(school: School) -> None:
    token(school.student, days=119, now=timezone.now())
    admin, body = manager_of(school.admin), {"token_policy": {"student_cap_days": 30}}
    planned = admin.put(PATH, {**body, "quote": quote(admin, body)}).body["change"]
    below = manager_of(school.arts_admin)
    seen = below.get(here(school)).body
    assert (seen["change"], seen["changes_above"]) == (None, [planned])
    assert planned["account_id"] == school.root.pk
    assert below.delete(f"{here(school)}/change").refusal == (409, "change_not_waiting")
    assert PlannedChange.objects.get().stage == Stage.WAITING


def test_an_outdated_preview_is_shown_again(school: School) -> None:
    now = timezone.now()
    token(school.student, days=119, now=now)
    admin, body = manager_of(school.admin), {"token_policy": {"student_cap_days": 30}}
    quoted = quote(admin, body)
    token(school.other_student, days=119, now=now)
    refused = admin.put(PATH, {**body, "quote": quoted})
    assert refused.refusal == (409, "preview_outdated")
    assert refused.body["preview"]["figures"]["shortened"] == 2
    assert admin.put(PATH, {**body, "quote": refused.body["preview"]["quote"]}).status == 200


def test_without_grace_the_number_has_to_be_typed(school: School) -> None:
    made = token(school.student, days=119, now=timezone.now()).token
    admin, body = manager_of(school.admin), {"token_policy": {"student_cap_days": 30}, "grace_days": 0}
    body["quote"] = quote(admin, body)
    refused = admin.put(PATH, body)
    assert refused.refusal == (409, "count_not_typed")
    assert refused.body["preview"]["figures"]["shortened"] == 1
    answer = admin.put(PATH, {**body, "typed": 1})
    assert answer.body["token_policy"]["student_cap_days"]["value"] == 30
    assert answer.body["change"] is None
    made.refresh_from_db()
    assert made.expires_at is not None
    assert made.expires_at < timezone.now() + 31 * DAY


def test_a_waiting_change_is_undone_once(school: School) -> None:
    token(school.student, days=119, now=timezone.now())
    admin, body = session_of(school.admin), {"token_policy": {"student_cap_days": 30}}
    assert admin.put(PATH, {**body, "quote": quote(admin, body)}).body["change"]["stage"] == "waiting"
    assert admin.delete(f"{PATH}/change").body["change"] is None
    assert PlannedChange.objects.get().stage == Stage.UNDONE
    assert admin.delete(f"{PATH}/change").refusal == (409, "change_not_waiting")


def test_what_losers_hold_ends_as_the_body_says(school: School) -> None:
    token(school.student, days=119, now=timezone.now())
    end = (timezone.now() + 40 * DAY).isoformat()
    body = {
        "token_policy": {"audience": "admins_only"},
        "existing": "end_on",
        "existing_end": end,
        "grace_days": 7,
        "spread_days": 0,
    }
    admin = manager_of(school.admin)
    change = admin.put(PATH, {**body, "quote": quote(admin, body)}).body["change"]
    assert (change["existing"], change["existing_end"][:10]) == ("end_on", end[:10])
    assert planning.due(now=timezone.now() + 7 * DAY) == [change["id"]]


def test_a_form_says_the_same_as_json(school: School) -> None:
    admin = manager_of(school.admin)
    said = {"token_policy": {"tokens_at_once": "7", "scopes_required": "false", "student_scopes": ""}}
    assert admin.put(PATH, said).status == 200
    policy = Policy.objects.get()
    assert (policy.tokens_at_once, policy.scopes_required, policy.student_scopes) == (7, False, None)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"token_policy": {"student_cap_days": 121}}, "cap_out_of_range", "student_cap_days"),
        ({"token_policy": {"student_cap_days": True}}, "cap_out_of_range", "student_cap_days"),
        ({"token_policy": {"student_cap_days": 1.5}}, "cap_out_of_range", "student_cap_days"),
        ({"token_policy": {"audience": ["everyone"]}}, "audience_unknown", "audience"),
        ({"token_policy": {"audience": {"a": {}}}}, "audience_unknown", "audience"),
        ({"token_policy": {"locked": ["nothing"]}}, "setting_invalid", "locked"),
        ({"token_policy": {"locked": None}}, "setting_invalid", "locked"),
        ({"token_policy": {"student_scopes": [1]}}, "setting_invalid", "student_scopes"),
        ({"token_policy": {"guidance_text": "a\0b"}}, "guidance_unreadable", "guidance_text"),
        ({"token_policy": {"nothing": 1}}, "setting_invalid", "nothing"),
        ({"token_policy": []}, "parameter_invalid", "token_policy"),
        ({"existing": "burn"}, "existing_unknown", "existing"),
        ({"existing": "end_on"}, "existing_end_required", "existing_end"),
        ({"existing_end": "soon"}, "expiry_invalid", "existing_end"),
        ({"grace_days": -1}, "number_out_of_range", "grace_days"),
        ({"grace_days": True}, "parameter_invalid", "grace_days"),
        ({"spread_days": 10**30}, "number_out_of_range", "spread_days"),
        ({"typed": "many"}, "parameter_invalid", "typed"),
        ({"quote": 5}, "parameter_invalid", "quote"),
    ],
)
def test_what_cannot_be_is_refused_by_name(school: School, said: dict[str, Any], code: str, field: str) -> None:
    answer = manager_of(school.admin).put(PATH, {"token_policy": {"student_cap_days": 100}, **said})
    assert (answer.status, answer.code, answer.body["errors"][0]["field"]) == (400, code, field)
    assert not Policy.objects.exists()


def test_it_is_out_of_reach_without_the_right(school: School) -> None:
    type(school.science).objects.filter(pk=school.science.pk).update(state=OpenState.DELETED)
    beyond = [
        (school.science_admin, here(school)), (school.student, PATH), (school.arts_admin, PATH),
        (school.admin, f"accounts/{school.science.pk}/token_policy"), (school.admin, "accounts/9999999/token_policy"),
    ]  # fmt: skip
    for user, path in beyond:
        caller, body = session_of(user), {"token_policy": {"student_cap_days": 30}}
        answers = [caller.put(path, body), caller.post(f"{path}/preview", body), caller.delete(f"{path}/change")]
        assert {answer.refusal for answer in [*answers, caller.get(path)]} == {(404, "not_found")}
    assert not Policy.objects.exists()


def test_a_token_changes_settings_only_if_it_was_made_to_manage(school: School) -> None:
    token(school.student, days=119, now=timezone.now())
    body = {"token_policy": {"student_cap_days": 30}}
    session = session_of(school.admin)
    assert session.put(PATH, {**body, "quote": quote(session, body)}).status == 200
    for caller in (bearer_of(school.admin), bearer_of(school.admin, scopes=(READING,))):
        for answer in (caller.put(PATH, {"token_policy": {"tokens_at_once": 9}}), caller.delete(f"{PATH}/change")):
            assert answer.refusal == (403, "insufficient_scope")
            assert answer.headers["WWW-Authenticate"].endswith('scope="tokens:manage"')
        assert caller.get(PATH).status == 200
        assert quote(caller, body)
    assert PlannedChange.objects.get().stage == Stage.WAITING
    assert not Policy.objects.exists()


def test_a_token_with_other_scopes_does_not_even_look(school: School) -> None:
    caller = bearer_of(school.admin, scopes=("url:GET|/api/v1/users/:id",))
    answers = [caller.get(PATH), caller.post(f"{PATH}/preview", {"token_policy": {"student_cap_days": 30}})]
    assert {answer.refusal for answer in answers} == {(403, "insufficient_scope")}
    assert {answer.headers["WWW-Authenticate"].partition('scope="')[2] for answer in answers} == {f'{READING}"'}

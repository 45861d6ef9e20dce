"""Emergency stops in the API: begun, listed, reported on, lifted, and what is paused revoked."""

from typing import Any

from tests.api.caller import bearer_of, manager_of, session_of
from tests.cast import School, token
from tests.pages.visits import token_of
from tokens import bulk, tasks
from tokens.models import BulkAct, Pause

WHY = {"reason_code": "misuse_suspected", "reason": "Calls at night"}


def begin(school: School, **said: Any) -> int:
    answer = session_of(school.admin).post(f"accounts/{school.arts.pk}/pauses", {"whom": "account", **WHY, **said})
    assert answer.status == 200, answer.body
    number: int = answer.body["id"]
    return number


def test_a_pause_is_begun_listed_shown_and_lifted(school: School) -> None:
    made = token_of(school.student)
    admin, path = manager_of(school.arts_admin), f"accounts/{school.arts.pk}/pauses"
    begun = admin.post(path, {"whom": "role", "role": "student", "words": "Keep calm.", **WHY})
    assert (begun.status, begun.body["whom"], begun.body["role"]) == (200, "role", "student")
    assert (begun.body["reason_code"], begun.body["covered"]["tokens"]) == ("misuse_suspected", 1)
    assert admin.post(path, {"whom": "role", "role": "student", **WHY}).code == "already_paused"
    [listed] = admin.get(f"{path}?state=open").body
    one = f"{path}/{listed['id']}"
    tasks.report_pauses()
    shown = admin.get(one).body
    assert (shown["told"], shown["report"]["tokens"], shown["report"]["people"]) == (1, 1, 1)
    [line] = admin.get(f"{one}/tokens").body
    assert (line["token_id"], line["user_id"], line["state"]) == (made.pk, school.student.pk, "active")
    assert admin.get(f"{one}/tokens?part=tried").body == []
    assert admin.post(f"{one}/lift").body["lifted_by"] == school.arts_admin.pk
    assert admin.post(f"{one}/lift").code == "pause_lifted"
    assert admin.get(f"{path}?state=open").body == []
    assert len(admin.get(f"{path}?state=lifted").body) == 1


def test_what_is_asked_for_has_to_fit(school: School) -> None:
    admin, path = session_of(school.admin), f"accounts/{school.arts.pk}/pauses"
    for said in ({}, {"whom": "everything"}, {"whom": "role", "role": "king"}, {"whom": "planet"}):
        assert admin.post(path, {**WHY, **said}).refusal == (400, "whom_unknown"), said
    assert admin.post(path, {"whom": "course", "course": "PHYS 101", **WHY}).code == "course_unknown"
    assert admin.post(path, {"whom": "account"}).refusal == (400, "reason_missing")
    assert admin.post(path, {"whom": "account", "reason_code": "boredom"}).code == "reason_code_unknown"
    assert not Pause.objects.exists()
    assert admin.post(path, {"whom": "course", "course": "hist 101", **WHY}).status == 200
    assert admin.post("accounts/self/pauses", {"whom": "everything", **WHY}).status == 200


def test_out_of_reach_is_as_if_it_were_not_there(school: School) -> None:
    number = begin(school)
    for who in (school.science_admin, school.teacher, school.student):
        caller = session_of(who)
        for path in ("", f"/{number}", f"/{number}/tokens"):
            assert caller.get(f"accounts/{school.arts.pk}/pauses{path}").status == 404
        assert caller.post(f"accounts/{school.arts.pk}/pauses/{number}/lift").status == 404
    assert session_of(school.science_admin).get(f"accounts/{school.science.pk}/pauses/{number}").status == 404
    assert Pause.objects.in_force().exists()


def test_who_reaches_less_than_it_stops_sees_it_and_may_not_lift_it(school: School) -> None:
    token(school.science_admin)
    whole = session_of(school.admin).post("accounts/self/pauses", {"whom": "everything", **WHY}).body["id"]
    tasks.report_pauses()
    arts, path = session_of(school.arts_admin), f"accounts/{school.arts.pk}/pauses/{whole}"
    assert arts.get(path).body["report"]["tokens"] == 0
    assert arts.post(f"{path}/lift").status == 403
    assert arts.post(f"{path}/revoke", {"number": 0}).status == 403


def test_a_token_pauses_only_with_the_scope_to_manage(school: School) -> None:
    caller = bearer_of(school.admin)
    assert caller.post("accounts/self/pauses", {"whom": "everything", **WHY}).status == 403
    assert caller.get("accounts/self/pauses").body == []


def test_what_is_paused_is_revoked_when_its_number_is_sent(school: School) -> None:
    made = token_of(school.student)
    number, admin = begin(school), session_of(school.admin)
    path = f"accounts/{school.arts.pk}/pauses/{number}/revoke"
    for typed in (None, 0, 2):
        assert admin.post(path, {"number": typed, **WHY}).refusal == (409, "count_not_typed")
    assert admin.post(path, {"number": "one"}).refusal == (400, "parameter_invalid")
    answer = admin.post(path, {"number": 1, **WHY})
    assert answer.body["count"] == 1
    list(bulk.carry_out(answer.body["id"], clock=lambda: BulkAct.objects.get().made_at))
    made.refresh_from_db()
    assert (made.state, made.revoked_code) == ("revoked", "misuse_suspected")
    assert BulkAct.objects.get().filters == {"pause": number}

"""Unusual use in the API: listed, explained by owners, decided by administrators."""

from tests.api.caller import bearer_of, manager_of, session_of
from tests.cast import School
from tests.pages.test_flags import SENTENCE, flag_of


def test_flags_of_an_account_are_listed_by_state_and_rule(school: School) -> None:
    flag = flag_of(school.student)
    admin = manager_of(school.arts_admin)
    [listed] = admin.get(f"accounts/{school.arts.pk}/flags?state=open&rule=networks").body
    assert (listed["id"], listed["user_id"], listed["sentence"]) == (flag.pk, school.student.pk, SENTENCE)
    assert admin.get(f"accounts/{school.arts.pk}/flags?state=dismissed").body == []
    assert admin.get(f"accounts/{school.science.pk}/flags").status == 404
    assert bearer_of(school.teacher).get("accounts/self/flags").status == 404


def test_an_administrator_decides_and_the_token_lives_on(school: School) -> None:
    flag, admin = flag_of(school.student), manager_of(school.admin)
    assert admin.put(f"flags/{flag.pk}", {"state": "gone"}).refusal == (400, "decision_unknown")
    assert admin.put(f"flags/{flag.pk}", {"state": "dismissed"}).refusal == (400, "reason_missing")
    done = admin.put(f"flags/{flag.pk}", {"state": "confirmed"})
    assert (done.body["state"], done.body["decided_by"]) == ("confirmed", school.admin.pk)
    assert admin.put(f"flags/{flag.pk}", {"state": "confirmed"}).refusal == (400, "flag_decided")
    flag.token.refresh_from_db()
    assert flag.token.state == "active"


def test_who_may_not_decide_finds_nothing(school: School) -> None:
    flag, own = flag_of(school.student), flag_of(school.admin)
    for who in (school.student, school.science_admin):
        status = session_of(who).put(f"flags/{flag.pk}", {"state": "confirmed"}).status
        assert status == (400 if who == school.student else 404)
    assert session_of(school.admin).put(f"flags/{own.pk}", {"state": "confirmed"}).code == "flag_of_oneself"
    assert bearer_of(school.admin).put(f"flags/{flag.pk}", {"state": "confirmed"}).status == 403


def test_an_owner_explains_what_they_were_told_of(school: School) -> None:
    flag, watched = flag_of(school.student), flag_of(school.student, told=False)
    student = session_of(school.student)
    assert student.put(f"users/self/flags/{flag.pk}", {"words": ""}).refusal == (400, "reason_missing")
    assert student.put(f"users/self/flags/{flag.pk}", {"words": "My script"}).body["words"] == "My script"
    assert student.put(f"users/self/flags/{watched.pk}", {"words": "My script"}).status == 404
    assert session_of(school.admin).put(f"users/self/flags/{flag.pk}", {"words": "No"}).status == 404

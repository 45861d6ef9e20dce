"""Which mails one wants, in the API."""

import pytest

from accounts.mails import Mail
from accounts.models import User
from tests.api.caller import bearer_of, manager_of, session_of
from tests.cast import School

PATH = "users/self/mail_preferences"
ALL = {**dict.fromkeys((kind.value for kind in Mail), True), "digest": "weekly"}


def test_everybody_reads_and_changes_their_own(school: School) -> None:
    student = session_of(school.student)
    assert student.get(PATH).body == ALL
    assert student.put(PATH, {"ending": False, "messages": False}).body == {**ALL, "ending": False, "messages": False}
    assert student.put(PATH, {"messages": True}).body == {**ALL, "ending": False}
    assert student.put(PATH, {"ending": None}).body == student.get(PATH).body == {**ALL, "ending": False}
    assert bearer_of(school.teacher).get(PATH).body == ALL


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"security": False}, (400, "mail_needed")),
        ({"ending": "sometimes"}, (400, "parameter_invalid")),
        ({"digest": "hourly"}, (400, "digest_unknown")),
        ({"digest": True}, (400, "parameter_invalid")),
    ],
)
def test_what_cannot_be_chosen_is_refused(school: School, said: dict[str, object], refusal: tuple[int, str]) -> None:
    assert session_of(school.student).put(PATH, {"messages": False, **said}).refusal == refusal
    assert User.objects.get(pk=school.student.pk).unwanted_mails == []


def test_administrators_choose_how_often_their_overview_comes(school: School) -> None:
    admin = session_of(school.admin)
    assert admin.put(PATH, {"digest": "daily"}).body == {**ALL, "digest": "daily"}
    assert admin.put(PATH, {"ending": False}).body == {**ALL, "ending": False, "digest": "daily"}


def test_a_token_changes_nothing_unless_it_manages(school: School) -> None:
    assert bearer_of(school.student).put(PATH, {"ending": False}).status == 403
    assert manager_of(school.admin).put(PATH, {"ending": False, "security": True}).body == {**ALL, "ending": False}

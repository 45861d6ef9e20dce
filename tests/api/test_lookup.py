"""POST /tokens/lookup."""

from accounts.audit import AuditEvent
from accounts.roles import Base
from tests.api.caller import bearer_of, made, session_of
from tests.cast import School, enroll, person, role


def test_a_token_is_told_with_its_owner_and_whether_its_secret_is_right(school: School) -> None:
    issued = made(school.student)
    answer = session_of(school.admin).post("tokens/lookup", {"text": issued.secret})
    [found] = answer.body["tokens"]
    assert (answer.status, found["secret"], found["owner"]["login_id"]) == (200, "current", "student")
    assert (found["token"]["id"], found["token"]["state"]) == (issued.token.pk, "active")
    assert issued.secret.rsplit("_", 1)[1] not in str(answer.body)
    assert AuditEvent.objects.get(action="token.lookup").subject_id == issued.token.pk


def test_out_of_reach_is_not_found(school: School) -> None:
    scientist = person("scientist")
    enroll(scientist, role(Base.STUDENT), course=school.physics)
    arts = session_of(school.arts_admin)
    nothing: dict[str, list[object]] = {"tokens": [], "services": []}
    assert arts.post("tokens/lookup", {"text": made(scientist).secret}).body == nothing
    assert arts.post("tokens/lookup", {}).body == nothing


def test_it_takes_the_right_to_see_tokens(school: School) -> None:
    assert session_of(school.student).post("tokens/lookup", {"text": "x"}).refusal == (403, "forbidden")


def test_a_token_with_scopes_needs_that_of_listing_tokens(school: School) -> None:
    lists = "url:GET|/api/v1/users/:user_id/user_generated_tokens"
    other = bearer_of(school.admin, scopes=("url:GET|/api/v1/users/:id",))
    assert other.post("tokens/lookup", {"text": "x"}).refusal == (403, "insufficient_scope")
    assert bearer_of(school.admin, scopes=(lists,)).post("tokens/lookup", {"text": "x"}).status == 200
    assert bearer_of(school.admin).post("tokens/lookup", {"text": "x"}).status == 200

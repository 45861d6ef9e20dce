"""Whose token is this? What a pasted text tells an administrator, and what is kept of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.roles import Base
from tests import cast
from tests.cast import School, enroll, person, role
from tests.journeys.test_no_secret_at_rest import dump_of_database
from tests.pages.visits import client_of, text_of
from tokens import lifecycle, secrets, verifiers
from tokens.lifecycle import Issued
from tokens.models import AccessToken

NOTHING = "No token that you may see fits"


def made(owner: User, purpose: str = "Grade dashboard") -> Issued:
    return cast.token(owner, purpose=purpose, now=timezone.now())


def ask(viewer: User, text: str) -> Any:
    return client_of(viewer).post("/lookup/", {"text": text})


def told(viewer: User, text: str) -> str:
    answer = ask(viewer, text)
    assert answer.status_code == 200
    return text_of(answer)


def test_it_is_for_who_may_see_tokens_of_others(school: School) -> None:
    assert client_of(school.arts_admin).get("/lookup/").status_code == 200
    for user in (school.student, school.teacher):
        assert client_of(user).get("/lookup/").status_code == 403
        assert ask(user, made(school.admin).secret).status_code == 403
    assert 'href="/lookup/"' in text_of(client_of(school.arts_admin).get("/tokens/"))
    assert 'href="/lookup/"' not in text_of(client_of(school.student).get("/tokens/"))


def test_a_pasted_token_tells_whose_it_is_and_that_its_secret_is_right(school: School) -> None:
    issued = made(school.student)
    page = told(school.admin, f"  {issued.secret}\n")
    for words in ("Grade dashboard", school.student.name, "Active", "is the right one", "Revoke as leaked", "Suspend"):
        assert words in page


def test_a_wrong_secret_is_told_from_the_right_one(school: School) -> None:
    token = made(school.student).token
    body = f"tpat_{token.lookup_id}_{'x' * secrets.SECRET_LENGTH}"
    page = told(school.admin, body + secrets.checksum(body))
    assert "is not that of this token" in page
    assert "is the right one" not in page


def test_a_secret_from_before_a_regeneration_is_told_to_be_that(school: School) -> None:
    issued = made(school.student)
    lifecycle.regenerate(issued.token, actor=school.student, now=timezone.now())
    assert "from before it was regenerated; nobody gets in with it" in told(school.admin, issued.secret)


def test_a_secret_that_works_beside_a_new_one_is_told_to_do_so(school: School) -> None:
    issued, hour = made(school.student), timedelta(hours=1)
    lifecycle.regenerate(issued.token, overlap=hour, actor=school.student, now=timezone.now())
    assert "works beside the new secret" in told(school.admin, issued.secret)


@pytest.mark.parametrize(
    "text",
    [
        "{0}",
        "{1}",
        "tpat_{1}…",
        '127.0.0.1 - - "GET /api/v1/courses" 401 token=tpat_{0}_… rid=0123456789abcdef0123456789abcdef',
        'INFO {{"hint": "{0}", "status": 401}}',
        "Authorization: Bearer tpat_{0}_cutoff",
    ],
)
def test_it_is_found_by_whatever_names_it(school: School, text: str) -> None:
    token = made(school.student).token
    page = told(school.admin, text.format(token.lookup_id, token.lookup_id[:6]))
    assert "Grade dashboard" in page
    assert "is the right one" not in page


def test_several_in_one_text_are_all_listed(school: School) -> None:
    first, second = made(school.student, "The first"), made(school.teacher, "The second")
    page = told(school.admin, f"a={first.secret}\nb={second.token.lookup_id}, again {first.token.lookup_id}")
    assert page.count('class="card hit"') == 2
    assert "The first" in page
    assert "The second" in page


def test_out_of_reach_answers_exactly_like_not_there(school: School) -> None:
    scientist = person("scientist")
    enroll(scientist, role(Base.STUDENT), course=school.physics)
    theirs = made(scientist, "In the sciences")
    asking = client_of(school.arts_admin)

    def answer(text: str) -> str:
        page = text_of(asking.post("/lookup/", {"text": text}))
        return page[page.index('id="answer"') : page.index("</main>")]

    nothing = answer(secrets.generate().text)
    assert NOTHING in nothing
    assert answer(theirs.secret) == answer(theirs.token.lookup_id) == answer("hello") == nothing


def test_what_is_offered_is_what_the_viewer_may_do(school: School) -> None:
    token = made(school.admin, "Of the chief").token
    page = told(school.arts_admin, token.lookup_id)
    assert NOTHING in page
    own = told(school.admin, token.lookup_id)
    assert f"/tokens/{token.pk}/revoke/?reason=leaked" in own
    assert f"/tokens/{token.pk}/suspend/" not in own


def test_the_look_up_is_in_the_trail_and_the_secret_nowhere(school: School) -> None:
    issued = made(school.student)
    page = told(school.admin, f"found this: {issued.secret}")
    told(school.admin, "nothing here")
    first, second = AuditEvent.objects.filter(action="token.lookup").order_by("pk")
    assert (first.actor, first.person, first.subject_id) == (school.admin, school.student, issued.token.pk)
    assert first.after == {"count": 1, "lookup_ids": [issued.token.lookup_id]}
    assert (second.person, second.after) == (None, {"count": 0, "lookup_ids": []})
    secret = issued.secret.rsplit("_", 1)[1]
    assert secret not in page
    assert secret not in dump_of_database()
    trail = text_of(client_of(school.admin).get("/audit/?kind=token"))
    assert "Looked up whose token" in trail


def test_nothing_pasted_is_kept_by_the_browser(school: School) -> None:
    answer = ask(school.admin, "some text that was pasted")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "some text that was pasted" not in text_of(answer)
    assert 'autocomplete="off"' in text_of(answer)


def test_a_service_is_recognised_for_who_edits_the_policy_of_the_whole_school(school: School) -> None:
    made_now = verifiers.register("Gradebook", owner=school.teacher, actor=school.admin, now=timezone.now())
    page = told(school.admin, made_now.secret)
    assert "Gradebook" in page
    assert "the service’s own" in page
    assert NOTHING in told(school.arts_admin, made_now.secret)


def test_the_link_to_the_end_says_why(school: School) -> None:
    token = made(school.student).token
    page = text_of(client_of(school.admin).get(f"/tokens/{token.pk}/revoke/?reason=leaked"))
    assert 'value="Token exposed in public"' in page


def test_a_token_pasted_into_the_search_of_all_tokens_leads_to_the_look_up(school: School) -> None:
    issued = made(school.student)
    page = text_of(client_of(school.admin).get("/inventory/", {"q": issued.secret}, follow=True))
    assert issued.secret.rsplit("_", 1)[1] not in page
    assert f'name="text" value="tpat_{issued.token.lookup_id}_…"' in page
    assert 'name="text"' not in text_of(client_of(school.admin).get("/inventory/?q=dashboard"))


def test_a_text_of_some_kilobytes_costs_a_bounded_number_of_queries(
    school: School, django_assert_max_num_queries: Any
) -> None:
    few = " ".join(made(school.student, f"No {n}").token.lookup_id for n in range(3))
    client = client_of(school.admin)
    with django_assert_max_num_queries(20):
        client.post("/lookup/", {"text": few + " word-of-a-log tpat_" * 500})
    assert AccessToken.objects.count() == 3

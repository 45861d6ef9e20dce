"""Canvas' own Python client, at a running portal: only the address is another."""

import pytest
import requests
from canvasapi import Canvas
from canvasapi.exceptions import Forbidden, InvalidAccessToken, ResourceDoesNotExist
from canvasapi.util import combine_kwargs

from tests.portal import Portal

pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly")  # it expects https
PASSWORD = "tokenportal"


def sign_in(portal: Portal, login_id: str) -> requests.Session:
    """Somebody's browser, with its CSRF token on every request."""
    session = requests.Session()
    session.get(f"{portal.url}/login/")
    session.headers["X-CSRFToken"] = session.cookies["csrftoken"]
    session.post(f"{portal.url}/login/", {"username": login_id, "password": PASSWORD}, allow_redirects=False)
    session.headers["X-CSRFToken"] = session.cookies["csrftoken"]
    return session


def new_token(portal: Portal, login_id: str, *scopes: str) -> str:
    values = {"token[purpose]": "Canvas' client", "token[expires_at]": "", "token[scopes][]": scopes}
    with sign_in(portal, login_id) as session:
        answer = session.post(f"{portal.url}/api/v1/users/self/tokens", values)
    secret: str = answer.json()["visible_token"]
    return secret


@pytest.fixture(scope="module")
def admin(running_portal: Portal) -> Canvas:
    return Canvas(running_portal.url, new_token(running_portal, "admin", "tokens:manage"))


def test_it_learns_who_it_is(running_portal: Portal) -> None:
    teacher = Canvas(running_portal.url, new_token(running_portal, "teacher")).get_current_user()
    assert teacher.login_id == "teacher"
    assert teacher.get_profile()["primary_email"]


def test_it_knows_a_bad_token(running_portal: Portal) -> None:
    for bad in ("nonsense", new_token(running_portal, "teacher")[:-1] + "x"):
        with pytest.raises(InvalidAccessToken):
            Canvas(running_portal.url, bad).get_current_user()


def test_it_knows_a_revoked_token(running_portal: Portal) -> None:
    secret = new_token(running_portal, "teacher")
    requests.delete(
        f"{running_portal.url}/api/v1/tokens/self", headers={"Authorization": f"Bearer {secret}"}, timeout=60
    )
    with pytest.raises(InvalidAccessToken, match=r"Revoked access token\."):
        Canvas(running_portal.url, secret).get_current_user()


def test_it_finds_people_by_number_and_sis_id_where_it_may(running_portal: Portal, admin: Canvas) -> None:
    teacher = Canvas(running_portal.url, new_token(running_portal, "teacher"))
    me = teacher.get_current_user()
    assert admin.get_user(me.id).login_id == "teacher"
    if me.sis_user_id:
        assert admin.get_user(me.sis_user_id, "sis_user_id").id == me.id
    with pytest.raises(ResourceDoesNotExist):
        teacher.get_user(admin.get_current_user().id)


def test_its_forms_make_regenerate_and_delete_a_token(admin: Canvas) -> None:
    """The client has no methods for tokens of its own; its requester sends what they would send."""
    send = admin._Canvas__requester.request
    wanted = combine_kwargs(token={"purpose": "Made by the client", "expires_at": "2099-01-01T00:00:00Z"})
    made = send("POST", "users/self/tokens", _kwargs=wanted).json()
    again = send("PUT", f"users/self/tokens/{made['id']}", _kwargs=combine_kwargs(token={"regenerate": True})).json()
    assert again["visible_token"] != made["visible_token"]
    assert Canvas(admin._Canvas__requester.original_url, again["visible_token"]).get_current_user().login_id == "admin"
    gone = send("DELETE", f"users/self/tokens/{made['id']}", _kwargs=combine_kwargs(reason="done")).json()
    assert (gone["workflow_state"], gone["revoked_reason"]) == ("deleted", "done")


def test_it_follows_the_pages_of_a_list(admin: Canvas) -> None:
    send = admin._Canvas__requester.request
    for number in range(3):
        send("POST", "users/self/tokens", _kwargs=combine_kwargs(token={"purpose": f"Page {number}"}))
    answer, ids = send("GET", "users/self/user_generated_tokens", per_page=1), []
    while True:
        ids += [row["id"] for row in answer.json()]
        if "next" not in answer.links:
            break
        answer = send("GET", _url=answer.links["next"]["url"])
    assert len(ids) == len(set(ids)) >= 4
    assert ids == sorted(ids)


def test_it_is_told_what_it_may_not(running_portal: Portal) -> None:
    teacher = Canvas(running_portal.url, new_token(running_portal, "teacher"))
    with pytest.raises(Forbidden, match=r"Insufficient scopes on access token\."):
        teacher._Canvas__requester.request("POST", "users/self/tokens")

"""Who sees which tokens."""

import pytest

from tests.cast import School
from tests.inventory.listing import PATH, listed
from tests.pages.visits import client_of, text_of, token_of


def test_an_administrator_sees_the_tokens_of_their_part_of_the_school(school: School) -> None:
    for owner in (school.student, school.teacher, school.science_admin, school.outsider):
        token_of(owner, purpose=f"Of {owner.login_id}", days=30)
    assert set(listed(school.admin)) == {"Of student", "Of teacher", "Of science-admin", "Of outsider"}
    assert set(listed(school.arts_admin)) == {"Of student", "Of teacher"}
    assert set(listed(school.admin, f"account={school.arts.pk}")) == {"Of student", "Of teacher"}
    assert listed(school.science_admin) == ["Of science-admin"]


@pytest.mark.parametrize("path", [PATH, f"{PATH}revoke/", f"{PATH}export/"])
def test_the_inventory_is_closed_to_everybody_else(school: School, path: str) -> None:
    for user in (school.student, school.teacher, school.outsider):
        client = client_of(user)
        assert client.get(path).status_code == 403
        assert f'href="{PATH}"' not in text_of(client.get("/tokens/"))


def test_an_account_out_of_reach_answers_like_none(school: School) -> None:
    client = client_of(school.arts_admin)
    for account in (school.science.pk, school.root.pk, 10**9, "x"):
        assert client.get(f"{PATH}?account={account}").status_code == 404
        assert client.get(f"{PATH}export/?account={account}").status_code == 404


def test_the_navigation_says_how_many_are_in_use(school: School) -> None:
    for owner in (school.student, school.teacher, school.science_admin):
        token_of(owner)
    assert '<span class="count">3</span>' in text_of(client_of(school.admin).get("/tokens/"))
    assert '<span class="count">3</span>' in text_of(client_of(school.admin).get(f"{PATH}?state=revoked"))
    assert '<span class="count">2</span>' in text_of(client_of(school.arts_admin).get("/tokens/"))
    assert 'class="count"' not in text_of(client_of(school.student).get("/tokens/"))

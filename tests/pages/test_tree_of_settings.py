"""The settings of an account in the tree: set here, inherited, or locked above."""

import re
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from policies import settings
from policies.models import Policy
from policies.rules import SETTINGS
from tests.cast import School
from tests.pages.visits import client_of, text_of

EVERYTHING: dict[str, Any] = {
    "audience": "no_students",
    "student_cap_days": 30,
    "teaching_cap_days": 400,
    "admin_cap_days": 0,
    "tokens_at_once": 5,
    "scopes_required": True,
    "student_scopes": ["loans:read", "grades:read"],
    "unused_days": 90,
    "observers_count_as_students": True,
    "approval": "students",
    "auto_approve_days": 7,
    "longer_on_request": False,
    "guidance_text": "One token,\none purpose. <b>Really</b>",
    "guidance_url": "https://school.example/tokens",
    "locked": ["guidance_url", "audience"],
}


def set_(account: Account, **values: Any) -> None:
    settings.change(account, values, actor=None, now=timezone.now())


def path(account: Account) -> str:
    return f"/accounts/{account.pk}/settings/"


def page_of(school: School, account: Account) -> str:
    return " ".join(text_of(client_of(school.admin).get(path(account))).split())


def sent_by(text: str) -> dict[str, list[str]]:
    """What a browser would send of the form on a page that nobody has touched."""
    form = text.partition('id="settings"')[2].partition("</form>")[0]
    fields: dict[str, list[str]] = {}
    for control in re.findall(r"<input[^>]*>", form):
        [kind] = re.findall(r'type="(\w+)"', control)
        is_sent = " disabled" not in control and (kind not in ("checkbox", "radio") or " checked" in control)
        if is_sent and (name := re.search(r'name="(\w+)"', control)):
            value = re.search(r'value="([^"]*)"', control)
            fields.setdefault(name[1], []).append(value[1] if value else "on")
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        [chosen] = re.findall(r'<option value="(\w*)" selected', options) or [""]
        fields[name] = [chosen]
    for name, written in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        fields[name] = [written.replace("&lt;", "<").replace("&gt;", ">").replace("\n", "\r\n")]
    return fields


@pytest.mark.parametrize("is_root", [True, False])
@pytest.mark.parametrize("values", [EVERYTHING, {}, {"teaching_cap_days": 0, "guidance_text": ""}])
def test_saving_a_page_that_nobody_touched_loses_nothing(school: School, is_root: bool, values: dict[str, Any]) -> None:
    account = school.root if is_root else school.arts
    Account.objects.create_under(school.arts, name="Department of History")
    set_(account, **values)
    before = Policy.objects.filter(account=account).values().first()
    client = client_of(school.admin)
    fields = sent_by(text_of(client.get(path(account))))
    assert {name for name in SETTINGS if name in fields or f"{name}_set" in fields} == set(SETTINGS)
    assert "Nothing had changed." in text_of(client.post(path(account), fields, follow=True))
    assert Policy.objects.filter(account=account).values().first() == before


def test_everything_that_an_account_can_set_is_set_from_the_page(school: School) -> None:
    Account.objects.create_under(school.arts, name="Department of History")
    fields = {
        **{name: str(EVERYTHING[name]) for name in ("audience", "student_cap_days", "approval")},
        **dict.fromkeys(("scopes_required", "observers_count_as_students"), "yes"),
        "longer_on_request": "no",
        "admin_cap_days_set": "no",
        "admin_cap_days": "90",
        "student_scopes_set": "yes",
        "student_scopes": ["loans:read", "grades:read"],
        "guidance_text_set": "yes",
        "guidance_text": "One token,\r\none purpose. <b>Really</b>",
        "guidance_url_set": "yes",
        "guidance_url": EVERYTHING["guidance_url"],
        "locked": ["", "guidance_url", "audience"],
    }
    for name in ("teaching_cap_days", "tokens_at_once", "unused_days", "auto_approve_days"):
        fields |= {f"{name}_set": "yes", name: str(EVERYTHING[name])}
    client_of(school.admin).post(path(school.arts), fields)
    found = Policy.objects.get(account=school.arts).values()
    assert found == {
        **EVERYTHING,
        "student_scopes": ["grades:read", "loans:read"],
        "locked": ["audience", "guidance_url"],
    }


def test_what_is_not_sent_stays(school: School) -> None:
    set_(school.arts, **EVERYTHING)
    client_of(school.admin).post(path(school.arts), {"student_cap_days": "20"})
    assert Policy.objects.get(account=school.arts).values() == {**EVERYTHING, "student_cap_days": 20}

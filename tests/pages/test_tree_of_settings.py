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
from tests.pages.saving import save
from tests.pages.visits import client_of, text_of, token_of

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
    "leaked_tokens": "suspend",
    "class_tokens": "nobody",
    "notice_days": [3, 21],
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
@pytest.mark.parametrize("values", [EVERYTHING, {}, {"teaching_cap_days": 0, "guidance_text": "", "notice_days": []}])
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
        **{
            name: str(EVERYTHING[name])
            for name in ("audience", "student_cap_days", "approval", "leaked_tokens", "class_tokens")
        },
        **dict.fromkeys(("scopes_required", "observers_count_as_students"), "yes"),
        "longer_on_request": "no",
        "admin_cap_days_set": "no",
        "admin_cap_days": "90",
        "student_scopes_set": "yes",
        "student_scopes": ["loans:read", "grades:read"],
        "notice_days_set": "yes",
        "notice_days": "21, 3",
        "guidance_text_set": "yes",
        "guidance_text": "One token,\r\none purpose. <b>Really</b>",
        "guidance_url_set": "yes",
        "guidance_url": EVERYTHING["guidance_url"],
        "locked": ["", "guidance_url", "audience"],
    }
    for name in ("teaching_cap_days", "tokens_at_once", "unused_days", "auto_approve_days"):
        fields |= {f"{name}_set": "yes", name: str(EVERYTHING[name])}
    save(client_of(school.admin), school.arts, fields)
    found = Policy.objects.get(account=school.arts).values()
    assert found == {
        **EVERYTHING,
        "student_scopes": ["grades:read", "loans:read"],
        "locked": ["audience", "guidance_url"],
    }


def test_what_is_not_sent_stays(school: School) -> None:
    set_(school.arts, **EVERYTHING)
    save(client_of(school.admin), school.arts, {"student_cap_days": "20"})
    assert Policy.objects.get(account=school.arts).values() == {**EVERYTHING, "student_cap_days": 20}


def test_a_sub_account_reads_whose_word_holds_and_who_has_locked_it(school: School) -> None:
    set_(school.arts, tokens_at_once=9, student_cap_days=30, admin_cap_days=100)
    set_(school.root, tokens_at_once=5, student_cap_days=60, teaching_cap_days=365, unused_days=180)
    set_(school.root, locked=["tokens_at_once", "student_cap_days", "teaching_cap_days"])
    text = page_of(school, school.arts)
    for words in (
        "<b>Without effect</b> Set here: 9 tokens. My school has locked it to 5 tokens.",
        "<b>Set here</b> tighter than 60 days, to which My school has locked it",
        "<b>Locked by My school</b> 365 days · here it can only be tighter",
        "<b>Set here</b> otherwise no limit, the portal’s default",
        "<b>Inherited</b> 180 days · set in My school",
    ):
        assert words in text


def control(text: str, name: str, value: str) -> str:
    """A radio button or an option, as it is drawn."""
    boxes = re.findall(rf'<input[^>]*name="{name}" value="{value}"[^>]*>', text)
    options = re.findall(rf'name="{name}"(?:(?!</select>).)*?(<option value="{value}"[^>]*>)', text)
    [found] = boxes or options
    return str(found)


@pytest.mark.parametrize(
    ("above", "closed", "open_"),
    [
        ({"audience": "no_students"}, ("audience", "everyone"), ("audience", "admins_only")),
        ({"scopes_required": True}, ("scopes_required", "no"), ("scopes_required", "yes")),
        ({"longer_on_request": False}, ("longer_on_request", "yes"), ("longer_on_request", "no")),
        ({"approval": "students"}, ("approval", "nobody"), ("approval", "everyone")),
        ({"leaked_tokens": "revoke"}, ("leaked_tokens", "suspend"), ("leaked_tokens", "revoke")),
        ({"teaching_cap_days": 90}, ("teaching_cap_days_set", "no"), ("teaching_cap_days_set", "yes")),
        ({"auto_approve_days": 0}, ("auto_approve_days_set", "yes"), ("auto_approve_days_set", "no")),
        ({"guidance_text": "Ours"}, ("guidance_text_set", "yes"), ("guidance_text_set", "")),
    ],
)
def test_below_a_lock_what_is_looser_cannot_be_chosen(
    school: School, above: dict[str, Any], closed: tuple[str, str], open_: tuple[str, str]
) -> None:
    set_(school.root, **above)
    assert "disabled" not in control(page_of(school, school.arts), *closed)
    set_(school.root, locked=list(above))
    text = page_of(school, school.arts)
    assert "disabled" in control(text, *closed)
    assert "disabled" not in control(text, *open_)


def test_below_a_lock_a_number_goes_up_to_what_is_locked(school: School) -> None:
    set_(school.root, student_cap_days=60, locked=["student_cap_days"])
    [field] = re.findall(r'<input[^>]*id="id_student_cap_days"[^>]*>', page_of(school, school.arts))
    assert 'max="60"' in field


def test_what_is_looser_than_a_lock_is_refused_beside_its_field(school: School) -> None:
    set_(school.root, unused_days=60, locked=["unused_days"])
    fields = {"unused_days_set": "yes", "unused_days": "61"}
    text = text_of(client_of(school.admin).post(path(school.arts), fields))
    assert "My school has locked this setting" in text.partition('id="unused_days_error"')[2].partition("</p>")[0]
    assert not Policy.objects.filter(account=school.arts).exists()


def test_what_a_lock_has_overruled_hinders_no_other_change_and_can_be_cleared(school: School) -> None:
    set_(school.arts, audience="everyone")
    set_(school.root, audience="no_students", locked=["audience"])
    client = client_of(school.admin)
    fields = sent_by(text_of(client.get(path(school.arts))))
    save(client, school.arts, {**fields, "student_cap_days": "50"})
    found = Policy.objects.get(account=school.arts)
    assert (found.audience, found.student_cap_days) == ("everyone", 50)
    save(client, school.arts, {**fields, "student_cap_days": "50", "audience": ""})
    found.refresh_from_db()
    assert found.audience is None


def test_a_lock_is_offered_where_there_are_accounts_below(school: School) -> None:
    words = "Lock for the accounts below"
    assert words in page_of(school, school.root)
    assert words not in page_of(school, school.arts)
    Account.objects.create_under(school.arts, name="Department of History")
    assert words in page_of(school, school.arts)


def test_a_lock_is_set_and_lifted_with_a_box(school: School) -> None:
    client = client_of(school.admin)
    fields = sent_by(text_of(client.get(path(school.root))))
    save(client, school.root, {**fields, "locked": ["", "audience"]})
    assert Policy.objects.get(account=school.root).locked == ["audience"]
    save(client, school.root, fields)
    assert Policy.objects.get(account=school.root).locked == []


@pytest.mark.parametrize("days", ["", "3651", "ten", "-1"])
def test_a_number_that_is_none_is_refused_and_not_taken_for_nothing(school: School, days: str) -> None:
    set_(school.root, teaching_cap_days=90)
    fields = {"teaching_cap_days_set": "yes", "teaching_cap_days": days}
    text = text_of(client_of(school.admin).post(path(school.root), fields))
    assert "This limit must be a whole number of days from 1 to 3650" in text
    assert Policy.objects.get(account=school.root).teaching_cap_days == 90


def test_a_card_is_folded_until_there_is_something_to_look_at(school: School) -> None:
    client = client_of(school.admin)
    folded = re.findall(r'<details class="leaf"( open)?>', text_of(client.get(path(school.root))))
    assert folded == ["", "", "", "", "", "", ""]
    fields = sent_by(text_of(client.get(path(school.root))))
    wrong = {**fields, "guidance_url_set": "yes", "guidance_url": "javascript:alert(1)"}
    text = text_of(client.post(path(school.root), wrong))
    assert re.findall(r'<details class="leaf"( open)?>', text) == ["", "", " open", "", "", "", ""]
    assert "Give an address on the web" in text


def test_the_tree_shows_at_a_glance_who_sets_and_who_locks(school: School) -> None:
    set_(school.arts, audience="no_students")
    set_(school.science, student_cap_days=30, locked=["student_cap_days"])
    tree = page_of(school, school.root).rpartition('<ul class="tree"')[2].partition("</ul>")[0]
    marks = dict(re.findall(r">([\w ]+?)(?:<span class=\"mark\" title=\"([^\"]*)\".*?)?</a>", tree))
    assert marks == {
        "My school": "",
        "Faculty of Arts": "sets something itself",
        "Faculty of Science": "locks settings for the accounts below",
    }


@pytest.mark.parametrize("whose", ["own", "somebody's", "a new secret"])
def test_the_guidance_of_a_school_stands_where_a_token_is_generated(school: School, whose: str) -> None:
    set_(
        school.root,
        guidance_text="First line\n<script>alert(1)</script>",
        guidance_url="https://school.example/?a=1&b=2",
    )
    pages = {
        "own": (school.student, "/tokens/new/"),
        "somebody's": (school.admin, f"/people/{school.student.pk}/new/"),
        "a new secret": (school.student, f"/tokens/{token_of(school.student).pk}/regenerate/"),
    }
    user, page = pages[whose]
    text = client_of(user).get(page).content.decode()
    assert "First line<br>&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert 'href="https://school.example/?a=1&amp;b=2" target="_blank" rel="noopener"' in text


def test_without_guidance_nothing_is_said(school: School) -> None:
    set_(school.root, guidance_text="For the arts not", guidance_url="https://school.example/")
    set_(school.arts, guidance_text="", guidance_url="")
    text = text_of(client_of(school.student).get("/tokens/new/"))
    assert 'class="note guidance"' not in text

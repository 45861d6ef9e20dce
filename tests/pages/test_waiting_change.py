"""A change of settings that waits: shown on the page of its account and of those below, and undone there."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.audit import AuditEvent
from accounts.models import Account
from policies import planning
from policies.models import PlannedChange, Policy, Stage
from tests.cast import School
from tests.pages.saving import path_of, save
from tests.pages.visits import client_of, text_of, token_of
from tokens.models import AccessToken


@pytest.fixture
def planned(school: School) -> PlannedChange:
    """A shorter limit, saved on the page."""
    token_of(school.student, days=100)
    save(client_of(school.admin), school.root, {"student_cap_days": "30"})
    return PlannedChange.objects.get()


def undo_path(planned: PlannedChange, account: Account | None = None) -> str:
    return f"{path_of(account or planned.account)}changes/{planned.pk}/undo/"


def page_of(user: Any, account: Account) -> str:
    return " ".join(text_of(client_of(user).get(path_of(account))).split())


def test_the_page_says_what_will_change_when_by_whom_and_what_it_does(school: School, planned: PlannedChange) -> None:
    text = page_of(school.admin, school.root)
    for words in (
        f"A change takes effect on {date_format(localtime(planned.takes_effect_at), 'j F Y, H:i')}",
        f"Saved by {school.admin.name} on",
        "Student limit: not set → 30 days",
        "<b>1</b> token gets an earlier end",
        undo_path(planned),
    ):
        assert words in text


def test_below_it_is_told_with_the_way_to_it_for_who_may_go_there(school: School, planned: PlannedChange) -> None:
    day = date_format(localtime(planned.takes_effect_at), "j F Y")
    words = f"A change of the settings of My school, above this account, takes effect on {day}."
    link = f'<a href="{path_of(school.root)}">Look at it</a>'
    for user, may in ((school.admin, True), (school.arts_admin, False)):
        text = page_of(user, school.arts)
        assert words in text
        assert (link in text) == may
        assert undo_path(planned) not in text


def test_beside_it_and_above_it_nothing_is_told(school: School) -> None:
    token_of(school.student, days=100)
    save(client_of(school.admin), school.arts, {"student_cap_days": "30"})
    assert PlannedChange.objects.exists()
    for account in (school.root, school.science):
        assert "takes effect on" not in page_of(school.admin, account)


def test_it_is_undone_and_nothing_has_happened(school: School, planned: PlannedChange) -> None:
    client = client_of(school.admin)
    sheet = text_of(client.get(undo_path(planned)))
    assert "Undo this change?" in sheet
    assert "Student limit: not set → 30 days" in " ".join(sheet.split())
    assert PlannedChange.objects.get().stage == Stage.WAITING
    text = text_of(client.post(undo_path(planned), follow=True))
    assert "Undone. The settings stay as they are, and no token was touched." in text
    assert "A change takes effect" not in text
    assert PlannedChange.objects.get().stage == Stage.UNDONE
    assert not Policy.objects.exists()
    assert AuditEvent.objects.get(action="policy.undo").actor == school.admin


def test_what_does_not_wait_any_more_cannot_be_undone(school: School, planned: PlannedChange) -> None:
    planning.begin(planned.pk, now=planned.takes_effect_at)
    client = client_of(school.admin)
    for answer in (client.get(undo_path(planned)), client.post(undo_path(planned))):
        assert "This change does not wait any more" in text_of(answer)
    assert PlannedChange.objects.get().stage != Stage.UNDONE


def test_who_does_not_edit_the_policy_there_finds_nothing_to_undo(school: School, planned: PlannedChange) -> None:
    for user in (school.arts_admin, school.student):
        assert client_of(user).post(undo_path(planned)).status_code == 404
    assert client_of(school.admin).post(undo_path(planned, school.arts)).status_code == 404
    assert PlannedChange.objects.get().stage == Stage.WAITING


def test_while_it_is_carried_out_the_page_says_how_far_it_has_come(school: School, planned: PlannedChange) -> None:
    now = timezone.now()
    figures = {**planned.figures, "shortened": 1200}
    PlannedChange.objects.update(stage=Stage.APPLYING, applied_at=now, shortened=450, figures=figures)
    text = page_of(school.admin, school.root)
    assert "A change is being carried out" in text
    assert "It has reached 450 of about 1,200 tokens." in text
    assert '<progress class="life full" max="1200" value="450"' in text
    assert 'hx-trigger="every 5s"' in text
    assert undo_path(planned) not in text


def test_another_change_is_refused_while_one_waits(school: School, planned: PlannedChange) -> None:
    text = text_of(save(client_of(school.admin), school.root, {"student_cap_days": "20"}))
    assert "A change of this account waits until" in text
    assert PlannedChange.objects.count() == 1


def test_when_its_time_has_come_it_is_done_and_gone_from_the_page(school: School, planned: PlannedChange) -> None:
    planning.begin(planned.pk, now=planned.takes_effect_at)
    assert PlannedChange.objects.get().stage == Stage.APPLIED
    text = page_of(school.admin, school.root)
    assert 'id="underway"' not in text
    assert Policy.objects.get().student_cap_days == 30
    end = AccessToken.objects.get().expires_at
    assert end is not None
    assert end <= planned.takes_effect_at + timedelta(days=30)

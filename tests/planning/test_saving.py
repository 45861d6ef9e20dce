"""A change of settings is shown before it is saved, and waits where it shortens tokens."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Account
from policies import planning, settings
from policies.ending import Existing
from policies.hits import hits
from policies.models import PlannedChange, Policy, Stage
from policies.planning import Plan, Saved
from policies.refusals import Code, Refused
from policies.telling import told, told_after
from policies.wording import sentence
from tests.cast import NOW, School, token
from tokens import holdings

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def held(school: School) -> None:
    token(school.student, days=120)
    token(school.student, days=10)
    token(school.other_student, days=90)
    token(school.teacher, days=None)


def plan(account: Account, **values: Any) -> Plan:
    terms = {
        name: values.pop(name) for name in ("existing", "existing_end", "grace_days", "spread_days") if name in values
    }
    return Plan(account, values, **terms)


def save(wanted: Plan, school: School, **more: Any) -> Saved:
    quoted = planning.show(wanted, actor=school.admin, now=NOW).quote
    return planning.save(wanted, quoted=quoted, actor=school.admin, now=NOW, **more)


def refusal(wanted: Plan, school: School, **more: Any) -> Code:
    with pytest.raises(Refused) as refused:
        planning.save(wanted, **{"quoted": None, "actor": school.admin, "now": NOW, **more})
    assert sentence(refused.value.refusals[0])
    return refused.value.code


def test_what_shortens_tokens_only_if_it_holds_at_once_waits_and_then_shortens_none(school: School) -> None:
    wanted = plan(school.root, student_cap_days=110, grace_days=21)  # a token of 120 days has 99 left by then
    seen = planning.show(wanted, actor=school.admin, now=NOW).preview
    assert (seen.tokens.hit, seen.spared) == (0, 1)
    assert "It takes effect on 14 December 2026; until then it can be undone" in {
        each.sentence for each in told(seen, wanted)
    }
    saved = save(wanted, school)
    assert saved.planned is not None
    assert told_after(saved) == [
        "Saved. It takes effect on 14 December 2026 and touches no token by then; until then it can be undone."
    ]
    assert not AuditEvent.objects.filter(action="token.clamp").exists()
    planning.begin(saved.planned.pk, now=NOW + 21 * DAY)
    assert not AuditEvent.objects.filter(action="token.clamp").exists()


def test_what_shortens_tokens_waits_for_its_grace_time(school: School) -> None:
    saved = save(plan(school.root, student_cap_days=30), school)
    assert saved.planned is not None
    assert saved.planned.takes_effect_at == NOW + 14 * DAY
    assert (saved.planned.values, saved.planned.before) == ({"student_cap_days": 30}, {"student_cap_days": None})
    assert saved.planned.figures["shortened"] == 2
    assert not Policy.objects.exists()
    assert AuditEvent.objects.get(action="policy.plan").actor == school.admin


def test_what_ends_before_the_change_takes_effect_is_not_touched(school: School) -> None:
    shown = planning.show(plan(school.root, student_cap_days=80), actor=school.admin, now=NOW).preview
    assert (shown.tokens.shortened, shown.takes_effect_at) == (1, NOW + 14 * DAY)


def test_tokens_of_many_are_found_as_those_of_few(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = plan(school.root, student_cap_days=30, audience="no_students", existing=Existing.RUN_OUT)

    def found() -> tuple[Any, ...]:
        seen = planning.show(wanted, actor=school.admin, now=NOW).preview
        return seen.tokens, seen.people, list(hits(seen))

    of_few = found()
    monkeypatch.setattr(holdings, "FEW", 0)
    assert found() == of_few
    assert (of_few[0].shortened, of_few[0].left, len(of_few[2])) == (2, 2, 2)


def test_what_touches_no_token_holds_at_once(school: School) -> None:
    saved = save(plan(school.root, tokens_at_once=5, guidance_text="Ask first."), school)
    assert saved.planned is None
    assert saved.change is not None
    assert Policy.objects.get().tokens_at_once == 5


def test_saving_what_is_there_already_does_nothing(school: School) -> None:
    assert planning.save(plan(school.root), quoted=None, actor=school.admin, now=NOW) == Saved()


def test_a_change_that_somebody_notices_needs_its_preview(school: School) -> None:
    wanted = plan(school.root, audience="no_students")
    assert refusal(wanted, school) == Code.PREVIEW_NEEDED
    other = planning.show(plan(school.root, audience="admins_only"), actor=school.admin, now=NOW).quote
    assert refusal(wanted, school, quoted=other) == Code.PREVIEW_NEEDED
    longer = planning.show(plan(school.root, audience="no_students", grace_days=20), actor=school.admin, now=NOW).quote
    assert refusal(wanted, school, quoted=longer) == Code.PREVIEW_NEEDED
    assert refusal(wanted, school, quoted=other[:-2] + "xx") == Code.PREVIEW_OUTDATED
    assert save(wanted, school).change is not None


def test_a_preview_is_outdated_when_the_facts_have_moved(school: School) -> None:
    wanted = plan(school.root, student_cap_days=30)
    quoted = planning.show(wanted, actor=school.admin, now=NOW).quote
    token(school.other_student, days=100)
    assert refusal(wanted, school, quoted=quoted) == Code.PREVIEW_OUTDATED
    assert not PlannedChange.objects.exists()


def test_without_grace_the_number_of_tokens_has_to_be_typed(school: School) -> None:
    wanted = plan(school.root, student_cap_days=30, grace_days=0)
    quoted = planning.show(wanted, actor=school.admin, now=NOW).quote
    for typed in (None, 1, 3):
        assert refusal(wanted, school, quoted=quoted, typed=typed) == Code.COUNT_NOT_TYPED
    saved = save(wanted, school, typed=2)
    assert saved.planned is not None
    assert saved.planned.stage in (Stage.APPLYING, Stage.APPLIED)
    assert Policy.objects.get().student_cap_days == 30


def test_only_one_change_of_an_account_waits(school: School) -> None:
    first = save(plan(school.root, student_cap_days=30), school).planned
    assert first is not None
    quoted = planning.show(plan(school.root, student_cap_days=20), actor=school.admin, now=NOW).quote
    assert refusal(plan(school.root, student_cap_days=20), school, quoted=quoted) == Code.CHANGE_WAITING
    longer = plan(school.root, student_cap_days=120)
    quoted = planning.show(longer, actor=school.admin, now=NOW).quote
    assert refusal(longer, school, quoted=quoted) == Code.CHANGE_WAITING
    assert save(plan(school.root, guidance_text="Ask first."), school).change is not None
    planning.undo(first.pk, actor=school.admin, now=NOW)
    assert save(plan(school.root, student_cap_days=20), school).planned is not None


def test_a_waiting_change_is_undone_and_nothing_has_happened(school: School) -> None:
    planned = save(plan(school.root, student_cap_days=30), school).planned
    assert planned is not None
    undone = planning.undo(planned.pk, actor=school.admin, now=NOW + DAY)
    assert (undone.stage, undone.undone_by) == (Stage.UNDONE, school.admin)
    assert planning.due(now=NOW + 15 * DAY) == []
    with pytest.raises(Refused) as refused:
        planning.undo(planned.pk, actor=school.admin, now=NOW + DAY)
    assert refused.value.code == Code.CHANGE_NOT_WAITING
    assert AuditEvent.objects.filter(action="policy.undo").count() == 1


def test_a_change_begins_once_when_its_time_has_come(school: School) -> None:
    planned = save(plan(school.root, student_cap_days=30), school).planned
    assert planned is not None
    assert planning.due(now=NOW + 14 * DAY - timedelta(seconds=1)) == []
    assert planning.due(now=NOW + 14 * DAY) == [planned.pk]
    for _twice in range(2):
        planning.begin(planned.pk, now=NOW + 14 * DAY)
    assert Policy.objects.get().student_cap_days == 30
    assert AuditEvent.objects.filter(action="policy.change").count() == 1


def test_a_change_that_waits_is_undoable_only_until_it_begins(school: School) -> None:
    planned = save(plan(school.root, student_cap_days=30), school).planned
    assert planned is not None
    planning.begin(planned.pk, now=NOW + 14 * DAY)
    with pytest.raises(Refused):
        planning.undo(planned.pk, actor=school.admin, now=NOW + 14 * DAY)


def test_tokens_of_those_who_lose_can_run_out_end_on_a_date_or_be_revoked(school: School) -> None:
    wanted = {"audience": "admins_only"}
    for existing, end, shortened, revoked in (
        (Existing.KEEP, None, 0, 0),
        (Existing.RUN_OUT, None, 1, 0),
        (Existing.END_ON, NOW + 50 * DAY, 3, 0),
        (Existing.REVOKE, None, 0, 3),
    ):
        shown = planning.show(
            plan(school.root, existing=existing, existing_end=end, **wanted), actor=school.admin, now=NOW
        )
        tokens = shown.preview.tokens
        assert (tokens.left, tokens.shortened, tokens.revoked) == (3, shortened, revoked), existing


def test_more_than_two_hundred_new_ends_are_spread(school: School) -> None:
    for _more in range(200):
        token(school.student, days=100)
    shown = planning.show(plan(school.root, student_cap_days=60), actor=school.admin, now=NOW).preview
    assert shown.tokens.shortened == 202
    assert shown.tokens.in_month == 0
    short = planning.show(plan(school.root, student_cap_days=40), actor=school.admin, now=NOW).preview
    assert 0 < short.tokens.in_month < 202
    planned = save(plan(school.root, student_cap_days=40), school).planned
    assert planned is not None
    assert planned.spread_days == 30


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ({"grace_days": -1}, Code.NUMBER_OUT_OF_RANGE, "grace_days"),
        ({"grace_days": 366}, Code.NUMBER_OUT_OF_RANGE, "grace_days"),
        ({"spread_days": "x"}, Code.NUMBER_OUT_OF_RANGE, "spread_days"),
        ({"existing": Existing.END_ON}, Code.EXISTING_END_REQUIRED, "existing_end"),
        ({"existing_end": NOW + DAY}, Code.EXISTING_END_REQUIRED, "existing_end"),
        ({"existing": Existing.END_ON, "existing_end": NOW + 14 * DAY}, Code.EXISTING_END_TOO_EARLY, "existing_end"),
    ],
)
def test_when_and_how_is_checked(school: School, terms: dict[str, Any], code: Code, field: str) -> None:
    with pytest.raises(Refused) as refused:
        planning.show(plan(school.root, student_cap_days=30, **terms), actor=school.admin, now=NOW)
    assert (refused.value.code, refused.value.refusals[0].field) == (code, field)


def test_the_operator_needs_no_account(school: School) -> None:
    wanted = plan(school.root, student_cap_days=30)
    now = timezone.now()
    quoted = planning.show(wanted, actor=None, now=now).quote
    saved = planning.save(wanted, quoted=quoted, actor=None, now=now)
    assert saved.planned is not None
    assert saved.planned.made_by is None


def test_a_lock_that_comes_meanwhile_leaves_the_tighter_value(school: School) -> None:
    saved = save(plan(school.arts, student_cap_days=30), school)
    assert saved.planned is not None
    settings.change(school.root, {"student_cap_days": 20, "locked": ["student_cap_days"]}, actor=None, now=NOW)
    planning.begin(saved.planned.pk, now=NOW + 14 * DAY)
    assert Policy.objects.rules_for(school.arts.line).student_cap_days == 20

"""Settings, previews and planned changes as the API shows them, and what a call may say of them."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.contract import ErrorsSerializer
from accounts.models import Account
from accounts.moments import MomentField
from policies.bodies import ExpiryField, NumberField, Parameter, Said, TextField
from policies.ending import Existing
from policies.hits import first_hits
from policies.inheritance import Origin, origins
from policies.models import PlannedChange
from policies.models.policy import as_column
from policies.planning import GRACE_DAYS, SPREAD_DAYS, Plan, Saved, Shown
from policies.quoting import figures_of
from policies.reading import read
from policies.refusals import Code, refuse
from policies.rules import LIMITS, Approval, Audience, ClassTokens, Leaked
from policies.telling import told, told_after
from policies.underway import open_changes

MOST_LISTED = 100  # tokens
_EXISTING = [(each.value, each.value) for each in Existing]
_NUMBER, _FLAG, _TEXT = ({"type": [kind, "null"]} for kind in ("integer", "boolean", "string"))
_TEXTS = {"type": ["array", "null"], "items": {"type": "string"}}
_SETTINGS = {
    "audience": {**_TEXT, "enum": [*map(str, Audience), None]},
    "student_cap_days": _NUMBER,
    **dict.fromkeys(LIMITS, _NUMBER),
    "scopes_required": _FLAG,
    "student_scopes": _TEXTS,
    "observers_count_as_students": _FLAG,
    "approval": {**_TEXT, "enum": [*map(str, Approval), None]},
    "auto_approve_days": _NUMBER,
    "longer_on_request": _FLAG,
    "guidance_text": _TEXT,
    "guidance_url": _TEXT,
    "leaked_tokens": {**_TEXT, "enum": [*map(str, Leaked), None]},
    "notice_days": {"type": ["array", "null"], "items": {"type": "integer"}},
    "class_tokens": {**_TEXT, "enum": [*map(str, ClassTokens), None]},
    "locked": {"type": "array", "items": {"type": "string"}},
}


@extend_schema_field({"type": "object", "properties": _SETTINGS})
class SettingsField(Parameter):
    """Settings by name; which there are, and what they can be, `policies.validity` says."""

    def to_internal_value(self, data: object) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise refuse(Code.PARAMETER_INVALID, str(self.field_name), expected="object")
        return {
            name: read(name, value) if isinstance(value, str) and not name.startswith("guidance") else value
            for name, value in data.items()
        }


class PlanSerializer(Said):
    """What an account shall set, and how."""

    token_policy = SettingsField(
        help_text="The settings to change. Null: as in the account above; 0 of a limit: none. `locked` names those "
        "which the accounts below can only tighten."
    )
    existing = TextField(
        help_text="What becomes of the tokens of those who lose the right to create: `keep` (else named), `run_out` "
        "within the student limit, `end_on` a date, `revoke`."
    )
    existing_end = ExpiryField(help_text="That date, with `end_on`.")
    grace_days = NumberField(help_text=f"Days until tokens are touched: {GRACE_DAYS}, if nothing is said.")
    spread_days = NumberField(help_text=f"Days over which many new ends are spread: {SPREAD_DAYS}, if nothing is said.")


class SavePlanSerializer(PlanSerializer):
    """It, with what was seen of it."""

    quote = TextField(help_text="The `quote` of the preview that you have looked at.")
    typed = NumberField(help_text="Without any grace time: the number of tokens that are shortened or revoked.")


class SettingSerializer(serializers.Serializer[Any]):
    """One setting."""

    value = serializers.JSONField(help_text="What holds; 0 of a limit, or null: none.")
    own = serializers.JSONField(help_text="What the account sets itself; null: nothing.")
    origin = serializers.IntegerField(allow_null=True, help_text="The account whose word holds; null: the default.")
    locked = serializers.BooleanField(help_text="Whether an account above leaves only what is tighter.")
    locked_by = serializers.IntegerField(allow_null=True, help_text="That account.")
    locks = serializers.BooleanField(help_text="Whether this account leaves those below only what is tighter.")


class ChangeSerializer(serializers.ModelSerializer[PlannedChange]):
    """A change that waits for its date, or is being carried out."""

    before = serializers.DictField(child=serializers.JSONField())
    values = serializers.DictField(child=serializers.JSONField())
    figures = serializers.DictField(child=serializers.IntegerField(), help_text="As the preview had them.")
    existing = serializers.ChoiceField(choices=_EXISTING)
    existing_end = MomentField(allow_null=True)
    made_by = serializers.IntegerField(source="made_by_id", allow_null=True, help_text="Null: the operator.")
    made_at = MomentField()
    takes_effect_at = MomentField()
    shortened = serializers.IntegerField(help_text="How many tokens so far.")
    revoked = serializers.IntegerField(help_text="How many tokens so far.")

    class Meta:
        model = PlannedChange
        fields = (
            "id",
            "account_id",
            "stage",
            "before",
            "values",
            "existing",
            "existing_end",
            "spread_days",
            "figures",
            "made_by",
            "made_at",
            "takes_effect_at",
            "shortened",
            "revoked",
        )


class PolicySerializer(serializers.Serializer[Any]):
    """What holds in an account."""

    account_id = serializers.IntegerField()
    token_policy = serializers.DictField(child=SettingSerializer())
    change = ChangeSerializer(allow_null=True, help_text="The one that waits or is being carried out.")
    changes_above = ChangeSerializer(many=True, help_text="Those of the accounts above, the nearest first.")


class SavedSerializer(PolicySerializer):
    """What holds after a change was saved."""

    words = serializers.ListField(child=serializers.CharField(), help_text="What came of it, in sentences.")


class HitSerializer(serializers.Serializer[Any]):
    """A token that a change shortens or revokes."""

    id = serializers.IntegerField(source="token.pk")
    user_id = serializers.IntegerField(source="token.owner_id")
    owner = serializers.CharField(source="token.owner")
    purpose = serializers.CharField(source="token.purpose")
    expires_at = MomentField(source="token.expires_at", allow_null=True)
    new_end = MomentField(allow_null=True, help_text="Null: revoked when the change takes effect.")
    last_used_at = MomentField(source="token.last_used_at", allow_null=True)


class PreviewSerializer(serializers.Serializer[Any]):
    """What a change would do."""

    changed = serializers.ListField(child=serializers.CharField(), help_text="The settings that would differ.")
    takes_effect_at = MomentField(help_text="Where tokens are touched; else it holds as soon as it is saved.")
    figures = serializers.DictField(
        child=serializers.IntegerField(), help_text="People who `lose`, `gain` …; tokens `shortened`, `revoked` …"
    )
    words = serializers.ListField(child=serializers.CharField(), help_text="The same in sentences.")
    tokens = HitSerializer(
        many=True,
        help_text=f"The {MOST_LISTED} of those shortened and revoked that were used last, with `tokens.view`.",
    )
    quote = serializers.CharField(help_text="Good for a day: send it back to make the change.")


class PreviewNeededSerializer(ErrorsSerializer):
    """Why nothing was done, and where that is so, what has to be looked at first."""

    preview = PreviewSerializer(required=False)


def policy_of(account: Account) -> dict[str, Any]:
    """What `PolicySerializer` describes, in three queries."""
    shown = {name: SettingSerializer(_setting(account, name, origin)).data for name, origin in origins(account).items()}
    changes = open_changes(account)
    above = [change for change in changes if change.account_id != account.pk]
    own = [ChangeSerializer(change).data for change in changes if change not in above]
    return {
        "account_id": account.pk,
        "token_policy": shown,
        "change": own[0] if own else None,
        "changes_above": ChangeSerializer(above, many=True).data,
    }


def saved_of(account: Account, saved: Saved) -> dict[str, Any]:
    """What `SavedSerializer` describes."""
    return {**policy_of(account), "words": told_after(saved)}


def preview_of(plan: Plan, shown: Shown) -> dict[str, Any]:
    """What `PreviewSerializer` describes."""
    seen = shown.preview
    facts = {
        "changed": seen.changed,
        "takes_effect_at": seen.takes_effect_at,
        "figures": figures_of(seen),
        "words": [each.whole for each in told(seen, plan)],
        "tokens": first_hits(seen, plan.account, most=MOST_LISTED),
        "quote": shown.quote,
    }
    return PreviewSerializer(facts).data


def _setting(account: Account, name: str, origin: Origin) -> dict[str, Any]:
    source = account if origin.own is not None and not origin.is_overruled else origin.source
    return {
        "value": as_column(name, origin.value),
        "own": origin.own,
        "origin": source and source.pk,
        "locked": origin.locked_by is not None,
        "locked_by": origin.locked_by and origin.locked_by.pk,
        "locks": origin.locks,
    }

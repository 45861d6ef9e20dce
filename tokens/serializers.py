"""A token as the API shows it, and what a call may say about one: types only, the rules are `tokens.lifecycle`'s."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from accounts.moments import MomentField, iso
from accounts.roles import Permission
from policies.bodies import ExpiryField, FlagField, NumberField, Said, TextField, TextsField
from policies.foreseeing import Coming, Prospect, foresee_one
from policies.governing import governed_many
from policies.refusals import Code, refuse
from tokens.models import OPEN, AccessToken, State
from tokens.reasons import ReasonCode

# Canvas knows three states; a suspended or expired token is one that was not deleted.
_WORKFLOW_STATES = {State.PENDING: "pending", State.REVOKED: "deleted"}


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """What one person may see and do of another's tokens at the moment `now`; worked out once for all of them."""

    now: datetime
    is_own: bool
    limited_by: str | None
    prospect: Prospect
    may_regenerate: bool
    sees_use: bool


def viewpoint(viewer: User, owner: User, *, now: datetime) -> Viewpoint:
    people = governed_many({viewer.pk, owner.pk}, now=now)
    decision, whom, who = people[owner.pk].decision, people[owner.pk].membership, people[viewer.pk].membership
    is_own = viewer.pk == owner.pk
    return Viewpoint(
        now=now,
        is_own=is_own,
        limited_by=decision.limited_by,
        prospect=foresee_one(owner.pk, whom, now=now),
        may_regenerate=decision.may_create if is_own else who.may(Permission.TOKENS_CREATE, whom),
        sees_use=is_own or who.sees(Permission.TOKENS_VIEW, whom),
    )


class TokenSerializer(serializers.ModelSerializer[AccessToken]):
    """A token. Needs `viewpoint` in its context, and `secret` right after that was made."""

    user_id = serializers.IntegerField()
    app_name = serializers.SerializerMethodField(help_text="Always `User-Generated`, as in Canvas.")
    workflow_state = serializers.SerializerMethodField(help_text="The state in Canvas' words.")
    state = serializers.SerializerMethodField(help_text="The state by the clock.")
    created_at = MomentField()
    updated_at = MomentField()
    expires_at = MomentField(allow_null=True)
    last_used_at = MomentField(allow_null=True, help_text="Some seconds behind.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="Empty: whatever a reading token may.")
    real_user_id = serializers.IntegerField(source="creator_id", allow_null=True, help_text="Who made it for its owner")
    remember_access = serializers.SerializerMethodField(help_text="Always null, as for such tokens in Canvas.")
    can_manually_regenerate = serializers.SerializerMethodField(help_text="Whether you may regenerate it.")
    visible_token = serializers.SerializerMethodField(
        help_text="The whole secret in the answer that made it, once; else the hint and `...`."
    )
    hint = serializers.CharField(source="lookup_id", help_text="The lookup id; not secret, and good as `:id`.")
    limited_by = serializers.SerializerMethodField(help_text="The rule that caps this token today.")
    coming_end = serializers.SerializerMethodField(
        help_text="The earlier end that a change of settings brings, which waits; null: none."
    )
    coming_end_from = serializers.SerializerMethodField(
        help_text="When that takes effect; the same moment as `coming_end` where the token is revoked then."
    )
    revoked_at = MomentField(allow_null=True)
    revoked_reason = serializers.CharField(help_text="Empty for the owner where it is confidential.")
    revoked_code = serializers.ChoiceField(
        choices=[("", ""), *ReasonCode.choices], help_text="What kind of reason; empty as `revoked_reason`."
    )
    use_count = serializers.IntegerField(required=False, help_text="Only for the owner, and with `tokens.view`.")
    last_used_ip = serializers.CharField(required=False, allow_null=True, help_text="As `use_count`.")
    last_used_agent = serializers.CharField(required=False, help_text="As `use_count`.")

    class Meta:
        model = AccessToken
        fields = (
            "id",
            "user_id",
            "purpose",
            "app_name",
            "workflow_state",
            "state",
            "created_at",
            "updated_at",
            "expires_at",
            "last_used_at",
            "scopes",
            "real_user_id",
            "remember_access",
            "can_manually_regenerate",
            "visible_token",
            "hint",
            "limited_by",
            "coming_end",
            "coming_end_from",
            "revoked_at",
            "revoked_reason",
            "revoked_code",
            "use_count",
            "last_used_ip",
            "last_used_agent",
        )

    def to_representation(self, token: AccessToken) -> dict[str, Any]:
        shown = super().to_representation(token)
        if not self._view.sees_use:
            for name in ("use_count", "last_used_ip", "last_used_agent"):
                del shown[name]
        if token.revoked_is_confidential and self._view.is_own:
            shown["revoked_reason"] = shown["revoked_code"] = ""
        return shown

    @property
    def _view(self) -> Viewpoint:
        found: Viewpoint = self.context["viewpoint"]
        return found

    def get_app_name(self, _token: AccessToken) -> str:
        return "User-Generated"

    @extend_schema_field(serializers.ChoiceField(choices=["pending", "active", "deleted"]))
    def get_workflow_state(self, token: AccessToken) -> str:
        return _WORKFLOW_STATES.get(token.state_at(self._view.now), "active")

    @extend_schema_field(serializers.ChoiceField(choices=[(state.value, state.value) for state in State]))
    def get_state(self, token: AccessToken) -> str:
        return token.state_at(self._view.now).value

    @extend_schema_field({"type": "null"})
    def get_remember_access(self, _token: AccessToken) -> None:
        return None

    def get_can_manually_regenerate(self, token: AccessToken) -> bool:
        return self._view.may_regenerate and token.state != State.REVOKED

    def get_visible_token(self, token: AccessToken) -> str:
        return self.context.get("secret") or f"{token.lookup_id}..."

    @extend_schema_field(serializers.ChoiceField(choices=["student_cap", "account_cap"], allow_null=True))
    def get_limited_by(self, _token: AccessToken) -> str | None:
        return self._view.limited_by

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_coming_end(self, token: AccessToken) -> str | None:
        coming = self._coming(token)
        return iso(coming.end) if coming else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_coming_end_from(self, token: AccessToken) -> str | None:
        coming = self._coming(token)
        return iso(coming.takes_effect_at) if coming else None

    def _coming(self, token: AccessToken) -> Coming | None:
        if token.state_at(self._view.now) not in OPEN:
            return None
        return self._view.prospect.of(token.pk, token.expires_at)


class RotatedSerializer(TokenSerializer):
    """A token with its new secret, and how long the one before works. Needs `overlap_until` in its context besides."""

    overlap_until = serializers.SerializerMethodField(help_text="When the earlier secret stops; null: it has.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "overlap_until")  # type: ignore[assignment]  # one more than there

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_overlap_until(self, _token: AccessToken) -> str | None:
        until: datetime | None = self.context["overlap_until"]
        return iso(until) if until else None


class RevokedSerializer(serializers.Serializer[Any]):
    revoked = serializers.IntegerField(help_text="How many tokens were ended.")


class TokenValuesSerializer(Said):
    purpose = TextField(help_text="What it is for: 1 to 255 characters. Required to make one.")
    expires_at = ExpiryField(
        help_text="ISO 8601; a time without an offset is UTC, a day alone ends in its owner's zone. Null: no end."
    )
    scopes = TextsField(help_text="`tokens:manage` lets the token make and end tokens.")


class ChangedValuesSerializer(TokenValuesSerializer):
    regenerate = FlagField(help_text="1 for a new secret; the old one is dead at once.")


class NewTokenSerializer(Said):
    token = TokenValuesSerializer(required=False, allow_null=True)


class ChangedTokenSerializer(Said):
    token = ChangedValuesSerializer(required=False, allow_null=True)


class RotationValuesSerializer(Said):
    overlap_hours = NumberField(
        help_text="How long the earlier secret works, 0 to 72 hours; 24 if it is not said, 1 for students."
    )
    expires_at = ExpiryField(help_text="As in `create_token`; if it is not said, as far away as the last time.")


class RotationSerializer(Said):
    """Refuses what stands beside `token`, not in it: an overlap of 0 that is not read lets a leaked secret work on."""

    token = RotationValuesSerializer(required=False, allow_null=True)

    def to_internal_value(self, data: object) -> Any:
        for name in map(str, RotationValuesSerializer().fields):
            if isinstance(data, Mapping) and name in data:
                raise refuse(Code.PARAMETER_INVALID, name, expected="inside")
        return super().to_internal_value(data)


class RequestValuesSerializer(TokenValuesSerializer):
    why = TextField(help_text="For whoever decides, at most 255 characters. Required.")


class NewRequestSerializer(Said):
    token_request = RequestValuesSerializer(required=False, allow_null=True)


class ApprovalSerializer(Said):
    expires_at = ExpiryField(help_text="An earlier end than was asked for. Null: the one that was asked for.")


class ReasonSerializer(Said):
    reason = TextField(help_text="Why, for the owner and the audit trail; at most 255 characters.")
    reason_code = TextField(help_text=f"One of {', '.join(ReasonCode.values)}; `other` needs a `reason`.")
    confidential = FlagField(help_text="1 keeps code and reason from the owner.")

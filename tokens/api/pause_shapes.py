"""How pauses and their reports look in the API, and what a call may say of one."""

from typing import Any

from rest_framework import serializers

from accounts.moments import MomentField
from accounts.roles import Base
from policies.bodies import NumberField, Said, TextField
from tokens.models import State
from tokens.reasons import ReasonCode
from tokens.serializers import ReasonSerializer
from tokens.stops import Whom

_ROLES = [(base.value, base.value) for base in Base]


class CoveredSerializer(serializers.Serializer[Any]):
    """What a pause covered when it was made."""

    tokens = serializers.IntegerField()
    people = serializers.IntegerField()
    used = serializers.IntegerField(help_text="Tokens used in the 24 hours before.")


class PauseSerializer(serializers.Serializer[Any]):
    """An emergency stop: in force until it is lifted, kept afterwards."""

    id = serializers.IntegerField()
    whom = serializers.ChoiceField(choices=[(each.value, each.value) for each in Whom])
    account_id = serializers.IntegerField(allow_null=True)
    role = serializers.ChoiceField(choices=_ROLES, allow_null=True)
    course_id = serializers.IntegerField(allow_null=True)
    reason_code = serializers.ChoiceField(choices=[(code, code) for code in ReasonCode.values], allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    words = serializers.CharField(help_text="What owners read beside what is always said.", allow_blank=True)
    made_at = MomentField()
    made_by = serializers.IntegerField(allow_null=True, help_text="null: the operator of the portal.")
    lifted_at = MomentField(allow_null=True)
    lifted_by = serializers.IntegerField(allow_null=True)
    covered = CoveredSerializer()


class FiguresSerializer(serializers.Serializer[Any]):
    """A report in numbers, of the people whom you reach."""

    tokens = serializers.IntegerField(help_text="In use when it began.")
    people = serializers.IntegerField()
    used = serializers.IntegerField(help_text="Tokens used in the 24 hours before.")
    requests = serializers.IntegerField(help_text="Their requests in those hours.")
    tried = serializers.IntegerField(help_text="Tokens tried while they were paused.")
    tries = serializers.IntegerField(help_text="Requests refused because of that.")
    ended = serializers.IntegerField(help_text="Tokens revoked since.")


class ReportSerializer(PauseSerializer):
    """A pause with the numbers of its report."""

    told = serializers.IntegerField(help_text="People told by e-mail.")
    told_at = MomentField(allow_null=True, help_text="When all were; null while that goes on.")
    told_of_lifting = serializers.IntegerField()
    told_of_lifting_at = MomentField(allow_null=True)
    measured_at = MomentField(allow_null=True, help_text="When the uses were counted last.")
    report = FiguresSerializer()


class LineSerializer(serializers.Serializer[Any]):
    """A token in a report."""

    id = serializers.IntegerField()
    token_id = serializers.IntegerField()
    hint = serializers.CharField()
    purpose = serializers.CharField()
    user_id = serializers.IntegerField()
    last_used_at = MomentField(allow_null=True, help_text="Before it was paused.")
    last_used_ip = serializers.CharField(allow_null=True)
    requests = serializers.IntegerField(help_text="In the 24 hours before, counted by the hour.")
    tried = serializers.IntegerField(help_text="Requests refused while it was paused, counted by the day (UTC).")
    state = serializers.ChoiceField(choices=[(state, state) for state in State.values], help_text="Now.")


class BeginSerializer(Said):
    whom = TextField(help_text=f"{', '.join(Whom)}; everything only in the root account.")
    role = TextField(help_text=f"With `role`: {', '.join(Base)}.")
    course = TextField(help_text="With `course`: its SIS id or its code.")
    reason_code = TextField(help_text=f"One of {', '.join(ReasonCode.values)}; this or a reason is needed.")
    reason = TextField(help_text="Why, for administrators and the audit trail; owners are not told.")
    words = TextField(help_text="A sentence to the owners.")


class RevokeSerializer(ReasonSerializer):
    number = NumberField(help_text="How many tokens that are, as you were told; another number is refused.")


class RevokingSerializer(serializers.Serializer[Any]):
    """An act on many tokens, which a job carries out."""

    id = serializers.IntegerField()
    count = serializers.IntegerField()
    done = serializers.IntegerField()
    left = serializers.IntegerField()

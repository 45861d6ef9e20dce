"""The API's view of a standing: which roles count, and what follows from them today."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.reach import caller, get_person
from accounts.contract import PERSON, endpoint
from accounts.moments import MomentField
from accounts.roles import Base
from policies.decision import CappedBecause, RefusedBecause
from policies.foreseeing import foresee_one
from policies.governing import governed


class GrantSerializer(serializers.Serializer[Any]):
    """A role that counts now."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field, by the name of an attribute of Field
    base = serializers.ChoiceField(choices=[(base.value, base.value) for base in Base])
    account_id = serializers.IntegerField()
    course_id = serializers.IntegerField(allow_null=True)


class WaitingChangeSerializer(serializers.Serializer[Any]):
    """A change of settings that waits for its date, and what will hold for this person from then on."""

    account_id = serializers.IntegerField(source="planned.account_id", help_text="The account whose settings change.")
    takes_effect_at = MomentField(source="planned.takes_effect_at")
    may_create = serializers.BooleanField(source="verdict.after.may_create")
    latest_end = MomentField(
        allow_null=True, help_text="The latest moment at which a token may end that exists then; null: any."
    )
    revokes = serializers.BooleanField(help_text="Whether it revokes the tokens that exist then.")


class StandingSerializer(serializers.Serializer[Any]):
    """What a person's roles come to under their home account's policy."""

    roles = GrantSerializer(source="membership.standing.grants", many=True)
    capped = serializers.BooleanField(source="decision.capped")
    capped_because = serializers.ChoiceField(
        source="decision.capped_because", choices=[(why.value, why.value) for why in CappedBecause], allow_null=True
    )
    may_create = serializers.BooleanField(source="decision.may_create")
    refused_because = serializers.ChoiceField(
        source="decision.refused_because", choices=[(why.value, why.value) for why in RefusedBecause], allow_null=True
    )
    ceiling = MomentField(
        source="decision.ceiling", allow_null=True, help_text="The latest moment a token made now may end."
    )
    exempt_until = MomentField(
        source="decision.exempt_until",
        allow_null=True,
        help_text="Until then an exemption lifts the cap: the ceiling counts from this moment on.",
    )
    waiting_changes = WaitingChangeSerializer(source="prospect.foreseen", many=True)


class Standing(APIView):
    @endpoint("get_standing", StandingSerializer, refusals=[404], parameters=[PERSON], tag="People")
    def get(self, request: Request, user_id: str) -> Response:
        """Show what a person may: yourself, or with `users.view` another."""
        now = timezone.now()
        person = get_person(caller(request), user_id, now=now)
        known = governed(person, now=now)
        prospect = foresee_one(person.pk, known.membership, now=now)
        facts = {"membership": known.membership, "decision": known.decision, "prospect": prospect}
        return Response(StandingSerializer(facts).data)

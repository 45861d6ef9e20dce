"""Whose tokens stand in a text."""

from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import endpoint
from accounts.moments import MomentField
from accounts.people import membership
from accounts.roles import Permission
from policies.bodies import Said, TextField
from tokens.api.base import TAG, TokenView
from tokens.lookup import Found, FoundService, Secret, look_up
from tokens.serializers import TokenSerializer

_SECRETS = [(each.value, each.value) for each in Secret]
_SECRET = (
    "`current`: the right one; `wrong`; `earlier`: from before a regeneration; `overlap`: so too, and it works "
    "still; `none`: no secret stood there."
)


class LookupSerializer(Said):
    """What may stand in it."""

    text = TextField(help_text="A token, its lookup id or the beginning of one, lines of a log. It is not kept.")


class OwnerSerializer(serializers.Serializer[Any]):
    """Whose it is."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    login_id = serializers.CharField()


class FoundTokenSerializer(serializers.Serializer[Any]):
    """A token that stood in the text."""

    token = TokenSerializer()
    owner = OwnerSerializer()
    secret = serializers.ChoiceField(choices=_SECRETS, help_text=_SECRET)


class FoundServiceSerializer(serializers.Serializer[Any]):
    """A service whose credentials stood in the text."""

    id = serializers.IntegerField(source="verifier.pk")
    name = serializers.CharField(source="verifier.name")
    client_id = serializers.CharField(source="verifier.lookup_id")
    revoked_at = MomentField(source="verifier.revoked_at", allow_null=True)
    secret = serializers.ChoiceField(choices=_SECRETS, help_text=_SECRET)


class AnswerSerializer(serializers.Serializer[Any]):
    """All that you may see of what stood in the text."""

    tokens = FoundTokenSerializer(many=True)
    services = FoundServiceSerializer(many=True, help_text="For who edits the policy of the whole school.")


class Lookup(TokenView):
    @endpoint("look_up_token", AnswerSerializer, request=LookupSerializer, tag=TAG)
    def post(self, _request: Request) -> Response:
        """Find out whose tokens stand in a text. Needs `tokens.view` somewhere.

        Tokens out of your reach are not found, as if there were none. Each call has its line in the audit trail,
        without the text.
        """
        known = membership(self.caller, now=self.now)
        if Permission.TOKENS_VIEW not in known.standing.permissions:
            raise PermissionDenied
        text = self.said(LookupSerializer).get("text") or ""
        answer = look_up(text, self.caller, known, now=self.now)
        return Response(
            {"tokens": list(map(self._found, answer.tokens)), "services": list(map(_service, answer.services))}
        )

    def _found(self, found: Found) -> dict[str, Any]:
        owner = found.token.user
        shown = self.shown(owner, found.token)
        return {"token": shown, "owner": OwnerSerializer(owner).data, "secret": found.secret.value}


def _service(found: FoundService) -> dict[str, Any]:
    return FoundServiceSerializer(found).data

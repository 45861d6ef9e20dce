"""Which kinds of mails one wants."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import endpoint
from accounts.mails import CHOICES, Mail, Often
from accounts.models import User
from accounts.preferences import prefer
from policies.bodies import FlagField, Said, TextField
from policies.refusals import Code, refuse
from tokens.api.base import TokenView


class MailPreferencesSerializer(serializers.Serializer[User]):
    """Each kind of mail, and whether it is sent to you; `security` always is."""

    def get_fields(self) -> dict[str, Any]:
        kinds = {kind.value: serializers.BooleanField() for kind in Mail if kind != Mail.DIGEST}
        often = serializers.ChoiceField([each.value for each in Often], help_text="Of the overview for administrators.")
        return {**kinds, Mail.DIGEST.value: often}

    def to_representation(self, user: User) -> dict[str, Any]:
        return {kind.value: kind not in user.unwanted_mails for kind in Mail} | {Mail.DIGEST.value: user.digest}


class MailChoiceSerializer(Said):
    """What to change; a kind that is not named stays as it is."""

    def get_fields(self) -> dict[str, Any]:
        kinds = [kind for kind in Mail if kind != Mail.DIGEST]
        flags = {kind.value: FlagField(help_text=f"Whether you want mails of the kind `{kind}`.") for kind in kinds}
        return {**flags, Mail.DIGEST.value: TextField(help_text="How often: `weekly`, `daily` or `off`.")}


class MailPreferences(TokenView):
    @endpoint("get_mail_preferences", MailPreferencesSerializer, tag="People")
    def get(self, _request: Request) -> Response:
        """Say which kinds of mails you get."""
        return Response(MailPreferencesSerializer(self.caller).data)

    @endpoint("change_mail_preferences", MailPreferencesSerializer, request=MailChoiceSerializer, tag="People")
    def put(self, _request: Request) -> Response:
        """Switch kinds of mails on or off for yourself. Needs `tokens:manage`."""
        self.require_manage()
        said = {kind: wanted for kind, wanted in self.said(MailChoiceSerializer).items() if wanted is not None}
        if said.get(Mail.SECURITY) is False:
            raise refuse(Code.MAIL_NEEDED, Mail.SECURITY.value)
        if said.get(Mail.DIGEST, Often.OFF) not in set(Often):
            raise refuse(Code.DIGEST_UNKNOWN, Mail.DIGEST.value)
        unwanted = [kind for kind in CHOICES if not said.get(kind, kind not in self.caller.unwanted_mails)]
        prefer(self.caller, unwanted_mails=unwanted, digest=said.get(Mail.DIGEST), now=self.now)
        return Response(MailPreferencesSerializer(self.caller).data)

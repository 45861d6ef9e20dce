"""Tokens of another system, brought in by a program."""

from io import StringIO
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contract import endpoint
from accounts.people import membership
from policies.bodies import FlagField, Said, TextField
from policies.refusals import Code, refuse
from policies.wording import sentence
from tokens.api.base import TAG, TokenView
from tokens.importing import Brought, bring, may_import, reach_of, read
from tokens.texts import clean_source


class ImportSerializer(Said):
    """What to bring in."""

    source = TextField(help_text="The system that made the tokens, such as `Canvas`.")  # type: ignore[assignment]  # a field
    csv = TextField(
        help_text="Lines with the columns `owner` (a sign-in name or `sis_user_id:X`), `purpose`, `expires_at`, "
        "`sha256` (of the whole token, in hexadecimal) and `created_at`, which the first line names."
    )
    dry_run = FlagField(help_text="Say what would change, and change nothing.")


class ProblemSerializer(serializers.Serializer[Any]):
    """A line that was left out."""

    line = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()


class BroughtSerializer(serializers.Serializer[Any]):
    """What became of the lines."""

    imported = serializers.IntegerField(source="made")
    shortened = serializers.IntegerField(help_text="Of those, how many got an earlier end by their owners' limit.")
    known = serializers.IntegerField(help_text="Here already, and left as they are.")
    ended = serializers.IntegerField(help_text="Ended already, and left out.")
    left_out = serializers.IntegerField(source="left", help_text="Lines with a problem.")
    problems = serializers.SerializerMethodField()

    def get_problems(self, brought: Brought) -> list[dict[str, Any]]:
        return [
            {"line": each.number, "code": refusal.code.value, "message": sentence(refusal)}
            for each in brought.in_order
            for refusal in each.refusals
        ]


class TokenImports(TokenView):
    @endpoint("import_tokens", BroughtSerializer, request=ImportSerializer, tag=TAG)
    def post(self, _request: Request) -> Response:
        """Bring in tokens that another system made. Needs `policy.edit` at the root, and scope `tokens:manage`.

        Each is checked by its hash, listed and limited here from then on, until it gets a new secret. The same lines
        twice change nothing. Some 500 lines a call; `manage.py import_tokens` takes more.
        """
        self.require_manage()
        known = membership(self.caller, now=self.now)
        if not may_import(known):
            raise PermissionDenied
        if not settings.FOREIGN_TOKENS:
            raise refuse(Code.IMPORT_NOT_SET_UP)
        said = self.said(ImportSerializer)
        source = clean_source(said.get("source"))
        lines = list(read(StringIO(said.get("csv") or "", newline=""), zone=self.caller.zone))
        reach, dry_run = reach_of(known, now=self.now), bool(said.get("dry_run"))
        brought = bring(lines, source=source, reach=reach, actor=self.caller, now=self.now, dry_run=dry_run)
        return Response(BroughtSerializer(brought).data)

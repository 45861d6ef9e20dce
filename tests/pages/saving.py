"""Saving settings as somebody does: they look at what a change does, and save it as they saw it."""

import re
from collections.abc import Mapping
from typing import Any

from django.test import Client

from accounts.models import Account
from tests.pages.visits import text_of


def path_of(account: Account) -> str:
    return f"/accounts/{account.pk}/settings/"


def quote_in(answer: Any) -> str:
    """The text that quotes what a page shows; empty where it shows nothing that can be saved."""
    [quoted] = re.findall(r'name="quote" form="settings" value="([^"]*)"', text_of(answer))
    return str(quoted)


def save(client: Client, account: Account, values: Mapping[str, Any], **terms: Any) -> Any:
    """Preview, then save what was shown, and go where that leads."""
    sent = {**values, **terms}
    shown = client.post(f"{path_of(account)}preview/", sent)
    return client.post(path_of(account), {**sent, "quote": quote_in(shown)}, follow=True)

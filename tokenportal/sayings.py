"""What a page says once about what was done, until somebody has read it."""

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponseBase


class ReadByPeople(SessionStorage):
    """Messages that wait for a page which a person sees; with us, as they name people and tokens, and not in a cookie.

    A script that fetches a page, to take a part of it or to follow a redirect, shows nobody what the page says above.
    Browsers say of themselves which it is: https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header
    """

    def update(self, response: HttpResponseBase) -> list[Message] | None:
        """Keep what is there where only a script has it."""
        if self.request.headers.get("Sec-Fetch-Dest") == "empty":
            self.used = False
        return super().update(response)

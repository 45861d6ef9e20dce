"""A mail server that takes every mail, unless it is told to answer otherwise first."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller

TAKEN = "250 OK"


class Mailbox:
    """What came in, in its order, and over how many connections. `answer` is asked before each mail is taken.

    `wait` says how many seconds pass between taking a mail and saying so.
    """

    def __init__(
        self, port: int, *, answer: Callable[[], str] = lambda: TAKEN, wait: Callable[[], float] = lambda: 0
    ) -> None:
        self.mails: list[Message] = []
        self.connections: set[int] = set()
        self.answer, self.wait = answer, wait
        self.take = self.mails.append
        self._controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a mail, unless another answer is due."""
        said = self.answer()
        if said == TAKEN:
            self.take(message_from_bytes(envelope.content))
            self.connections.add(session.peer[1])
            await asyncio.sleep(self.wait())
        return said

    @contextmanager
    def open(self) -> Iterator["Mailbox"]:
        """Listen as long as the block lasts."""
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()

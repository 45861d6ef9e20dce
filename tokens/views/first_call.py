"""Whether the first call with a new secret has come: what the page with the secret waits for, and asks the token's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tokens.models import AccessToken

WAITING = timedelta(minutes=10)
NEWS = timedelta(hours=1)  # as long it is worth a word on the token's page


@dataclass(frozen=True, slots=True)
class FirstCall:
    """A new secret at one moment."""

    token: AccessToken
    now: datetime

    @property
    def has_come(self) -> bool:
        """Whether the present secret was used; what its predecessor did does not count."""
        return self.token.last_used_at is not None and self.token.last_used_at >= self.token.secret_made_at

    @property
    def waits(self) -> bool:
        """Whether it is worth asking again in a few seconds."""
        return not self.has_come and self.token.is_live(self.now) and self._age < WAITING

    @property
    def minutes(self) -> int:
        """How long the page with the secret waits."""
        return WAITING // timedelta(minutes=1)

    @property
    def is_news(self) -> bool:
        """Whether the token's page says something about it."""
        return self.token.is_live(self.now) and self._age < NEWS

    @property
    def _age(self) -> timedelta:
        return self.now - self.token.secret_made_at

"""Anonymous, a student, a teacher, an administrator: what each sends along, in the little school of the matrix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from django.utils import timezone

from accounts.models import User
from tests.cast import token
from tests.gateway.asking import basic
from tests.matrix.routes import GATEWAY, PARAMETER
from tests.matrix.world import World
from tests.pages.visits import client_of

WHO = ("anonymous", "student", "teacher", "admin")


@dataclass
class People:
    """Their sessions, and their tokens for the API."""

    world: World = field(default_factory=World)
    sessions: dict[str, str] = field(default_factory=dict)
    bearers: dict[str, str] = field(default_factory=dict)
    csrf: str = field(default_factory=_get_new_csrf_string)

    def __post_init__(self) -> None:
        school = self.world.school
        for name, user in {"student": school.student, "teacher": school.teacher, "admin": school.admin}.items():
            self.sessions[name] = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
        teachers = token(school.teacher, days=None, now=timezone.now()).secret
        self.bearers = {
            "student": self.world.secrets["holder"],
            "teacher": teachers,
            "admin": self.world.secrets["manage"],
        }

    @property
    def secrets(self) -> list[str]:
        """Every living secret; none may stand in an answer."""
        return [*self.bearers.values(), self.world.client[1]]

    def user(self, who: str) -> User | None:
        school = self.world.school
        found: dict[str, User] = {"student": school.student, "teacher": school.teacher, "admin": school.admin}
        return found.get(who)

    def headers(self, who: str, address: str, *, by_bearer: bool = False) -> dict[str, str]:
        """What they send along to an address: services to the doors, else a session with its CSRF token or a bearer."""
        if address in GATEWAY:
            return {"Authorization": basic(*self.world.client)} if who == "admin" else self._bearing(who)
        if by_bearer and address.startswith("/api/"):
            return self._bearing(who)
        cookies = [f"{settings.CSRF_COOKIE_NAME}={self.csrf}"]
        if who in self.sessions:
            cookies.append(f"{settings.SESSION_COOKIE_NAME}={self.sessions[who]}")
        return {"Cookie": "; ".join(cookies), "X-CSRFToken": self.csrf}

    def _bearing(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearers[who]}"} if who in self.bearers else {}

    def path(self, address: str, instead: Mapping[str, str] = MappingProxyType({})) -> str:
        """The path of an address: what stands for each parameter, or what is given instead, as it is."""
        return PARAMETER.sub(lambda match: instead.get(match[1]) or self.world.value(address, match[1]), address)

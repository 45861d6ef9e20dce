"""The roles a roster may name: by Canvas' words, by a custom role's own name, or by number."""

from dataclasses import dataclass

from accounts.models import Role
from accounts.roles import Base

# Canvas' names of the built-in roles, beside the plain words, lower case and without spaces.
_WORDS = {f"{base.value}enrollment": base for base in Base if base != Base.ADMIN} | {"accountadmin": Base.ADMIN}


def is_word(name: str) -> bool:
    """Whether a roster means a built-in role by this name; a role of the school's cannot be called so."""
    word = _squeezed(name)
    return word in _WORDS or word in set(Base)


def _squeezed(name: str) -> str:
    return "".join(name.lower().split())


@dataclass(frozen=True, slots=True)
class Known:
    """A role, and whether it is held in courses or in accounts."""

    pk: int
    is_of_course: bool


class RoleBook:
    """All roles of the school, read once."""

    def __init__(self) -> None:
        self._by_number: dict[str, Known] = {}
        self._by_name: dict[str, Known] = {}
        built_in: dict[str, Known] = {}
        for role in Role.objects.all():
            known = Known(role.pk, role.base != Base.ADMIN)
            self._by_number[str(role.pk)] = known
            self._by_name[role.label.lower()] = known
            if role.is_builtin:
                built_in[role.base] = known
        self._by_word = dict(built_in) | {word: built_in[base] for word, base in _WORDS.items()}

    def find(self, number: str, name: str) -> Known | None:
        """The role of that number, or else of that name in any case."""
        return self._by_number.get(number) or self._by_name.get(name.lower()) or self._by_word.get(_squeezed(name))

"""Why somebody whom the school's own sign-in knows is not let in: a reason as a value. Words come later, at the rim."""

from enum import StrEnum

from accounts.models import User


class Why(StrEnum):
    """Every reason."""

    STRANGER = "stranger"  # nobody here is known by this
    SWITCHED_OFF = "switched_off"
    NO_CLAIM = "no_claim"  # the provider does not say who that is
    UNVERIFIED_EMAIL = "unverified_email"
    NOT_ENTITLED = "not_entitled"  # something that has to be claimed is not
    AMBIGUOUS = "ambiguous"  # more than one here is known by this
    OTHER_IDENTITY = "other_identity"  # this person has come as somebody else before
    NAME_TAKEN = "name_taken"


class Turned(Exception):
    """They are not let in, and nothing was changed. `said` is what they were looked for by."""

    def __init__(self, why: Why, *, said: str = "", person: User | None = None) -> None:
        super().__init__(why)
        self.why, self.said, self.person = why, said, person

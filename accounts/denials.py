"""Why accounts say no to what somebody asks about roles: a reason as a value. Words come later, at the rim. Pure."""

from enum import StrEnum


class Why(StrEnum):
    """Every reason; each is a code of `policies.refusals` too, which has its sentence."""

    ROLE_LABEL_MISSING = "role_label_missing"
    ROLE_LABEL_TAKEN = "role_label_taken"
    ROLE_BASE_UNKNOWN = "role_base_unknown"
    ROLE_RETIRED = "role_retired"
    RIGHTS_NOT_HELD = "rights_not_held"
    NOBODY_LEFT = "nobody_left"


class Denied(Exception):
    """Nothing was changed. `field` is the bare name of the input that it is about; `params` fill the sentence."""

    def __init__(self, why: Why, field: str = "", **params: object) -> None:
        super().__init__(why)
        self.why, self.field, self.params = why, field, params

"""A refusal as a value: one code, its parameters, the field it is about. Words come later, at the rim. Pure."""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from accounts.denials import Denied


class Code(StrEnum):
    """Every reason for which a door of the portal says no; part of the API's contract."""

    PURPOSE_MISSING = "purpose_missing"
    PURPOSE_BLANK = "purpose_blank"
    PURPOSE_TOO_LONG = "purpose_too_long"
    PURPOSE_UNREADABLE = "purpose_unreadable"
    PURPOSE_HAS_TOKEN = "purpose_has_token"
    REASON_MISSING = "reason_missing"
    REASON_TOO_LONG = "reason_too_long"
    REASON_UNREADABLE = "reason_unreadable"
    REASON_HAS_TOKEN = "reason_has_token"
    REASON_CODE_UNKNOWN = "reason_code_unknown"
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_UNREADABLE = "name_unreadable"
    NAME_HAS_TOKEN = "name_has_token"
    VERIFIER_NAME_TAKEN = "verifier_name_taken"
    EXPIRY_REQUIRED = "expiry_required"
    EXPIRY_BEYOND_CAP = "expiry_beyond_cap"
    EXPIRY_INVALID = "expiry_invalid"
    EXPIRY_IN_PAST = "expiry_in_past"
    EXPIRED_NEEDS_EXPIRY = "expired_needs_expiry"
    SCOPE_UNKNOWN = "scope_unknown"
    SCOPE_INVALID = "scope_invalid"
    SCOPE_TAKEN = "scope_taken"
    WORDS_MISSING = "words_missing"
    SCOPES_REQUIRED = "scopes_required"
    SCOPE_NOT_FOR_STUDENTS = "scope_not_for_students"
    SCOPE_NOT_ALLOWED = "scope_not_allowed"
    ALREADY_ACTIVE = "already_active"
    NOT_PENDING = "not_pending"
    NOT_ACTIVE = "not_active"
    NOT_SUSPENDED = "not_suspended"
    RESUME_FIRST = "resume_first"
    TOKEN_ENDED = "token_ended"
    ROTATE_ACTIVE_ONLY = "rotate_active_only"
    ROTATE_OWN_ONLY = "rotate_own_only"
    OVERLAP_OUT_OF_RANGE = "overlap_out_of_range"
    OVERLAP_GOING = "overlap_going"
    SECRET_SUPERSEDED = "secret_superseded"
    CREATION_NOT_ALLOWED = "creation_not_allowed"
    TOO_MANY_TOKENS = "too_many_tokens"
    APPROVAL_NEEDED = "approval_needed"
    APPROVAL_NOT_NEEDED = "approval_not_needed"
    APPROVAL_OF_ONESELF = "approval_of_oneself"
    REQUEST_TOO_LONG = "request_too_long"
    TOO_MANY_REQUESTS = "too_many_requests"
    REQUEST_ANSWERED = "request_answered"
    REQUEST_NOT_APPROVED = "request_not_approved"
    END_NOT_SHORTER = "end_not_shorter"
    CAP_NEEDS_POLICY = "cap_needs_policy"
    INACTIVE_OWNER = "inactive_owner"
    SUCCESSOR_UNKNOWN = "successor_unknown"
    SCOPE_NOT_INHERITED = "scope_not_inherited"
    CAP_OUT_OF_RANGE = "cap_out_of_range"
    LIFE_OUT_OF_RANGE = "life_out_of_range"
    AUDIENCE_UNKNOWN = "audience_unknown"
    STUDENT_SCOPES_EMPTY = "student_scopes_empty"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"
    APPROVAL_UNKNOWN = "approval_unknown"
    GUIDANCE_HAS_TOKEN = "guidance_has_token"
    LEAKED_TOKENS_UNKNOWN = "leaked_tokens_unknown"
    CLASS_TOKENS_UNKNOWN = "class_tokens_unknown"
    NOTICE_DAYS_INVALID = "notice_days_invalid"
    GUIDANCE_TOO_LONG = "guidance_too_long"
    GUIDANCE_UNREADABLE = "guidance_unreadable"
    LINK_INVALID = "link_invalid"
    SETTING_INVALID = "setting_invalid"
    SETTING_LOCKED = "setting_locked"
    PREVIEW_NEEDED = "preview_needed"
    PREVIEW_OUTDATED = "preview_outdated"
    COUNT_NOT_TYPED = "count_not_typed"
    EXISTING_UNKNOWN = "existing_unknown"
    EXISTING_END_REQUIRED = "existing_end_required"
    EXISTING_END_TOO_EARLY = "existing_end_too_early"
    CHANGE_WAITING = "change_waiting"
    CHANGE_APPLYING = "change_applying"
    CHANGE_NOT_WAITING = "change_not_waiting"
    EXEMPTION_IN_PAST = "exemption_in_past"
    EXEMPTION_TOO_LONG = "exemption_too_long"
    EXEMPTION_OF_ONESELF = "exemption_of_oneself"
    ALREADY_EXEMPTED = "already_exempted"
    RULES_BUSY = "rules_busy"
    FLAG_OF_ONESELF = "flag_of_oneself"
    NOTHING_ABOVE = "nothing_above"
    RULE_UNKNOWN = "rule_unknown"
    FLAG_DECIDED = "flag_decided"
    DECISION_UNKNOWN = "decision_unknown"
    REVIEW_GOING = "review_going"
    REVIEW_NAME_TOO_LONG = "review_name_too_long"
    REVIEW_NOT_OPEN = "review_not_open"
    REVIEW_ANSWERED = "review_answered"
    REVIEW_ACT_UNKNOWN = "review_act_unknown"
    DIGEST_UNKNOWN = "digest_unknown"
    MAIL_NEEDED = "mail_needed"
    REMINDED_TODAY = "reminded_today"
    WEBHOOK_URL_INVALID = "webhook_url_invalid"
    WEBHOOK_URL_UNKNOWN = "webhook_url_unknown"
    WEBHOOK_URL_PRIVATE = "webhook_url_private"
    WEBHOOK_TAKEN = "webhook_taken"
    WEBHOOK_EVENTS_MISSING = "webhook_events_missing"
    WEBHOOK_EVENT_UNKNOWN = "webhook_event_unknown"
    WEBHOOK_OFF = "webhook_off"
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    ROLE_LABEL_MISSING = "role_label_missing"
    ROLE_LABEL_TAKEN = "role_label_taken"
    ROLE_BASE_UNKNOWN = "role_base_unknown"
    ROLE_UNKNOWN = "role_unknown"
    ROLE_ACCOUNT_UNKNOWN = "role_account_unknown"
    ROLE_END_INVALID = "role_end_invalid"
    ROLE_RETIRED = "role_retired"
    RIGHTS_NOT_HELD = "rights_not_held"
    NOBODY_LEFT = "nobody_left"
    WHOM_UNKNOWN = "whom_unknown"
    COURSE_UNKNOWN = "course_unknown"
    ALREADY_PAUSED = "already_paused"
    PAUSE_LIFTED = "pause_lifted"
    VIEW_NAME_MISSING = "view_name_missing"
    VIEW_NAME_TOO_LONG = "view_name_too_long"
    VIEW_TAKEN = "view_taken"
    TOO_MANY_VIEWS = "too_many_views"
    MESSAGE_MISSING = "message_missing"
    MESSAGE_TOO_LONG = "message_too_long"
    MESSAGE_UNREADABLE = "message_unreadable"
    MESSAGE_HAS_TOKEN = "message_has_token"
    NUMBER_NOT_TYPED = "number_not_typed"
    OWNER_UNKNOWN = "owner_unknown"
    HASH_INVALID = "hash_invalid"
    HASH_REPEATED = "hash_repeated"
    SOURCE_MISSING = "source_missing"
    IMPORT_UNREADABLE = "import_unreadable"
    IMPORT_NOT_CSV = "import_not_csv"
    IMPORT_TOO_LONG = "import_too_long"
    FILE_MISSING = "file_missing"
    IMPORT_TOO_LARGE = "import_too_large"
    IMPORT_NOT_SET_UP = "import_not_set_up"
    CLASS_ACT_UNKNOWN = "class_act_unknown"
    CLASS_TOO_LATE = "class_too_late"
    RIGHTS_LACKED = "rights_lacked"
    DEVICE_CODE_UNKNOWN = "device_code_unknown"
    BODY_INVALID = "body_invalid"
    PARAMETER_INVALID = "parameter_invalid"
    NOT_A_TOKEN = "not_a_token"
    SESSION_REQUIRED = "session_required"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_BUSY = "idempotency_busy"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"


# What is answered by looking at a preview, and sending back what it says.
ASK_TO_LOOK = frozenset({Code.PREVIEW_NEEDED, Code.PREVIEW_OUTDATED, Code.COUNT_NOT_TYPED})


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason. `params` fill the sentence (see `policies.wording`); `field` is the input's bare name."""

    code: Code
    field: str = ""
    params: dict[str, object] = dataclasses.field(default_factory=dict, hash=False)


class Refused(Exception):
    """Nothing was changed, for one or more reasons; a form shows them all at once."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals
        self.more: dict[str, object] = {}  # what a program is told beside the reasons

    @property
    def code(self) -> Code:
        return self.refusals[0].code


def refuse(code: Code, field: str = "", **params: object) -> Refused:
    """Build a refusal for one reason: `raise refuse(Code.EXPIRY_REQUIRED, "expires_at")`."""
    return Refused(Refusal(code, field, params))


def of_denied(denied: Denied) -> Refused:
    """What accounts say no to, as every other refusal."""
    return Refused(Refusal(Code(denied.why.value), denied.field, denied.params))


class Gathered:
    """Collects the refusals of several independent checks, to raise them together."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Refused):
            self.refusals.extend(error.refusals)
            return True
        return False

    def require(self) -> None:
        """Raise what was gathered, if anything was."""
        if self.refusals:
            raise Refused(*self.refusals)

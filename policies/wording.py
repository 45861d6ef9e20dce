"""The words of every refusal, once, for forms, API, commands and mails (rule R9).

Where Canvas clients match a message, the sentence is Canvas' own.
"""

from datetime import datetime
from typing import cast

from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from policies.decision import RefusedBecause
from policies.refusals import Code, Refusal

_SENTENCES = {
    Code.PURPOSE_MISSING: _("token[purpose] is missing"),
    Code.PURPOSE_BLANK: _("Purpose is required."),
    Code.PURPOSE_TOO_LONG: _("Purpose cannot be longer than 255 characters."),
    Code.PURPOSE_UNREADABLE: _("Purpose contains a character that cannot be seen (%(character)s). Type it again."),
    Code.PURPOSE_HAS_TOKEN: _("Purpose contains an access token. Never write a token down here; say what it is for."),
    Code.REASON_MISSING: _("Say why."),
    Code.REASON_TOO_LONG: _("The reason cannot be longer than 255 characters."),
    Code.REASON_UNREADABLE: _("The reason contains a character that cannot be seen (%(character)s). Type it again."),
    Code.REASON_HAS_TOKEN: _("The reason contains an access token. Never write a token down here."),
    Code.REASON_CODE_UNKNOWN: _("There is no such kind of reason."),
    Code.NAME_MISSING: _("Give the service a name."),
    Code.NAME_TOO_LONG: _("The name cannot be longer than 255 characters."),
    Code.NAME_UNREADABLE: _("The name contains a character that cannot be seen (%(character)s). Type it again."),
    Code.NAME_HAS_TOKEN: _("The name contains an access token. Never write a token down here."),
    Code.VERIFIER_NAME_TAKEN: _(
        "There is a service called “%(name)s” already. Revoke it first, or choose another name."
    ),
    Code.EXPIRY_REQUIRED: _("Expiration date is required"),
    Code.EXPIRY_BEYOND_CAP: ngettext_lazy(
        "Expiration date cannot be more than %(days)d day in the future",
        "Expiration date cannot be more than %(days)d days in the future",
        "days",
    ),
    Code.EXPIRY_INVALID: _("Invalid expiration date format"),
    Code.EXPIRY_IN_PAST: _("Expiration date must be in the future"),
    Code.EXPIRED_NEEDS_EXPIRY: _("cannot regenerate an expired token without a new expiration date"),
    Code.SCOPE_UNKNOWN: _("There is no scope “%(scope)s”."),
    Code.SCOPE_INVALID: _(
        "Write a scope as thing:act, such as grades:read, in small letters; url: and tokens: are ours."
    ),
    Code.SCOPE_TAKEN: _("There is a scope “%(scope)s” already."),
    Code.WORDS_MISSING: _("Say in words what the scope allows."),
    Code.SCOPES_REQUIRED: _("Say what the token may be used for: choose at least one scope."),
    Code.SCOPE_NOT_FOR_STUDENTS: _("Students cannot take the scope “%(scope)s” at this school."),
    Code.SCOPE_NOT_ALLOWED: _("Only an administrator who may create tokens for others can use the scope “%(scope)s”."),
    Code.ALREADY_ACTIVE: _("is already active"),
    Code.NOT_PENDING: _("Only a pending token can be activated."),
    Code.NOT_ACTIVE: _("Only an active token can be suspended."),
    Code.NOT_SUSPENDED: _("Only a suspended token can be resumed."),
    Code.RESUME_FIRST: _("While it is suspended, only its owner gives a token a new secret. Resume it first."),
    Code.TOKEN_ENDED: _("This token has ended. Nothing brings it back; generate a new one."),
    Code.ROTATE_ACTIVE_ONLY: _("Only the secret of an active token can go on working. Regenerate it without overlap."),
    Code.ROTATE_OWN_ONLY: _("Only its owner lets an earlier secret go on working. Regenerate it without overlap."),
    Code.OVERLAP_OUT_OF_RANGE: ngettext_lazy(
        "The earlier secret can go on working for 0 to %(most)d hour.",
        "The earlier secret can go on working for 0 to %(most)d hours.",
        "most",
    ),
    Code.OVERLAP_GOING: _(
        "The secret before the present one still works until %(moment)s. Wait until then, end it, or regenerate the "
        "token without overlap: then both stop at once."
    ),
    Code.SECRET_SUPERSEDED: _("This secret has been replaced. Only the new one can renew the token."),
    Code.TOO_MANY_TOKENS: ngettext_lazy(
        "Your school lets a person hold %(most)d token at once. Revoke it before you generate another.",
        "Your school lets a person hold %(most)d tokens at once. Revoke one before you generate another.",
        "most",
    ),
    Code.APPROVAL_NEEDED: _(
        "Here somebody has to approve this first. Ask for it under “My access tokens”, or in the API with POST "
        "/api/v1/users/self/token_requests."
    ),
    Code.APPROVAL_NOT_NEEDED: _("Nobody needs to approve this. Generate the token yourself."),
    Code.APPROVAL_OF_ONESELF: _("Nobody approves what they have asked for themselves. Another administrator can."),
    Code.REQUEST_TOO_LONG: _("The latest end that you can ask for is %(date)s."),
    Code.TOO_MANY_REQUESTS: ngettext_lazy(
        "You can have %(most)d request waiting at once. Withdraw it, or wait for an answer.",
        "You can have %(most)d requests waiting at once. Withdraw one, or wait for an answer.",
        "most",
    ),
    Code.REQUEST_ANSWERED: _("This request does not wait for an answer any more."),
    Code.REQUEST_NOT_APPROVED: _("There is no approval left to use: a token is generated once, in the 14 days after."),
    Code.END_NOT_SHORTER: _("You can move the end to an earlier day than was asked for, not to a later one."),
    Code.CAP_NEEDS_POLICY: _(
        "This is beyond the limit of the person who asks. Only who may edit the policy over them can approve that; "
        "you can shorten it to %(date)s."
    ),
    Code.INACTIVE_OWNER: _("This person's sign-in is switched off, so no token can be made or resumed for them."),
    Code.SUCCESSOR_UNKNOWN: _(
        "Name one other person who may sign in and for whom you may make tokens, best by their sign-in name."
    ),
    Code.SCOPE_NOT_INHERITED: _("This person may have none of the scopes of a token that you hand over: %(scope)s."),
    Code.CAP_OUT_OF_RANGE: _("The student limit must be a whole number of days from 1 to 120."),
    Code.LIFE_OUT_OF_RANGE: _("This limit must be a whole number of days from 1 to 3650, or 0 for no limit."),
    Code.AUDIENCE_UNKNOWN: _("Choose who may create tokens: everyone, no_students or admins_only."),
    Code.STUDENT_SCOPES_EMPTY: _(
        "Choose at least one scope for students; to keep them from tokens, say who may create."
    ),
    Code.NUMBER_OUT_OF_RANGE: _("This must be a whole number from %(least)d to %(most)d."),
    Code.GUIDANCE_HAS_TOKEN: _("The guidance contains an access token. Never write a token down here."),
    Code.LEAKED_TOKENS_UNKNOWN: _("Choose what becomes of leaked tokens: revoke or suspend."),
    Code.CLASS_TOKENS_UNKNOWN: _("Choose who may make tokens for a class: staff, instructors or nobody."),
    Code.NOTICE_DAYS_INVALID: _("Write at most %(most)d numbers of days, each from 1 to %(earliest)d: 30, 14, 7, 1."),
    Code.APPROVAL_UNKNOWN: _("Choose whose tokens need approval: nobody, students or everyone."),
    Code.GUIDANCE_TOO_LONG: _("This text cannot be longer than %(most)d characters."),
    Code.GUIDANCE_UNREADABLE: _("This text contains a character that cannot be seen (%(character)s). Type it again."),
    Code.LINK_INVALID: _("Give an address on the web, beginning with https:// or http://, of at most 500 characters."),
    Code.SETTING_LOCKED: _("%(account)s has locked this setting: here it can only be tighter than there."),
    Code.PREVIEW_NEEDED: _("Look at what this change does, then save it as you saw it."),
    Code.PREVIEW_OUTDATED: _(
        "What this change does has moved since you looked at it. Look at the new figures, then save."
    ),
    Code.COUNT_NOT_TYPED: ngettext_lazy(
        "Without time to prepare, %(number)d token is touched at once. To go on, type that number.",
        "Without time to prepare, %(number)d tokens are touched at once. To go on, type that number.",
        "number",
    ),
    Code.EXISTING_UNKNOWN: _("Choose what becomes of the tokens: keep, run_out, end_on or revoke."),
    Code.EXISTING_END_REQUIRED: _("Give the date on which the tokens end, and only where they end on a date."),
    Code.EXISTING_END_TOO_EARLY: _("This date must come after the change takes effect."),
    Code.CHANGE_WAITING: _("A change of this account waits until %(date)s. Undo it first, or wait for it."),
    Code.CHANGE_APPLYING: _("A change of this account is being carried out. Try again when it is done."),
    Code.CHANGE_NOT_WAITING: _("This change does not wait any more, so there is nothing to undo."),
    Code.SETTING_INVALID: _("This value is not one the setting can take."),
    Code.EXEMPTION_IN_PAST: _("The exemption must end in the future."),
    Code.EXEMPTION_TOO_LONG: ngettext_lazy(
        "An exemption can last %(days)d day at most.", "An exemption can last %(days)d days at most.", "days"
    ),
    Code.EXEMPTION_OF_ONESELF: _("Nobody exempts themselves. Ask another administrator."),
    Code.ALREADY_EXEMPTED: _("An exemption that ends no earlier holds already."),
    Code.RULES_BUSY: _("A roster is being loaded, and settings cannot change meanwhile. Try again in a minute."),
    Code.FLAG_OF_ONESELF: _("Nobody decides on the use of their own tokens. Say what it was; others decide."),
    Code.NOTHING_ABOVE: _("There is no account above this one."),
    Code.RULE_UNKNOWN: _("There is no such rule."),
    Code.FLAG_DECIDED: _("Somebody has decided on this already."),
    Code.DECISION_UNKNOWN: _("Choose what it is: confirmed or dismissed."),
    Code.REVIEW_GOING: _("A review goes on here already, or above or below. Wait until it is closed, or cancel it."),
    Code.REVIEW_NAME_TOO_LONG: _("The name of a review cannot be longer than %(most)d characters."),
    Code.REVIEW_NOT_OPEN: _("This review is not open any more."),
    Code.REVIEW_ANSWERED: _("This cannot be answered any more: the token is revoked, or the review has come to it."),
    Code.REVIEW_ACT_UNKNOWN: _("Write remind, close or cancel."),
    Code.DIGEST_UNKNOWN: _("Write weekly, daily or off."),
    Code.MAIL_NEEDED: _("Mails about security cannot be switched off."),
    Code.REMINDED_TODAY: _("Its owners were told within the last 24 hours. Remind them again tomorrow."),
    Code.WEBHOOK_URL_INVALID: _("Write an address that begins with https:// and holds no name or password."),
    Code.WEBHOOK_URL_UNKNOWN: _("The host of this address is not known."),
    Code.WEBHOOK_URL_PRIVATE: _(
        "The host of this address is inside a network, where the portal writes to nobody. Whoever runs the portal can "
        "let it, with WEBHOOK_PRIVATE_HOSTS."
    ),
    Code.WEBHOOK_TAKEN: _("This account has a webhook to this address already."),
    Code.WEBHOOK_EVENTS_MISSING: _("Choose at least one event."),
    Code.WEBHOOK_EVENT_UNKNOWN: _("There is no event “%(event)s”."),
    Code.WEBHOOK_OFF: _("This webhook is switched off. Switch it on first."),
    Code.TOO_MANY_WEBHOOKS: _("An account can have %(most)d webhooks. Delete one first."),
    Code.ROLE_LABEL_MISSING: _("Give the role a name."),
    Code.ROLE_LABEL_TAKEN: _("“%(label)s” is the name of another role, or a word by which rosters mean one."),
    Code.ROLE_BASE_UNKNOWN: _("Choose what kind of role it is."),
    Code.ROLE_UNKNOWN: _("Choose one of the roles in the list."),
    Code.ROLE_ACCOUNT_UNKNOWN: _("Choose one of the accounts in the list."),
    Code.ROLE_END_INVALID: _("Choose a day that is not past, or leave it empty."),
    Code.ROLE_RETIRED: _("“%(label)s” is retired: nobody can be given it any more."),
    Code.RIGHTS_NOT_HELD: _("Nobody gives a right that they do not hold there themselves."),
    Code.NOBODY_LEFT: _(
        "Nobody would be left who may change the policy of the whole school. First give that right to somebody else, "
        "without an end."
    ),
    Code.WHOM_UNKNOWN: _("Say whose tokens: everything, an account, a role within an account, or a course."),
    Code.COURSE_UNKNOWN: _("There is no such course here, or more than one. Give its code or its SIS id."),
    Code.ALREADY_PAUSED: _("These tokens are paused already."),
    Code.PAUSE_LIFTED: _("This pause was lifted already."),
    Code.VIEW_NAME_MISSING: _("Give the view a name."),
    Code.VIEW_NAME_TOO_LONG: _("The name of a view cannot be longer than 60 characters."),
    Code.VIEW_TAKEN: _("You keep a view called “%(name)s” here already. Choose another name, or delete that one."),
    Code.TOO_MANY_VIEWS: _("You keep %(most)d views already. Delete one first."),
    Code.MESSAGE_MISSING: _("Write a subject and a text."),
    Code.MESSAGE_TOO_LONG: _("This cannot be longer than %(most)d characters."),
    Code.MESSAGE_UNREADABLE: _("This contains a character that cannot be seen (%(character)s). Type it again."),
    Code.MESSAGE_HAS_TOKEN: _("This contains an access token. Never send a token by e-mail."),
    Code.NUMBER_NOT_TYPED: _("These are %(number)d tokens. To go on, type that number."),
    Code.OWNER_UNKNOWN: _("There is nobody called “%(owner)s” whom you may bring tokens for."),
    Code.HASH_INVALID: _("sha256 must be the SHA-256 of the token: 64 digits and letters from a to f."),
    Code.HASH_REPEATED: _("An earlier line of the file has the same sha256."),
    Code.SOURCE_MISSING: _("Say which system made these tokens."),
    Code.IMPORT_UNREADABLE: _("The first line must name the columns; missing: %(columns)s."),
    Code.IMPORT_NOT_CSV: _("Line %(line)s cannot be read: the file must be CSV in UTF-8."),
    Code.IMPORT_TOO_LONG: _("A file may have %(most)s lines at most. Split it."),
    Code.FILE_MISSING: _("Choose a file."),
    Code.IMPORT_TOO_LARGE: _("A file sent here may have %(most)s KiB at most. manage.py import_tokens takes more."),
    Code.CLASS_ACT_UNKNOWN: _("Write add or remind."),
    Code.CLASS_TOO_LATE: _(
        "No more of these are made: they have ended or were revoked, or whoever made them no longer may here."
    ),
    Code.RIGHTS_LACKED: _("This person holds rights over others that you lack. They make their token themselves."),
    Code.DEVICE_CODE_UNKNOWN: _(
        "No program waits under this code. Check it, or start anew: a code is good for 10 minutes."
    ),
    Code.IMPORT_NOT_SET_UP: _(
        "The portal does not know yet what such tokens look like, so none of them would be accepted. Whoever runs it "
        "sets FOREIGN_TOKENS."
    ),
    Code.BODY_INVALID: _("The body cannot be read. Send JSON or a form, in UTF-8, with every name once."),
    Code.NOT_A_TOKEN: _("This call is about the token that carries it, and a browser session carries it."),
    Code.SESSION_REQUIRED: _("A token is activated by its owner, signed in with a browser."),
    Code.IDEMPOTENCY_KEY_INVALID: _("Idempotency-Key must be 1 to 255 printable ASCII characters."),
    Code.IDEMPOTENCY_BUSY: _("The first request with this Idempotency-Key is still running. Try again in a moment."),
    Code.IDEMPOTENCY_MISMATCH: _("This Idempotency-Key was used before with another request body."),
}

_EXPECTED = {
    "text": _("This parameter must be a text."),
    "texts": _("This parameter must be a list of texts."),
    "number": _("This parameter must be a whole number."),
    "flag": _("This parameter must be 1 or 0, true or false."),
    "object": _("This parameter must be an object."),
    "inside": _("This parameter has to stand inside “token”: in a form as token[…], in JSON in an object."),
    "offered": _("This parameter has none of the values that the API document names."),
    "day": _("This parameter must be a day, like 2026-11-26."),
}

CREATION = {
    RefusedBecause.NO_STUDENTS: _(
        "Students cannot create access tokens at this school. Ask an administrator if you need one."
    ),
    RefusedBecause.ADMINS_ONLY: _(
        "Only administrators can create access tokens at this school. Ask one of them if you need one."
    ),
}


def sentence(refusal: Refusal) -> str:
    """The refusal in words, in the active language."""
    if refusal.code == Code.CREATION_NOT_ALLOWED:
        return str(CREATION[RefusedBecause(str(refusal.params["because"]))])
    if "date" in refusal.params:
        return str(_SENTENCES[refusal.code] % {"date": day(refusal.params["date"])})
    if "moment" in refusal.params:
        return str(_SENTENCES[refusal.code] % {"moment": _moment(refusal.params["moment"])})
    if refusal.code == Code.PARAMETER_INVALID:
        return str(_EXPECTED[str(refusal.params["expected"])])
    return str(_SENTENCES[refusal.code] % refusal.params) if refusal.params else str(_SENTENCES[refusal.code])


def day(moment: object) -> str:
    """A day as people write it, where they are."""
    return date_format(localtime(cast("datetime", moment)), "j F Y")


def _moment(moment: object) -> str:
    """With the zone that it is told in, as a program's reader is not asked for theirs."""
    when = date_format(localtime(cast("datetime", moment)), "j F Y, H:i")
    return f"{when} ({get_current_timezone_name()})"

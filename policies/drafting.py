"""What somebody has filled in on the page of an account's settings: what it would do, and saving it as it was shown."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from accounts.models import Account, User
from accounts.people import Membership
from accounts.roles import Permission
from policies import planning
from policies.hits import Hit, first_hits, may_list
from policies.planning import Plan, Saved, Shown
from policies.preview import Preview, preview
from policies.refusals import Refused
from policies.settings_form import SettingsForm
from policies.spreading import SPREAD_FROM
from policies.telling import Told, told
from policies.terms_form import TermsForm

MOST_LISTED = 20  # tokens


@dataclass(frozen=True, slots=True)
class Questions:
    """What has to be asked before a change is carried out."""

    existing: bool = False  # what becomes of the tokens of those who lose the right to create
    revoking: bool = False  # and whether they may be revoked
    grace: bool = False
    spread: bool = False
    typed: bool = False

    @property
    def any(self) -> bool:
        """Whether there is a question."""
        return self.existing or self.grace


class Draft:
    """The form as it is filled in. Its plan is there if the form can be read, its preview if the plan can be."""

    def __init__(
        self, account: Account, form: SettingsForm, terms: TermsForm, *, actor: User, viewer: Membership, now: datetime
    ) -> None:
        """`viewer` is what `actor` amounts to."""
        self.account, self.form, self.terms = account, form, terms
        self.actor, self.viewer, self.now = actor, viewer, now
        # Before anything is refused: that leaves errors in the forms, which say no more whether they can be read.
        are_read = [each.is_valid() for each in (form, terms)]
        self.plan = Plan(account, form.values(), **terms.cleaned_data["terms"]) if all(are_read) else None

    def save(self) -> Saved | None:
        """Save it as it was shown; None where that is refused, which the form says then."""
        if self.plan is None:
            return None
        said = self.terms.cleaned_data
        try:
            return planning.save(self.plan, quoted=said["quote"], typed=said["typed"], actor=self.actor, now=self.now)
        except Refused as refused:
            self._refuse(refused)
            return None

    @cached_property
    def shown(self) -> Shown | None:
        """What it would do; None where it cannot be, which the form says then."""
        if self.plan is None:
            return None
        try:
            return planning.show(self.plan, actor=self.actor, now=self.now)
        except Refused as refused:
            if not self.has_errors:  # saving has said the same
                self._refuse(refused)
            return None

    @property
    def has_errors(self) -> bool:
        """Whether something was refused."""
        return bool(self.form.errors or self.terms.errors)

    @property
    def errors(self) -> list[str]:
        """Every sentence of it."""
        return [str(each) for form in (self.form, self.terms) for errors in form.errors.values() for each in errors]

    @cached_property
    def preview(self) -> Preview:
        """What it would do; where it cannot be, what is."""
        shown = self.shown
        return shown.preview if shown else preview(self.account, {}, viewer=self.viewer, now=self.now)

    @property
    def told(self) -> list[Told]:
        """It in words."""
        return told(self.preview, self.plan) if self.plan and self.shown else []

    @property
    def may_list(self) -> bool:
        """Whether who looks may see whose tokens these are."""
        return may_list(self.preview, self.account)

    @property
    def hits(self) -> list[Hit]:
        """The tokens that it touches and that were used last, as many as a page has room for."""
        return first_hits(self.preview, self.account, most=MOST_LISTED) if self.shown else []

    @property
    def questions(self) -> Questions:
        """What is to be asked of it; whatever was refused is asked again."""
        tokens, wrong = self.preview.tokens, self.terms.errors
        is_hasty = self.plan is not None and self.plan.grace_days == 0
        return Questions(
            existing=tokens.left > 0 or not wrong.keys().isdisjoint(("existing", "existing_end")),
            revoking=Permission.TOKENS_DELETE in self.viewer.standing.permissions,
            grace=self.preview.waits or "grace_days" in wrong,
            spread=tokens.hit > SPREAD_FROM or "spread_days" in wrong,
            typed=(tokens.hit > 0 and is_hasty) or "typed" in wrong,
        )

    def _refuse(self, refused: Refused) -> None:
        """Let each form show what is about its fields."""
        for refusal in refused.refusals:
            form = self.terms if refusal.field in self.terms.fields else self.form
            form.add_refusals(Refused(refusal))

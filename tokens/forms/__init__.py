"""The forms of the pages. They read texts and days, draw what the decision allows, and leave deciding to the door."""

from tokens.forms.asking import EditForm, NewTokenForm, ReasonForm, RegenerateForm
from tokens.forms.ends import Ends
from tokens.forms.registering import ScopeForm, VerifierForm

__all__ = ["EditForm", "Ends", "NewTokenForm", "ReasonForm", "RegenerateForm", "ScopeForm", "VerifierForm"]

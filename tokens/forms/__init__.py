"""The forms of the pages. They read texts and days, draw what the decision allows, and leave deciding to the door."""

from tokens.forms.asking import (
    ApprovalForm,
    EditForm,
    NewTokenForm,
    ReasonForm,
    RefusalForm,
    RegenerateForm,
    RequestForm,
)
from tokens.forms.ends import Ends
from tokens.forms.registering import ScopeForm, VerifierForm

__all__ = [
    "ApprovalForm",
    "EditForm",
    "Ends",
    "NewTokenForm",
    "ReasonForm",
    "RefusalForm",
    "RegenerateForm",
    "RequestForm",
    "ScopeForm",
    "VerifierForm",
]

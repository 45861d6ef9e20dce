"""The forms of the pages. They read texts and days, draw what the decision allows, and leave deciding to the door."""

from tokens.forms.asking import (
    ApprovalForm,
    EditForm,
    NewTokenForm,
    OnceForm,
    ReasonForm,
    RefusalForm,
    RegenerateForm,
    RequestForm,
)
from tokens.forms.bulk import BulkForm
from tokens.forms.devices import CodeForm, DeviceForm
from tokens.forms.ends import Ends
from tokens.forms.exempting import ExemptionForm, RoleExemptionForm
from tokens.forms.flags import ConfirmationForm, DismissalForm, ExplanationForm
from tokens.forms.importing import ImportForm
from tokens.forms.leaks import ReportForm
from tokens.forms.leaving import LeavingForm
from tokens.forms.lookup import LookupForm
from tokens.forms.registering import ScopeForm, VerifierForm
from tokens.forms.reviews import ReviewForm
from tokens.forms.roles import EndRoleForm, GiveRoleForm, RoleForm
from tokens.forms.stopping import PauseForm, StopForm
from tokens.forms.views import ViewForm
from tokens.forms.webhooks import WebhookForm

__all__ = [
    "ApprovalForm",
    "BulkForm",
    "CodeForm",
    "ConfirmationForm",
    "DeviceForm",
    "DismissalForm",
    "EditForm",
    "EndRoleForm",
    "Ends",
    "ExemptionForm",
    "ExplanationForm",
    "GiveRoleForm",
    "ImportForm",
    "LeavingForm",
    "LookupForm",
    "NewTokenForm",
    "OnceForm",
    "PauseForm",
    "ReasonForm",
    "RefusalForm",
    "RegenerateForm",
    "ReportForm",
    "RequestForm",
    "ReviewForm",
    "RoleExemptionForm",
    "RoleForm",
    "ScopeForm",
    "StopForm",
    "VerifierForm",
    "ViewForm",
    "WebhookForm",
]

"""The rows of policies."""

from policies.models.exemption import Exemption
from policies.models.planned import Existing, PlannedChange, Stage
from policies.models.policy import FIELDS, Policy

__all__ = ["FIELDS", "Exemption", "Existing", "PlannedChange", "Policy", "Stage"]

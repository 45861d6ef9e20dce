"""The rows of policies."""

from policies.models.exemption import Exemption
from policies.models.planned import OPEN_STAGES, PlannedChange, Stage
from policies.models.policy import FIELDS, Policy

__all__ = ["FIELDS", "OPEN_STAGES", "Exemption", "PlannedChange", "Policy", "Stage"]

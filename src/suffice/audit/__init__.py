"""Dataset to findings; one check per file."""

from suffice.audit.audit import audit, stop_on
from suffice.audit.check import Audited
from suffice.audit.label_error import FLAGGED_MARGIN

__all__ = ["FLAGGED_MARGIN", "Audited", "audit", "stop_on"]

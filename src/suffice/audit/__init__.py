"""Dataset to findings; one check per file."""

from suffice.audit.audit import audit, stop_on

__all__ = ["audit", "stop_on"]

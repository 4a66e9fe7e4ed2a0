"""A bundle to the formats of other tools, and whether these answer as the bundle does."""

from suffice.export.contract import FormName
from suffice.export.forms import FORMS, Form, export_bundle
from suffice.export.parity import Parity, check_parity

__all__ = ["FORMS", "Form", "FormName", "Parity", "check_parity", "export_bundle"]

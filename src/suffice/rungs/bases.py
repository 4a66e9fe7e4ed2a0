"""The base model that a saved rung stands on: the one it was fitted on, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from suffice.errors import BundleError, Problem
from suffice.records.progress import SILENT
from suffice.rungs.interface import BaseReference

if TYPE_CHECKING:
    from suffice.base_models import BaseModelFiles


def matching_base(reference: BaseReference, *, base_folder: Path | None) -> BaseModelFiles:
    """Finds the base model by name, or in the folder given, and holds it against the fingerprint.

    Args:
        reference: what the rung was fitted on.
        base_folder: a copy of the base model to use instead of finding it by name.

    Raises:
        ModelError: it cannot be found.
        BundleError: what was found has other weights.
    """
    from suffice.base_models import locate  # noqa: PLC0415 - what stands on no base model is served without it

    files = locate(str(base_folder) if base_folder else reference.name, progress=SILENT)
    if files.fingerprint != reference.fingerprint:
        raise BundleError(
            Problem(
                where=reference.name,
                rule=f"the base model must be the one fitted on, {reference.fingerprint[:12]}",
                got=f"{files.fingerprint[:12]} from {files.origin}",
                fix="fetch the base model from where it came when the rung was fitted, or fit again",
            )
        )
    return files

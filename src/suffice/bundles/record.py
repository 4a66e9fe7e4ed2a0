"""What a bundle says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import Evaluation
from suffice.records.run import RunManifest
from suffice.records.splits import SplitCertificate
from suffice.rungs.interface import BaseReference


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleRecord:
    """What a bundle is."""

    task: str
    """Name of the task."""
    rung: str
    """Name in the ladder."""
    run: RunManifest
    """The run that it was made of."""
    base: BaseReference | None
    """The base model that it stands on."""
    validation: Evaluation | None
    """What the rung measured where rungs were compared."""
    test: Evaluation | None
    """What this bundle measured on the sealed test; None while it is sealed."""
    verdict: str | None
    """The verdict's sentence where this is the rung that was proposed."""
    validation_answers: CompletionEvaluation | None = None
    """The layers behind `validation` where answers are free text, without rows; None where they are labels."""
    test_answers: CompletionEvaluation | None = None
    """The layers behind `test`, likewise."""
    split: SplitCertificate | None = None
    """How the rows were divided; None in bundles from before that was written down."""
    keep_days: int | None = None
    """How long the task wants answers kept in a ledger, in days; None for ever."""
    hosted_per_thousand: float | None = None
    """Money that the cheapest endpoint of the same fit asked for a thousand messages; None where none was asked."""

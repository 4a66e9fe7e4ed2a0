"""How much of what is planted in the demonstration's own set the audit finds."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from importlib.resources import files

import numpy as np

from suffice.audit import FLAGGED_MARGIN
from suffice.pipeline.labels.audit import AuditOutcome
from suffice.records.evidence import NoEvidence

Row = dict[str, str]


def planted_found(outcome: AuditOutcome) -> tuple[str, ...]:
    """Sentences: of what was planted, how much is found, and at what cost in rows to look at.

    Args:
        outcome: an audit of the set that ships with suffice.
    """
    with (files("suffice.demo") / "planted.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in ("wrong_label", "near_copy", "ambiguous")}
    return tuple(
        sentence
        for sentence in (
            _wrong(by_kind["wrong_label"], outcome),
            _copies(by_kind["near_copy"], outcome),
            _ambiguous(by_kind["ambiguous"], outcome),
        )
        if sentence
    )


def _wrong(planted: Sequence[Row], outcome: AuditOutcome) -> str | None:
    if isinstance(outcome.evidence, NoEvidence):
        return None
    suspicion, ids = outcome.evidence.suspicion, outcome.read.placed.data.ids
    ranked = [ids[row] for row in suspicion.rows[np.argsort(-suspicion.score, kind="stable")]]
    wrong = {row["id"] for row in planted} & set(ranked)
    n_flagged = int((suspicion.margin >= FLAGGED_MARGIN).sum())
    return (
        f"of {len(wrong)} wrong labels planted in train and validation, {_among(wrong, ranked[: len(wrong)])} stand "
        f"among the first {len(wrong)} of the ranking, and {_among(wrong, ranked[:n_flagged])} among the {n_flagged} "
        "rows flagged"
    )


def _copies(planted: Sequence[Row], outcome: AuditOutcome) -> str:
    copies, position = outcome.read.placed.copies, {i: row for row, i in enumerate(outcome.read.placed.data.ids)}
    pairs = [(position[row["id"]], position[row["copy_of"]]) for row in planted]

    def joined(codes: Sequence[int] | None) -> int:
        return 0 if codes is None else sum(codes[one] == codes[other] for one, other in pairs)

    near = joined(copies.near.tolist())
    evidence = outcome.evidence
    alike = None if isinstance(evidence, NoEvidence) or evidence.paraphrases is None else evidence.paraphrases.tolist()
    either = near if alike is None else sum(copies.near[a] == copies.near[b] or alike[a] == alike[b] for a, b in pairs)
    return (
        f"of {len(pairs)} near-copies, {near} are grouped with what they copy, and {either} where paraphrases by "
        "embedding are counted in"
    )


def _ambiguous(planted: Sequence[Row], outcome: AuditOutcome) -> str | None:
    if isinstance(outcome.evidence, NoEvidence):
        return None
    suspicion, ids = outcome.evidence.suspicion, outcome.read.placed.data.ids
    fifth = suspicion.rows[np.argsort(-suspicion.score, kind="stable")][: len(suspicion.rows) // 5]
    ranked = {row["id"] for row in planted} & {ids[row] for row in suspicion.rows}
    return (
        f"of {len(ranked)} ambiguous messages, {_among(ranked, [ids[row] for row in fifth])} stand in the first fifth "
        "of the ranking; one label per row cannot say of a single row that it is ambiguous"
    )


def _among(wanted: set[str], found: Iterable[str]) -> int:
    return len(wanted & set(found))

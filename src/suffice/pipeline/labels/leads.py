"""Evidence to what a person may look at on a page: training rows, personal data masked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.audit import FLAGGED_MARGIN
from suffice.pipeline.rows.placed import Placed
from suffice.records.dataset import Dataset
from suffice.records.evidence import Evidence, LabelPair, NoEvidence
from suffice.records.labels import LabelSet
from suffice.records.splits import SPLIT_NAMES
from suffice.report import ConfusedLabels, ExampleText, Leads, Suspect
from suffice.text.personal import mask_personal

MAX_SUSPECTS = 30
MAX_PAIRS = 10
N_NEIGHBOURS = 3
MAX_EXAMPLES = 6


def leads_of(evidence: Evidence | NoEvidence, rows: Placed, labels: LabelSet, *, decided: NDArray[np.int64]) -> Leads:
    """Takes what a page shows out of the evidence.

    Args:
        evidence: what models say of the rows.
        rows: the data version.
        labels: the K labels.
        decided: positions of rows about which a person has decided.
    """
    if isinstance(evidence, NoEvidence):
        return Leads(n_flagged=0, suspects=(), confused=())
    flagged = evidence.suspicion.flagged(least=FLAGGED_MARGIN, decided=decided)
    in_train = rows.splits.codes == SPLIT_NAMES.index("train")
    shown = flagged[in_train[flagged]][:MAX_SUSPECTS]
    return Leads(
        n_flagged=len(flagged),
        suspects=tuple(_suspect(int(row), evidence, rows.data, labels, in_train) for row in shown),
        confused=tuple(_confused(pair, evidence, rows.data, labels, in_train) for pair in evidence.pairs[:MAX_PAIRS]),
    )


def _suspect(row: int, evidence: Evidence, data: Dataset, labels: LabelSet, in_train: NDArray[np.bool_]) -> Suspect:
    suspicion = evidence.suspicion
    place = int(np.searchsorted(suspicion.rows, row))
    near = [i for i in suspicion.neighbours[place].tolist() if i >= 0 and in_train[i]][:N_NEIGHBOURS]
    (example,) = data.take([row])
    return Suspect(
        where=f"{example.source}: row {example.row}",
        example=_shown(data, row),
        suggested=labels.names[suspicion.suggested[place]],
        margin=float(suspicion.margin[place]),
        neighbours=tuple(_shown(data, i) for i in near),
    )


def _confused(
    pair: LabelPair, evidence: Evidence, data: Dataset, labels: LabelSet, in_train: NDArray[np.bool_]
) -> ConfusedLabels:
    rows = evidence.rows[evidence.crossed(pair)]
    return ConfusedLabels(
        first=labels.names[pair.first],
        second=labels.names[pair.second],
        inseparable=pair.inseparable,
        auc=pair.auc,
        n_rows=pair.n_rows,
        n_confused=pair.n_confused,
        gain=pair.n_confused / len(evidence.rows),
        examples=tuple(_shown(data, int(row)) for row in rows[in_train[rows]][:MAX_EXAMPLES]),
    )


def _shown(data: Dataset, row: int) -> ExampleText:
    (example,) = data.take([row])
    return ExampleText(text=mask_personal(example.text), label=example.label)

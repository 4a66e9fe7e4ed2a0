"""How a person settles the label of some rows: in `suffice review` where it shows them, else in the source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import NOT_ASKED, Audited
from suffice.records.evidence import NoEvidence
from suffice.records.splits import SPLIT_NAMES

_REVIEW = "settle the label in `suffice review task.yaml --row ID` (`suffice audit task.yaml --json` lists the ids)"
_TEST = "a test row is shown by `suffice review task.yaml --also-test --row ID` alone, which spends the test"
_HELD_OUT = "decisions about held-out rows are applied by `suffice clean task.yaml --also-test` alone"
_CALIBRATION = "correct a calibration row in the source file: no review shows it"


def how_to_settle(audited: Audited, rows: NDArray[np.int64]) -> str:
    """What can be done about the label of rows, by the splits that they stand in.

    A review shows training and validation rows; test rows for the price of the test; calibration rows never.

    Args:
        audited: the rows; of models that were not asked it is not known that a review has too little to stand on.
        rows: positions, at least one.
    """
    evidence = audited.evidence
    if isinstance(evidence, NoEvidence) and evidence is not NOT_ASKED:
        return f"correct the label in the source file (`suffice review` cannot begin: {evidence.why})"
    splits = {SPLIT_NAMES[code] for code in audited.splits.codes[rows]}
    ways = (
        (_REVIEW, {"train", "validation"}),
        (_TEST, {"test"}),
        (_HELD_OUT, {"validation", "test"}),
        (_CALIBRATION, {"calibration"}),
    )
    return "; ".join(way for way, of in ways if splits & of)

"""What can be said of a division of rows."""

from __future__ import annotations

import numpy as np

from suffice.records.copies import Copies
from suffice.records.splits import SPLIT_NAMES, SplitCertificate, Splits


def certify(splits: Splits, copies: Copies) -> SplitCertificate:
    """Writes down how rows were divided.

    Args:
        splits: where each row stands.
        copies: what the groups were made of.
    """
    rows = {name: splits.rows(name) for name in SPLIT_NAMES}
    return SplitCertificate(
        n_rows={name: len(of_split) for name, of_split in rows.items()},
        n_groups={name: len(np.unique(splits.groups[of_split])) for name, of_split in rows.items()},
        brought=splits.brought,
        n_leaked=splits.n_leaked,
        threshold=copies.threshold,
        method=copies.method,
        miss_rate=copies.miss_rate,
        cut=copies.cut,
        sha256=splits.sha256,
        test_sha256=splits.test_sha256,
    )

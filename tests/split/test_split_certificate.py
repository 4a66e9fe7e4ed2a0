from split_rows import data_of, rows_of

from suffice.copies import find_copies, group_rows
from suffice.records.progress import SILENT
from suffice.records.splits import SplitCertificate
from suffice.split import assign_splits, certify


def test_the_certificate_says_how_the_rows_were_divided():
    rows = rows_of(
        ["lost", "Lost!", "fee", "fee", "pin", "LOST"],
        split=["train", "train", "validation", "test", "test", "validation"],
    )
    data = data_of(rows)
    copies = find_copies(data.texts, progress=SILENT)
    splits = assign_splits(data, group_rows(data.texts, data.groups, copies.near), seed=0)
    assert certify(splits, copies) == SplitCertificate(
        n_rows={"train": 2, "validation": 2, "calibration": 0, "test": 2},
        n_groups={"train": 1, "validation": 2, "calibration": 0, "test": 2},
        brought=("train", "validation", "test"),
        n_leaked={"validation": 1, "calibration": 0, "test": 1},
        threshold=0.8,
        method="exact",
        miss_rate=0.0,
        cut=(),
        sha256=splits.sha256,
        test_sha256=splits.test_sha256,
    )

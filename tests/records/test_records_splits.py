import numpy as np

from suffice.records.splits import SPLIT_NAMES, Splits


def test_rows_of_several_splits_come_in_ascending_order():
    splits = Splits(
        codes=np.array([3, 0, 1, 0, 2]), groups=np.arange(5), keys=tuple("abcde"),
        brought=(), n_leaked=0, sha256="", test_sha256="",
    )  # fmt: skip
    assert splits.rows("validation", "train").tolist() == [1, 2, 3]
    assert splits.rows("test").tolist() == [0]
    assert SPLIT_NAMES == ("train", "validation", "calibration", "test")

import numpy as np

from suffice.records.splits import SPLIT_NAMES, Splits


def test_rows_of_several_splits_come_in_ascending_order():
    splits = Splits(
        codes=np.array([3, 0, 1, 0, 2]), groups=np.arange(5), keys=tuple("abcde"),
        brought=(), sha256="", test_sha256="",
    )  # fmt: skip
    assert splits.rows("validation", "train").tolist() == [1, 2, 3]
    assert splits.rows("test").tolist() == [0]
    assert SPLIT_NAMES == ("train", "validation", "calibration", "test")


def test_rows_leak_from_the_less_held_out_split_to_the_more_held_out_one():
    # By hand: group 0 stands in train and validation, 1 in validation and calibration, 2 in train and test, 3 in test.
    codes, groups = [0, 1, 1, 1, 2, 0, 3, 3, 3], [0, 0, 0, 1, 1, 2, 2, 3, 3]
    splits = Splits(
        codes=np.array(codes), groups=np.array(groups), keys=tuple("abcd"), brought=(), sha256="", test_sha256=""
    )
    assert splits.n_leaked == {"validation": 2, "calibration": 1, "test": 1}

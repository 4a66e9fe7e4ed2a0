from dataclasses import replace

import numpy as np
import pytest

from suffice.audit.settle_label import how_to_settle
from suffice.records.evidence import NoEvidence

REVIEW = "settle the label in `suffice review task.yaml --row ID`"
TEST = "a test row is shown by `suffice review task.yaml --also-test --row ID` alone, which spends the test"
APPLY = "decisions about held-out rows are applied by `suffice clean task.yaml --also-test` alone"
SOURCE = "correct a calibration row in the source file: no review shows it"
SPLITS = ("train", "validation", "calibration", "test")


@pytest.fixture
def of_every_split(audited):
    return audited([(f"text of {split}", "ab"[k % 2], split) for k, split in enumerate(SPLITS)])


@pytest.mark.parametrize(
    ("splits", "said"),
    [
        (["train"], [REVIEW]),
        (["train", "validation"], [REVIEW, APPLY]),
        (["train", "test"], [REVIEW, TEST, APPLY]),
        (["test"], [TEST, APPLY]),
        (["train", "calibration"], [REVIEW, SOURCE]),
        (["calibration"], [SOURCE]),
    ],
)
def test_what_is_said_is_what_review_does_with_rows_of_these_splits(of_every_split, splits, said):
    fix = how_to_settle(of_every_split, np.array([SPLITS.index(split) for split in splits]))
    assert [way for way in (REVIEW, TEST, APPLY, SOURCE) if way in fix] == said


def test_where_a_review_cannot_begin_the_source_is_named_with_the_reason(of_every_split):
    asked = replace(of_every_split, evidence=NoEvidence(why="4 rows are too few to learn from"))
    fix = how_to_settle(asked, np.arange(4))
    assert (
        fix == "correct the label in the source file (`suffice review` cannot begin: 4 rows are too few to learn from)"
    )

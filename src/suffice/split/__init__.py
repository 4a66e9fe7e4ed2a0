"""Rows and their groups to splits, tune rows, subsets and folds, by keyed hash."""

from suffice.split.assign import assign_splits, inherit_splits, join_splits
from suffice.split.certificate import certify
from suffice.split.subsets import Strata, folds, nested_subset, subset_gaps, tune_rows

__all__ = [
    "Strata",
    "assign_splits",
    "certify",
    "folds",
    "inherit_splits",
    "join_splits",
    "nested_subset",
    "subset_gaps",
    "tune_rows",
]

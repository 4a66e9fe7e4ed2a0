"""Groups to splits: kept where the data brings them, by keyed hash elsewhere, test by time where there is time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from suffice.records.dataset import Dataset
from suffice.records.splits import SPLIT_NAMES, CopyGroups, SplitName, Splits
from suffice.split.keyed import keyed_fractions

TEST_SHARE = 0.20
VALIDATION_SHARE = 0.10
CALIBRATION_SHARE = 0.05
TRAIN, VALIDATION, CALIBRATION, TEST = range(4)


def assign_splits(data: Dataset, grouped: CopyGroups, *, seed: int) -> Splits:
    """Places every row in one split.

    Shipped splits stay as they are, copies across them included: those are counted in `n_leaked`. What is not
    shipped is carved out: test 20% of the rows (the latest where rows have a time), then validation 10% and
    calibration 5% of what is left; never of a group that has a row in a shipped validation, calibration or test. A
    group goes where the keyed hash of its own name puts it, so that adding, dropping or relabelling rows moves no
    other row. Two exceptions: a row that joins two groups (the first message that two customers share) takes both to
    one split, and dropping it parts them again; and where there is time, the latest part is another one when rows are
    added or dropped.

    Args:
        data: rows of one data version.
        grouped: which rows belong together.
        seed: the task's `split.seed`.
    """
    codes = _shipped(data.splits)
    brought = tuple(name for k, name in enumerate(SPLIT_NAMES) if (codes == k).any())
    if "test" not in brought:
        draws, left = keyed_fractions(grouped.keys, seed=seed, purpose="test"), _free(codes, grouped.codes)
        chosen = _latest(data.times, grouped.codes, left, draws) if any(data.times) else draws < TEST_SHARE
        codes = np.where(chosen[grouped.codes] & left, TEST, codes)
    codes = _carved(codes, grouped.codes, keyed_fractions(grouped.keys, seed=seed, purpose="validation"), brought)
    return _splits(data, codes, grouped, brought if set(brought) != {"train"} else ())


def inherit_splits(data: Dataset, first: Splits, rows: NDArray[np.int64]) -> Splits:
    """Places the rows of a later data version where the first version had them: cleaning moves no row.

    Args:
        data: rows of the later version, their labels perhaps other ones.
        first: splits of the version that it goes back to.
        rows: position there of each row of `data`, shape [N].
    """
    grouped = CopyGroups(codes=first.groups[rows], keys=first.keys)
    return _splits(data, first.codes[rows], grouped, first.brought)


def join_splits(data: Dataset, first: Splits, rows: NDArray[np.int64], added: CopyGroups) -> Splits:
    """Places rows that were collected after the data was read: where their own `split` says, in groups of their own.

    Args:
        data: rows of a later data version, those that were there first before those that were collected.
        first: splits of the version that it goes back to.
        rows: position there of each row that was there, shape [M].
        added: groups of the others, none of which is a copy of a row that was there.
    """
    shipped = _shipped(data.splits[len(rows) :])
    assert (shipped != -1).all(), "collected rows say where they go"
    codes = np.concatenate([first.codes[rows], shipped])
    groups = np.concatenate([first.groups[rows], added.codes + len(first.keys)])
    return _splits(data, codes, CopyGroups(codes=groups, keys=(*first.keys, *added.keys)), first.brought)


def _splits(data: Dataset, codes: NDArray[np.int64], grouped: CopyGroups, brought: tuple[SplitName, ...]) -> Splits:
    return Splits(
        codes=codes,
        groups=grouped.codes,
        keys=grouped.keys,
        brought=brought,
        sha256=_digest(f"{i}\x00{c}" for i, c in zip(data.ids, codes.tolist(), strict=True)),
        test_sha256=_test_digest(data, codes),
    )


def _shipped(splits: Sequence[str | None]) -> NDArray[np.int64]:
    """Split codes as brought; -1 where a row has none."""
    return np.array([-1 if name is None else _code(name) for name in splits], dtype=np.int64)


def _code(name: str) -> int:
    known: tuple[str, ...] = SPLIT_NAMES
    return known.index(name)


def _latest(
    times: Sequence[str | None], groups: NDArray[np.int64], left: NDArray[np.bool_], draws: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """The groups that end last, until they hold a fifth of the rows `left`; shape [G].

    A group counts by its last row: every test group ends after every training row, and long threads do not swell the
    test. Rows without a time count as the earliest; groups that end at the same time are taken in order of hash.
    """
    ends = [""] * len(draws)
    for time, group in zip(times, groups.tolist(), strict=True):
        ends[group] = max(ends[group], time or "")
    order = np.lexsort((draws, np.array(ends)))[::-1]
    sizes = np.bincount(groups[left], minlength=len(draws))[order]
    chosen = np.zeros(len(draws), dtype=np.bool_)
    chosen[order] = np.cumsum(sizes) - sizes < TEST_SHARE * left.sum()
    return chosen


def _carved(
    codes: NDArray[np.int64], groups: NDArray[np.int64], draws: NDArray[np.float64], brought: Sequence[SplitName]
) -> NDArray[np.int64]:
    """Takes validation and calibration out of train by one draw per group, and gives every row left to train."""
    free, draw = _free(codes, groups), draws[groups]
    calibration = free & (draw < CALIBRATION_SHARE) & ("calibration" not in brought)
    drawn = (draw >= CALIBRATION_SHARE) & (draw < CALIBRATION_SHARE + VALIDATION_SHARE)
    validation = free & drawn & ("validation" not in brought)
    rest = np.where(codes < VALIDATION, TRAIN, codes)
    return np.where(validation, VALIDATION, np.where(calibration, CALIBRATION, rest))


def _free(codes: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows that another split may be carved of: those of groups that no held-out split has a row of; shape [N]."""
    held_out = np.bincount(groups, weights=codes >= VALIDATION)
    return np.asarray(held_out[groups] == 0)


def _test_digest(data: Dataset, codes: NDArray[np.int64]) -> str:
    test = data.take(np.flatnonzero(codes == TEST))
    return _digest(sorted(f"{text}\x00{label}" for text, label in zip(test.texts, test.labels, strict=True)))


def _digest(parts: Iterable[str]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\n")
    return digest.hexdigest()

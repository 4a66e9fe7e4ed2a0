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
    calibration 5% of what is left. A group goes where the keyed hash of its own name puts it, so that adding,
    dropping or relabelling rows moves no row of another group.

    Args:
        data: rows of one data version.
        grouped: which rows belong together.
        seed: the task's `split.seed`.
    """
    codes = _shipped(data.splits)
    brought = tuple(name for k, name in enumerate(SPLIT_NAMES) if (codes == k).any())
    if "test" not in brought:
        chosen = _latest(data.times, grouped.codes) if any(data.times) else _drawn_test(grouped.keys, seed)
        codes = np.where(chosen[grouped.codes] & (codes < VALIDATION), TEST, codes)
    codes = _carved(codes, grouped.codes, keyed_fractions(grouped.keys, seed=seed, purpose="validation"), brought)
    return Splits(
        codes=codes,
        groups=grouped.codes,
        keys=grouped.keys,
        brought=brought if set(brought) != {"train"} else (),
        n_leaked=_leaked(codes, grouped.codes),
        sha256=_digest(f"{i}\x00{c}" for i, c in zip(data.ids, codes.tolist(), strict=True)),
        test_sha256=_test_digest(data, codes),
    )


def _shipped(splits: Sequence[str | None]) -> NDArray[np.int64]:
    """Split codes as brought; -1 where a row has none."""
    return np.array([-1 if name is None else _code(name) for name in splits], dtype=np.int64)


def _code(name: str) -> int:
    known: tuple[str, ...] = SPLIT_NAMES
    return known.index(name)


def _drawn_test(keys: Sequence[str], seed: int) -> NDArray[np.bool_]:
    return keyed_fractions(keys, seed=seed, purpose="test") < TEST_SHARE


def _latest(times: Sequence[str | None], groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Groups that have a row among the latest fifth; rows without a time count as the earliest."""
    order = np.array([time or "" for time in times])
    cut = np.sort(order)[int(np.floor(len(order) * (1 - TEST_SHARE)))]
    chosen = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.bool_)
    chosen[groups[order >= cut]] = True
    return chosen


def _carved(
    codes: NDArray[np.int64], groups: NDArray[np.int64], draws: NDArray[np.float64], brought: Sequence[SplitName]
) -> NDArray[np.int64]:
    """Takes validation and calibration out of train by one draw per group, and gives every row left to train."""
    left = codes < VALIDATION
    draw = draws[groups]
    calibration = left & (draw < CALIBRATION_SHARE) & ("calibration" not in brought)
    drawn = (draw >= CALIBRATION_SHARE) & (draw < CALIBRATION_SHARE + VALIDATION_SHARE)
    validation = left & drawn & ("validation" not in brought)
    return np.where(validation, VALIDATION, np.where(calibration, CALIBRATION, np.where(left, TRAIN, codes)))


def _leaked(codes: NDArray[np.int64], groups: NDArray[np.int64]) -> int:
    elsewhere = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.bool_)
    elsewhere[groups[codes != TEST]] = True
    return int((elsewhere[groups] & (codes == TEST)).sum())


def _test_digest(data: Dataset, codes: NDArray[np.int64]) -> str:
    test = data.take(np.flatnonzero(codes == TEST))
    return _digest(sorted(f"{text}\x00{label}" for text, label in zip(test.texts, test.labels, strict=True)))


def _digest(parts: Iterable[str]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\n")
    return digest.hexdigest()

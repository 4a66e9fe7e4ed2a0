"""Rows of a system that fails on some kinds of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from suffice.records.clusters import ClusterRows

SUBJECTS = ("eggs from the farm", "seats in the train", "pages of the book", "litres in the tank")


def made(
    fails: Callable[[int, str, bool], float],
    *,
    n: int = 400,
    seed: int = 0,
    groups: Sequence[int] | None = None,
    wrong: Callable[[int], str] = lambda row: "off by one",
) -> ClusterRows:
    """Questions on four subjects, a fifth of which say `twice as many`, and a fifth of which need a division.

    Args:
        fails: chance to fail of a row, by its subject, its phrase and whether it needs a division.
    """
    rng = np.random.default_rng(seed)
    subject, says, divides = rng.integers(4, size=n), rng.random(n) < 0.2, rng.random(n) < 0.2
    phrases = ["twice as many" if one else "two more" for one in says]
    failed = np.array([rng.random() < fails(*one) for one in zip(subject, phrases, divides, strict=True)])
    vectors = np.eye(4)[subject] + rng.normal(0.0, 0.1, size=(n, 4))
    return ClusterRows(
        ids=tuple(f"q{row}" for row in range(n)),
        texts=tuple(f"{phrases[row]} {SUBJECTS[subject[row]]} than the {row} before" for row in range(n)),
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        vectors_of="subjects",
        failed=failed,
        groups=np.asarray(range(n) if groups is None else groups, dtype=np.int64),
        features={"operation": tuple(("/",) if one else ("*",) for one in divides)},
        errors={"answer": tuple((wrong(row),) if failed[row] else () for row in range(n))},
    )


@pytest.fixture
def rows() -> Callable[..., ClusterRows]:
    """Rows that fail as they are told to."""
    return made

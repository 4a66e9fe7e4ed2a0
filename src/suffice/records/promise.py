"""What is promised of the answers that a bundle gives by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedThreshold:
    """One threshold held against calibration rows."""

    value: float
    """Answers at least so probable are given."""
    n_answered: float
    """Independent calibration rows that tell as much as those which are."""
    n_wrong: float
    """Of them, how many are wrong."""
    p: float | None
    """How likely so few errors are if the risk were the promised one; None where too few are answered to try."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredLabel:
    """The answers with one label among those that are given."""

    label: str
    n: int
    """Calibration rows answered with it."""
    n_wrong: int
    """Of them, how many have another label."""
    upper: float | None
    """One-sided upper bound on the share, at the promise's confidence, for this label alone; None without rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """With confidence, over the draw of calibration rows, at most so many of the answers given are wrong."""

    max_error: float
    """The most that may be wrong of the answers given, a fraction."""
    confidence: float
    """That it holds, over calibration rows drawn as these were."""
    threshold: float | None
    """Answers at least so probable are given; None: nothing is promised."""
    n: int
    """Calibration rows."""
    n_answered: int
    """Of them, how many are answered above the threshold."""
    n_wrong: int
    """Of those, how many are wrong."""
    labels: tuple[AnsweredLabel, ...]
    """By the label that is answered."""
    tried: tuple[TriedThreshold, ...]
    """Thresholds in the order in which they were tried."""
    why: str | None = None
    """Why nothing is promised; None where something is."""
    rows_needed: int | None = None
    """Calibration rows with which something could be promised four times in five; None where something is, or where no
    number of rows would do."""

    @property
    def answered_share(self) -> float:
        """Share of the calibration rows that are answered."""
        return self.n_answered / self.n if self.n else 0.0

"""What is believed of a rung before it is run: figures of other sets, each with the entry that it stands in.

Accuracy depends on the rows that there are of a label more than on anything else that is known before training, and on
the set nearly as much: at 50 to 71 rows a label `tfidf` came to 0.93 on one set and to 0.78 on another. The range for a
task is therefore that over all sets with about as many rows a label, and other rungs are believed to be ahead of
`tfidf` by what they were on rows of the same set.
"""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.advice import SizeBelief

ALIKE = 3.0
"""Rows a label of two sets that are taken to be alike differ by this factor at most. Ours: a doubling of the rows moved
`tfidf` on Banking77 by about eleven points from 500 to 2,000 rows and by four from there (docs/LOG.md, 2026-11-25), so
that a factor of three is what the spread between sets hides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """The `tfidf` rung on one set."""

    where: str
    """Set and size, for a person."""
    rows_per_label: float
    """Training rows over labels."""
    accuracy: float
    """On rows that it had not seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """How far a rung was ahead of `tfidf` on rows of the same set."""

    low: float
    """The least, a difference of accuracies."""
    high: float
    """The most."""
    where: str
    """On which sets, for a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Belief:
    """A range for accuracy."""

    low: float
    high: float
    because: str
    """What it was made of."""


POINTS = (
    Point(where="Banking77, 500 rows", rows_per_label=500 / 77, accuracy=0.606),
    Point(where="CLINC150, 2,000 rows", rows_per_label=2_000 / 151, accuracy=0.847),
    Point(where="Banking77, 2,000 rows", rows_per_label=2_000 / 77, accuracy=0.824),
    Point(where="CLINC150, 7,500 rows", rows_per_label=7_500 / 151, accuracy=0.930),
    Point(where="CFPB complaints, 919 rows", rows_per_label=919 / 13, accuracy=0.779),
    Point(where="Banking77, 8,525 rows", rows_per_label=8_525 / 77, accuracy=0.913),
    Point(where="eleven labels of Banking77, 1,565 rows", rows_per_label=1_565 / 11, accuracy=0.995),
)
"""`tfidf` by rows a label.

Source: docs/LOG.md of the project, 2026-11-25: "One logistic regression per label for TF-IDF" (column C = 30; all but
the last two), "All 77 labels again"; 2026-11-23: "Eleven labels of Banking77". A run of all 10,003 rows of Banking77,
0.916, stands in section 1 of the design."""

GAINS = {
    "embed": Gain(low=0.013, high=0.057, where="Banking77 with 8,525 and 2,000 rows"),
    "encoder": Gain(low=0.020, high=0.021, where="Banking77 with 8,525 and 10,003 rows"),
    "causal": Gain(low=-0.009, high=0.036, where="eleven labels and all 77 of Banking77, 500 to 8,525 rows"),
}
"""Lead over `tfidf`, in points of a hundredth; `causal` is SmolLM2-135M tuned with LoRA, the smallest one.

Source: docs/LOG.md of the project. `embed`: 0.881 against 0.824 (2026-11-25, one logistic regression per label), 0.926
against 0.913 (the same day, how linear models choose). `encoder`: 0.933 against 0.913 (all 77 labels again), 0.937
against 0.916 (section 1 of the design). `causal`: 0.986 against 0.995 (2026-11-23, eleven labels), 0.923 against 0.913
(2026-11-28, the benchmarks as a whole), and on 500 and 2,000 rows 0.642 and 0.817 against 0.606 and 0.824 (2026-11-28,
recipes of tuning, the rate doubled)."""

SIZES = (
    SizeBelief(size="under 500M", good="embeddings, sorting into labels", poor="reasoning, free text, special fields"),
    SizeBelief(size="1 to 2B", good="plain text, simple support answers", poor="involved logic, long documents"),
    SizeBelief(size="6 to 7B", good="chat on one subject, tutoring, tools", poor="law, medicine, long syntheses"),
    SizeBelief(size="over 13B", good="the highest accuracy, deep reasoning", poor="cost and hardware"),
)
"""The rule of thumb on sizes, in our words.

Source: the table of sizes in decagondev's guide to when a model is too small,
gist.github.com/decagondev/397b57410dbdc5ebf5c7942c8287e45d; no measurement stands behind it there.
"""

SIZES_SOURCE = (
    "a published rule of thumb (decagondev's guide to when a model is too small), without figures behind it; sorting "
    "messages into a closed set is what it holds the smallest models good for. Measured on such tasks, tuned models of "
    "under 500M are ahead of prompted large ones (Bucher and Martini 2024, arXiv 2406.08660)"
)


def tfidf_belief(rows_per_label: float) -> Belief:
    """What `tfidf` is believed to reach.

    Args:
        rows_per_label: training rows over labels.

    Source: `POINTS`.
    """
    alike = [one for one in POINTS if 1 / ALIKE <= one.rows_per_label / rows_per_label <= ALIKE]
    fewest, most = (extreme(POINTS, key=lambda one: one.rows_per_label) for extreme in (min, max))
    if alike:
        low, high = (extreme(one.accuracy for one in alike) for extreme in (min, max))
        return Belief(low=low, high=high, because=_told(tuple(alike)))
    if rows_per_label > most.rows_per_label:
        low = min(one.accuracy for one in POINTS if one.rows_per_label >= most.rows_per_label / ALIKE)
        why = f"more rows a label than any set of ours; with {most.rows_per_label:.0f} and fewer: {_told(_most_rows())}"
        return Belief(low=low, high=1.0, because=why)
    why = f"fewer rows a label than any set of ours; with {fewest.rows_per_label:.0f}: {_told((fewest,))}"
    return Belief(low=0.0, high=fewest.accuracy, because=why)


def ahead_of_tfidf(belief: Belief, *, rung: str, cheap: bool) -> Belief:
    """What another rung is believed to reach, from what `tfidf` does.

    Args:
        belief: of `tfidf`, or what it measured.
        rung: as in `ladder`.
        cheap: whether it trains no network.

    Source: `GAINS`.
    """
    gain = GAINS.get(rung) or GAINS["embed" if cheap else "causal"]
    like = "" if rung in GAINS or rung == "smollm2-135m" else ", as smollm2-135m was"
    because = f"{_points(gain.low)} to {_points(gain.high)} points from tfidf{like}, on {gain.where}"
    return Belief(
        low=min(1.0, max(0.0, belief.low + gain.low)), high=min(1.0, belief.high + gain.high), because=because
    )


def _most_rows() -> tuple[Point, ...]:
    most = max(one.rows_per_label for one in POINTS)
    return tuple(one for one in POINTS if one.rows_per_label >= most / ALIKE)


def _told(points: tuple[Point, ...]) -> str:
    return "; ".join(f"{one.accuracy:.3f} on {one.where}" for one in points)


def _points(gain: float) -> str:
    return f"{100 * gain:+.1f}"

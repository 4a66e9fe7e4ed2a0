"""Closed-choice tasks for the benchmarks of the verdict: real sets, and questions whose answer is one of a few.

A task is named `banking77/20/3`: twenty labels of the set, the fourth way to choose them. Half of the generators of
`reasoning-gym` that answer with one of a few words are for development, the other half for scoring.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILES = {
    "banking77": "banking77/banking77.jsonl",
    "clinc150": "clinc150/clinc150_full.jsonl",
    "cfpb": "cfpb/cfpb_product_timesplit.jsonl",
}
DEVELOPMENT = (
    "family_relationships",
    "letter_counting",
    "ransom_note",
    "gcd",
    "course_schedule",
    "color_cube_rotation",
)
SCORED = ("syllogism", "count_bits", "isomorphic_strings", "calendar_arithmetic", "aiw")
"""Generators of `reasoning-gym` 0.1, dealt out by hand so that both halves have easy and hopeless ones for n-grams."""
N_GENERATED = 12_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """All rows of a task, clean, in an order by chance."""

    name: str
    texts: tuple[str, ...]
    """Messages, each once, length N."""
    y: NDArray[np.int64]
    """Label codes, shape [N]."""
    labels: tuple[str, ...]
    """The K labels."""


def pool(name: str, *, data: Path) -> Pool:
    """The rows of a task.

    Args:
        name: `SET/K/SEED` for a real set, `GENERATOR` for one of `reasoning-gym`.
        data: folder of the real sets.
    """
    kind, *rest = name.split("/")
    rows = _real(kind, *map(int, rest), data=data) if kind in FILES else _generated(kind)
    labels = tuple(sorted({label for _, label in rows}))
    code = {label: k for k, label in enumerate(labels)}
    return Pool(
        name=name,
        texts=tuple(text for text, _ in rows),
        y=np.array([code[label] for _, label in rows], dtype=np.int64),
        labels=labels,
    )


def _real(name: str, n_labels: int, seed: int, *, data: Path) -> list[tuple[str, str]]:
    generator = np.random.default_rng(seed)
    with (Path(data) / FILES[name]).open(encoding="utf-8") as lines:
        rows = [(row["text"], row["label"]) for row in map(json.loads, lines) if row["label"] != "oos"]
    names = sorted({label for _, label in rows})
    kept = set(generator.choice(names, size=min(n_labels, len(names)), replace=False).tolist())
    once = {text: label for text, label in rows if label in kept}
    chosen = list(once.items())
    return [chosen[i] for i in generator.permutation(len(chosen))]


def _generated(name: str) -> list[tuple[str, str]]:
    import reasoning_gym  # noqa: PLC0415 - it brings much that no other benchmark needs

    made = reasoning_gym.create_dataset(name, size=N_GENERATED, seed=0)
    once = {" ".join(item["question"].split()): str(item["answer"]) for item in made}
    counts = Counter(once.values())
    common = {answer for answer, n in counts.items() if n >= len(once) / 50}
    return [(text, answer) for text, answer in once.items() if answer in common]

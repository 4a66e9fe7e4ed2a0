"""Questions whose answers are numbers, and a task over them."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from suffice.records.answers import Gold, Question

THINGS = (
    "apples from the orchard", "stamps of the old king", "blue marbles", "playing cards", "sharp pencils",
    "sea shells", "silver coins", "library books", "glass beads", "cinema tickets", "warm blankets", "paper kites",
)  # fmt: skip
VERBS = ("finds", "buys", "loses", "paints", "counts", "sells", "carries", "wraps", "sorts", "borrows")


ENDS_SOON = list("abcdefghijklmnopqrstuvwxyz0123456789")
"""Stop strings by which a tiny model, which never says that it is done, ends a completion."""


def word_sums(n: int) -> list[dict[str, str]]:
    """Rows, no two of them alike; a third of the answers is 12."""
    rows = []
    for k in range(n):
        thing, verb = THINGS[k % len(THINGS)], VERBS[(k // len(THINGS)) % len(VERBS)]
        a, total = 2 + k % 7, 12 if k % 3 == 0 else 15 + k
        asked = f"Somebody {verb} {a} {thing}, then {total - a} more on day {k}. How many {thing} is that?"
        steps = f"{a} + {total - a} = {total}"
        rows.append({"id": f"q{k:03d}", "question": asked, "answer": f"{steps}\n#### {total}"})
    return rows


def questions(n: int) -> list[Question]:
    """The same as they are read."""
    return [
        Question(
            id=row["id"],
            source="rows.jsonl",
            row=k,
            text=row["question"],
            gold=Gold(answer=row["answer"].rpartition("#### ")[2], trace=row["answer"].partition("\n")[0]),
            group=None,
            split=None,
        )
        for k, row in enumerate(word_sums(n))
    ]


def write_answer_task(folder: Path, *, n: int = 120, **keys: object) -> Path:
    """A task file of kind answer beside its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in word_sums(n))
    (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
    task = {
        "name": "sums",
        "kind": "answer",
        "completion": {"max_tokens": 8},
        "data": {"path": "rows.jsonl"},
        "target": {"at_least": 0.8},
        "ladder": ["majority"],
        **keys,
    }
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(task, sort_keys=False), encoding="utf-8")
    return path

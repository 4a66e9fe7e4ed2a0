"""Questions that nobody can answer without the documents, the documents, and a task over both."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import yaml

PARTS = {"train": 20, "validation": 40, "test": 40}
SYLLABLES = ("bar", "cel", "dun", "fir", "gom", "hal", "jos", "kit", "lum", "mor", "nes", "pax", "rud", "sel", "tov")


@dataclass(frozen=True, kw_only=True)
class Tower:
    """One fact and the question about it."""

    id: str
    question: str
    fact: str
    steps: str
    split: str


def towers(*, asked_by_another_name: bool = False) -> list[Tower]:
    """A hundred towers; with another name, no word of a question stands in the passage that answers it."""
    drawn = random.Random(7)
    found = []
    for number, split in enumerate(split for split, n in PARTS.items() for _ in range(n)):
        name, nickname = (
            " ".join("".join(drawn.choices(SYLLABLES, k=4)).capitalize() for _ in range(2)) for _ in range(2)
        )
        asked = nickname if asked_by_another_name else name
        found.append(
            Tower(
                id=f"t{number}",
                question=f"How many steps lead up {asked}?",
                fact=f"{name} can be climbed by {1000 + 7 * number} stairs.",
                steps=str(1000 + 7 * number),
                split=split,
            )
        )
    return found


def write_knowledge(folder: Path, some: list[Tower]) -> Path:
    """The passages of some towers as rows that have ids; for each question a passage that shares its words and no
    more.
    """
    place = folder / "docs"
    place.mkdir(parents=True, exist_ok=True)
    rows = [{"id": one.id, "title": "Towers", "text": one.fact} for one in some]
    if some[0].question.removeprefix("How many steps lead up ").rstrip("?") not in some[0].fact:
        rows += [{"id": f"d{one.id}", "text": f"Opening hours: {one.question}"} for one in some]
    (place / "towers.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (place / "broken.md").write_bytes(b"# Towers\n\n\xff\xfe\xfa")
    return place


def write_tower_task(folder: Path, some: list[Tower], *, links: bool = True, **keys: object) -> Path:
    """A task file of kind answer beside its rows and its knowledge."""
    folder.mkdir(parents=True, exist_ok=True)
    write_knowledge(folder, some)
    rows = [
        {"id": one.id, "question": one.question, "answer": one.steps, "split": one.split, "about": [one.id]}
        for one in some
    ]
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    task = {
        "name": "towers",
        "kind": "answer",
        "completion": {"max_tokens": 8},
        "data": {"path": "rows.jsonl", **({"links": "about"} if links else {})},
        "knowledge": {"path": "docs/", "passages": 1, "ranking": "bm25"},
        "target": {"at_least": 0.8},
        "ladder": ["majority"],
        **keys,
    }
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(task, sort_keys=False), encoding="utf-8")
    return path

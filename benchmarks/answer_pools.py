"""Questions with right answers for the planted causes of free answers: generated ones, made-up facts, and GSM8K's.

A task is named by its source: a generator of `reasoning-gym` that answers with a number, `shop` and `staff` (facts of
things that do not exist, each asked in several ways, and written down in files), or `gsm8k`, its 1,319 test questions
with what four real systems answered. Half of the sources are for development, the others for scoring.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from corrupting import FORM

from suffice.copies import find_copies
from suffice.records.progress import SILENT

DEVELOPMENT = ("chain_sum", "leg_counting", "letter_counting", "simple_equations", "shop")
SCORED = ("products", "count_primes", "simple_geometry", "gcd", "gsm8k", "staff")
"""Generators of `reasoning-gym` 0.1 whose questions differ in more than a number or two: most are no near-copies."""
N_GENERATED = 8_000
STORED = "gsm8k/model_solutions.jsonl"
OWN = "gsm8k/gsm8k.jsonl"
N_THINGS = 400
"""Things or people of a made-up world."""
_FIRST = (
    "Bal",
    "Cor",
    "Den",
    "Fal",
    "Gor",
    "Hem",
    "Jor",
    "Kal",
    "Lum",
    "Mor",
    "Nev",
    "Pol",
    "Quil",
    "Rov",
    "Sar",
    "Tov",
)
_MIDDLE = ("a", "e", "i", "o", "u", "an", "el", "ir", "on", "um")
_LAST = ("bex", "dra", "fin", "gan", "kel", "lis", "mond", "nik", "rath", "sta", "tor", "vane", "wick", "zen")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A question and what is known of it."""

    question: str
    """On one line."""
    answer: str
    """The right one, a number."""
    trace: str
    """What leads to it."""
    fact: str | None = None
    """The sentence that says it, where nothing but knowledge does; None where it can be worked out."""
    stored: dict[str, str] = field(default_factory=dict)
    """What real systems answered, by the system's name, in the form that is asked for here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """What is told of every thing of a made-up world."""

    said: str
    """A sentence of the knowledge, with `{name}` and `{value}`."""
    asked: tuple[str, ...]
    """Ways to ask for it, with `{name}`."""
    low: int
    high: int


SHOP = (
    Property(
        said="The {name} costs {value} dollars.",
        asked=(
            "What does one {name} cost in dollars?",
            "How many dollars do I pay for the {name}?",
            "I would like to order a {name}. What is its price?",
            "Price of the {name}, please, in dollars.",
        ),
        low=5,
        high=400,
    ),
    Property(
        said="The warranty of the {name} lasts {value} months.",
        asked=(
            "For how many months is the {name} under warranty?",
            "How long is the warranty of a {name}, in months?",
            "My {name} broke. How many months of warranty did it come with?",
            "Warranty of the {name} in months?",
        ),
        low=6,
        high=96,
    ),
    Property(
        said="One {name} weighs {value} grams.",
        asked=(
            "How heavy is a {name}, in grams?",
            "What is the weight of one {name} in grams?",
            "I have to ship a {name}. How many grams is that?",
            "Weight of the {name} in grams, please.",
        ),
        low=100,
        high=9_000,
    ),
)
STAFF = (
    Property(
        said="{name} sits in room {value}.",
        asked=(
            "In which room do I find {name}?",
            "What is the number of the room of {name}?",
            "I have a parcel for {name}. Which room?",
            "Room number of {name}, please.",
        ),
        low=100,
        high=899,
    ),
    Property(
        said="The extension of {name} is {value}.",
        asked=(
            "Which extension do I dial to reach {name}?",
            "What is the phone extension of {name}?",
            "I need to call {name}. What do I dial?",
            "Extension of {name}?",
        ),
        low=1_000,
        high=9_999,
    ),
    Property(
        said="{name} has {value} days of leave left.",
        asked=(
            "How many days of leave does {name} have left?",
            "What is left of the leave of {name}, in days?",
            "{name} wants to go on holiday. How many days are there?",
            "Days of leave of {name}?",
        ),
        low=1,
        high=45,
    ),
)
WORLDS = {"shop": SHOP, "staff": STAFF}


@cache
def pool(source: str, *, data: Path) -> tuple[Known, ...]:
    """The questions of a source, none of them a near-copy of another, in an order by chance.

    Args:
        source: as the module says.
        data: folder of the real sets.
    """
    if source in WORLDS:
        found = _made_up(source)
    elif source == "gsm8k":
        found = _gsm8k(data)
    else:
        found = _generated(source)
    once = list({one.question: one for one in found}.values())
    mixed = [once[k] for k in np.random.default_rng(7).permutation(len(once)).tolist()]
    near = find_copies([one.question for one in mixed], progress=SILENT).near
    _, first = np.unique(near, return_index=True)
    return tuple(mixed[k] for k in np.sort(first).tolist())


def knowledge_files(known: tuple[Known, ...], folder: Path) -> None:
    """Writes the facts down, a page for every hundred of them, each under a heading of its own.

    Args:
        known: questions; those without a fact have no part in it.
        folder: an existing folder.
    """
    facts = sorted({one.fact for one in known if one.fact is not None})
    for start in range(0, len(facts), 100):
        told = "\n\n".join(f"## Entry {start + k}\n\n{fact}" for k, fact in enumerate(facts[start : start + 100]))
        (folder / f"page-{start // 100:02d}.md").write_text(f"# Records\n\n{told}\n", encoding="utf-8")


def write_book(known: tuple[Known, ...], path: Path) -> None:
    """Writes what is known down, a line each.

    Args:
        known: questions.
        path: file.
    """
    path.write_text("".join(f"{json.dumps(asdict(one))}\n" for one in known), encoding="utf-8")


def read_book(path: Path) -> dict[str, Known]:
    """What is known, by question.

    Args:
        path: file that `write_book` wrote.
    """
    with path.open(encoding="utf-8") as lines:
        return {one.question: one for one in (Known(**json.loads(line)) for line in lines)}


def _generated(source: str) -> list[Known]:
    import reasoning_gym  # noqa: PLC0415 - it brings much that few benchmarks need

    found = []
    for item in reasoning_gym.create_dataset(source, size=N_GENERATED, seed=0):
        answer, expression = str(item["answer"]), item["metadata"].get("expression")
        trace = f"{expression} = {answer}" if expression else f"Worked out step by step, that comes to {answer}."
        found.append(Known(question=" ".join(item["question"].split()), answer=answer, trace=trace))
    return found


def _made_up(source: str) -> list[Known]:
    every = [first + middle + last for first in _FIRST for middle in _MIDDLE for last in _LAST]
    generator = np.random.default_rng(list(WORLDS).index(source))
    found = []
    for k in generator.permutation(len(every))[:N_THINGS].tolist():
        for one in WORLDS[source]:
            value = int(generator.integers(one.low, one.high + 1))
            fact = one.said.format(name=every[k], value=value)
            asked = [way.format(name=every[k]) for way in one.asked]
            found += [Known(question=way, answer=str(value), trace=fact, fact=fact) for way in asked]
    return found


def _gsm8k(data: Path) -> list[Known]:
    own: dict[str, tuple[str, str]] = {}
    for row in _lines(data / OWN):
        if row["split"] == "test":
            own[row["question"]] = row["trace"], row["answer"].replace(",", "")
    stored: dict[str, dict[str, str]] = {question: {} for question in own}
    for row in _lines(data / STORED):
        if row["question"] in stored:
            stored[row["question"]][row["model"]] = in_form(row["trace"])
    return [
        Known(question=" ".join(question.split()), answer=answer, trace=trace, stored=stored[question])
        for question, (trace, answer) in own.items()
    ]


def in_form(solution: str) -> str:
    """A stored solution, whose last line reads `A: 18`, with its answer in the form that is asked for here.

    Args:
        solution: all that the system wrote.
    """
    before, mark, answer = solution.rpartition("\nA: ")
    return f"{before}\n{FORM.format(answer=answer.strip())}" if mark else solution


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

"""Writes `questions.jsonl` anew: short sums in words, each with the steps that lead to its answer.

    python make.py > questions.jsonl

Every file that this writes is the same as the last: the seed is fixed. Questions of one template share a group, so that
a template that is in the sealed test is in no other split.
"""

from __future__ import annotations

import json
import random
import sys

SEED, N_TEMPLATES, N_EACH = 20, 240, 2
NAMES = ("Ada", "Ben", "Chloe", "Dan", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jon")
THINGS = ("apples", "stamps", "marbles", "cards", "pencils", "shells", "coins", "books", "beads", "tickets")
PLACES = ("shop", "fair", "library", "harbour", "school", "market", "station", "garden", "museum", "bakery")


def main() -> None:
    """Writes one line for each question."""
    drawn = random.Random(SEED)
    for number in range(N_TEMPLATES):
        template = (_sum, _rest, _product, _two_steps)[number % 4]
        name, thing, place = drawn.choice(NAMES), drawn.choice(THINGS), drawn.choice(PLACES)
        for k in range(N_EACH):
            question, steps, answer = template(drawn, name, thing, place)
            row = {
                "id": f"q{number:03d}-{k}",
                "question": question,
                "answer": f"{steps}\n#### {answer}",
                "template": f"t{number:03d}",
            }
            sys.stdout.write(json.dumps(row) + "\n")


def _sum(drawn: random.Random, name: str, thing: str, place: str) -> tuple[str, str, int]:
    a, b = drawn.randint(3, 60), drawn.randint(3, 60)
    asked = f"{name} has {a} {thing} and gets {b} more at the {place}. How many {thing} does {name} have now?"
    return asked, f"{a} + {b} = {a + b}", a + b


def _rest(drawn: random.Random, name: str, thing: str, place: str) -> tuple[str, str, int]:
    a, b = drawn.randint(30, 90), drawn.randint(3, 29)
    asked = f"At the {place} there are {a} {thing}. {name} takes {b} of them home. How many {thing} are left?"
    return asked, f"{a} - {b} = {a - b}", a - b


def _product(drawn: random.Random, name: str, thing: str, place: str) -> tuple[str, str, int]:
    a, b = drawn.randint(2, 9), drawn.randint(2, 12)
    asked = f"{name} fills {a} bags for the {place} and puts {b} {thing} into each. How many {thing} is that?"
    return asked, f"{a} * {b} = {a * b}", a * b


def _two_steps(drawn: random.Random, name: str, thing: str, place: str) -> tuple[str, str, int]:
    a, b, c = drawn.randint(2, 9), drawn.randint(2, 9), drawn.randint(2, 20)
    asked = (
        f"{name} buys {a} boxes of {b} {thing} at the {place} and has {c} {thing} at home. "
        f"How many {thing} does {name} have in all?"
    )
    return asked, f"{a} * {b} = {a * b}\n{a * b} + {c} = {a * b + c}", a * b + c


if __name__ == "__main__":
    main()

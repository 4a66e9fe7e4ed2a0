"""Whether small changes of real questions and requests leave what is right as it is.

Rows are GSM8K's questions and BFCL's single turns with their right answers and calls. Of every change: rows that it
touches; rows in which the numbers that are said are other ones afterwards, in digits or in words; rows in which a value
that a right call needs stood word for word in the request before and does not afterwards; slips that make a word which
these rows use elsewhere; and time.

Asked for: no number and no needed value changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from cells import measure, options, print_json

from suffice.kinds.calls.rows import read_row
from suffice.kinds.numbers.known import numbers_said
from suffice.kinds.small_changes import changed_row
from suffice.kinds.tools import render
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question
from suffice.records.free_spec import FreeSpec
from suffice.records.sensitivity import SMALL_CHANGES, SmallChange
from suffice.records.tool_calls import ToolRequest
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.answering import AnyRow
from suffice.text.retyped import words_of

GSM8K, BFCL = "gsm8k/gsm8k.jsonl", "bfcl_single_turn/bfcl_single_turn.jsonl"


def cell(name: str, data: Path) -> dict[str, Any]:
    """Figures of one cell: one set under one seed."""
    kind, seed = name.split("-")
    rows: Sequence[AnyRow] = questions(data / GSM8K) if kind == "gsm8k" else requests(data / BFCL)
    spec = AnswerSpec() if kind == "gsm8k" else ToolSpec()
    known = words_of(row.text for row in rows)
    return {"n": len(rows)} | {
        change: figures(rows, change, spec=spec, seed=int(seed), known=known) for change in SMALL_CHANGES
    }


def questions(path: Path) -> list[Question]:
    """GSM8K's, train and test."""
    read = [json.loads(line) for line in path.open(encoding="utf-8")]
    return [
        Question(
            id=str(k),
            source=path.name,
            row=k,
            text=row["question"],
            gold=Gold(answer=row["answer"], trace=None),
            group=None,
            split=None,
        )
        for k, row in enumerate(read)
    ]


def requests(path: Path) -> list[ToolRequest]:
    """BFCL's."""
    read = [json.loads(line) for line in path.open(encoding="utf-8")]
    examples = [read_row(row, where=row["id"]) for row in read]
    return [
        ToolRequest(
            id=row["id"],
            source=path.name,
            row=k,
            text=render(example.messages).strip(),
            example=example,
            group=None,
            split=None,
        )
        for k, (row, example) in enumerate(zip(read, examples, strict=True))
    ]


def figures(
    rows: Sequence[AnyRow], change: SmallChange, *, spec: FreeSpec, seed: int, known: frozenset[str]
) -> dict[str, Any]:
    """What a change does to some rows.

    Args:
        rows: with what is right.
        change: what to change.
        spec: the section of their kind.
        seed: of slips and greetings.
        known: words of all rows, case folded.
    """
    start = process_time()
    changed = [changed_row(row, change, spec=spec, seed=seed) for row in rows]
    seconds = process_time() - start
    pairs = list(zip(rows, changed, strict=True))
    there = [(value, row_now) for row, row_now in pairs for value in needed(row) if value in row.text]
    now = [word.casefold() for row, other in pairs for word in _other_words(row.text, other.text)]
    return {
        "touched": sum(row != other for row, other in pairs),
        "other_numbers": sum(numbers_said(row.text) != numbers_said(other.text) for row, other in pairs),
        "values_in_the_request": len(there),
        "lost_values": sum(value not in row_now.text for value, row_now in there),
        "words_changed": len(now),
        "words_of_other_rows": sum(word in known for word in now) if change == "typo" else None,
        "ms_per_row": 1_000.0 * seconds / len(rows),
    }


def needed(row: AnyRow) -> Iterator[str]:
    """Texts that a right call takes as an argument; none of a question.

    Args:
        row: of either kind.
    """
    if isinstance(row, ToolRequest):
        for call in row.example.accepted:
            for argument in call.arguments.values():
                yield from (value for value in argument.values if isinstance(value, str) and value)


def _other_words(before: str, after: str) -> Iterator[str]:
    """Words that stand in another's place; of a text that has grown, none."""
    first, second = before.split(), after.split()
    if len(first) == len(second):
        yield from ("".join(filter(str.isalpha, two)) for one, two in zip(first, second, strict=True) if one != two)


if __name__ == "__main__":
    parser = options(__doc__ or "", cells=Path("bench-out/answers_small_changes.jsonl"))
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    given = parser.parse_args()
    names = [f"{kind}-{seed}" for kind in ("gsm8k", "bfcl") for seed in range(given.seeds)]
    print_json(measure(names, partial(cell, data=Path(given.data)), kept=given.cells))

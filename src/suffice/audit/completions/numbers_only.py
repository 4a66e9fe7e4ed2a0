"""Rows that ask the same but for their numbers: whether that is a leak is the person's decision.

A test question whose twin with other numbers stands in train measures whether a model can compute, and not whether it
can find out what to compute.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AskedRows, RowCheck, positions, without_two_rows
from suffice.kinds.numbers.known import NUMBER_WORDS
from suffice.text.normalise import canonical

MIN_WORDS = 5
"""Words that are left beside the numbers: bare sums ("3 + 4 = ?") are all alike by their nature."""
_PART = rf"(?:\d+|{'|'.join(NUMBER_WORDS)})"
_NUMBER = re.compile(rf"\b{_PART}(?: (?:(?<=hundred )and )?{_PART})*\b")
"""A number in canonical text, in digits or in words, however many: `2 50`, `thirteen`, `two hundred and five`."""


def groups_of_templates(questions: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Positions of the questions of each template that has two or more, in the order of their first rows.

    Questions that are the same with their numbers are copies, which other checks tell; a group of nothing else is none.

    Args:
        questions: what was asked, length N.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    plain = [canonical(question) for question in questions]
    for row, question in enumerate(plain):
        template, n_numbers = _NUMBER.subn("0", question)
        if n_numbers and sum(word != "0" for word in template.split()) >= MIN_WORDS:
            groups[template].append(row)
    return tuple(tuple(rows) for rows in groups.values() if len({plain[row] for row in rows}) > 1)


def _look(rows: AskedRows) -> Iterator[Found]:
    for group in groups_of_templates(rows.questions):
        yield Found(
            rows=positions(group),
            got=f"{len(group):,} rows ask the same but for their numbers",
            fix="decide whether what is to come will be like them: if not, keep each group on one side of the split "
            "with data.group",
            score=len(group),
        )


NUMBERS_ONLY = RowCheck(
    code="numbers_only",
    severity="note",
    rule="a row that differs from another in its numbers alone proves less",
    look=_look,
    needs=without_two_rows,
)

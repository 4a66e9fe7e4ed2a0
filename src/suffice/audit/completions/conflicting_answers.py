"""One question with several answers: whatever a model says, it is wrong in some of these rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, positions, without_two_rows
from suffice.kinds.gold.equality import same_value
from suffice.text.counted import counted
from suffice.text.normalise import canonical


def _look(rows: AnswerRows) -> Iterator[Found]:
    alike: dict[str, list[int]] = defaultdict(list)
    for row, question in enumerate(rows.given):
        alike[canonical(question)].append(row)
    for group in alike.values():
        first = rows.answers[group[0]]
        if any(same_value(first, rows.answers[row], rows.spec) is False for row in group[1:]):
            n_answers = len({canonical(rows.answers[row]) for row in group})
            yield Found(
                rows=positions(group),
                got=f"one question in {counted(len(group), 'row')} has {n_answers:,} different answers",
                fix="keep the right one, or say in the question what tells these rows apart",
                score=len(group),
            )


CONFLICTING_ANSWERS = RowCheck(
    code="conflicting_answers",
    severity="warn",
    rule="a question that is there twice should have one answer",
    look=_look,
    needs=without_two_rows,
)

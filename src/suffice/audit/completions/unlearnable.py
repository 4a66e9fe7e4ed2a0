"""Answers that nobody could find out from what is given: their facts have to be known by heart.

Looked at are the question, the context that is given beside it, the trace, and the documents of the task. A number or a
name of an answer that stands in none of them, and is the answer of no other row, can be learned from no row. Numbers
without a trace are left out, since they may have been computed. Beside it: traces that compute with a number from
nowhere, which whoever writes such a trace has to know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, positions
from suffice.kinds.traces.support import MAX_CHARACTERS, unsupported
from suffice.text.counted import counted
from suffice.text.normalise import canonical

_FIX = (
    "give what is needed in the question, as a context or as `knowledge`, or expect that only a model that knows it is "
    "right"
)


def _told(rows: AnswerRows) -> list[int]:
    """Rows of which it can be told."""
    words = rows.spec.type == "text"
    return [row for row, trace in enumerate(rows.traces) if words or (rows.spec.type == "number" and trace is not None)]


def _needs(rows: AnswerRows) -> str | None:
    if rows.spec.type == "choice":
        return "a choice is one of those that the task names, and stands in no text; see choice_not_offered"
    if rows.spec.type == "expression":
        return "an expression is worked out, and stands in no text that it could be looked for in"
    return None if _told(rows) else "no answer is a number with a trace: one without may have been computed"


def _not_in(knowledge: str, words: Collection[str]) -> frozenset[str]:
    """Those numbers and names that the documents do not say, asked together: documents are read for each asking."""
    if not knowledge:
        return frozenset(words)
    batches = [""]
    for one in sorted(words):
        if len(batches[-1]) + len(one) >= MAX_CHARACTERS:
            batches.append("")
        batches[-1] += f"{one}\n"
    return frozenset(one for batch in batches for one in unsupported(batch, sources=knowledge))


def _look(rows: AnswerRows) -> Iterator[Found]:
    told, times = _told(rows), Counter(map(canonical, rows.answers))
    lacking = {
        row: unsupported(rows.answers[row], sources=f"{rows.given[row]}\n{rows.traces[row] or ''}")
        for row in told
        if times[canonical(rows.answers[row])] == 1
    }
    nowhere = _not_in(rows.knowledge, {one for words in lacking.values() for one in words})
    unknown = [row for row, words in lacking.items() if not nowhere.isdisjoint(words)]
    if unknown:
        places = "question, context, trace nor knowledge" if rows.knowledge else "question, context nor trace"
        yield Found(
            rows=positions(unknown),
            got=f"{len(unknown):,} of {counted(len(told), 'answer')} have a number or a name that is in neither "
            f"{places}, and the answer of no other row",
            fix=_FIX,
            score=len(unknown) / len(told),
        )
    strangers = [row for row, check in rows.checked.items() if check.strangers]
    if strangers:
        yield Found(
            rows=positions(strangers),
            got=f"{len(strangers):,} of {counted(len(rows.checked), 'trace')} compute with a number that is neither "
            "in the question nor computed before",
            fix=_FIX,
            score=len(strangers) / len(rows.checked),
        )


UNLEARNABLE = RowCheck(
    code="unlearnable",
    severity="note",
    rule="what an answer needs should be in its question, its context or its trace",
    look=_look,
    needs=_needs,
)

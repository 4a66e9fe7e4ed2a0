"""Questions whose right choice is not among those that they list, or is listed with nothing behind it.

The task says what there is to choose from, and every right answer is one of those; what one question offers may be
fewer. Letters are a list where two or more stand in their order, each with a sign behind it (`A)`, `(B)`, `C.`); any
other letter that stands alone in such a question is taken as offered too. Names are one behind `Options:` or the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, positions
from suffice.kinds.extraction.final_answer import named_choices
from suffice.text.counted import counted
from suffice.text.normalise import is_empty

_LISTS = re.compile(r"\b(?:options|choices|answers|choose (?:from|one of|between)|one of)\s?:", re.IGNORECASE)


def _needs(rows: AnswerRows) -> str | None:
    if rows.spec.type != "choice":
        return "answers are no choices"
    unlisted = all(not offered(question, rows.spec.options) for question in rows.given)
    return "no question lists its choices in a way that is read" if unlisted else None


def _look(rows: AnswerRows) -> Iterator[Found]:
    options = rows.spec.options
    listed = {row: found for row, question in enumerate(rows.given) if (found := offered(question, options))}
    right = {row: named_choices(rows.answers[row], options) for row in listed}
    missing = [row for row, found in listed.items() if not found.keys() >= set(right[row])]
    empty = [row for row, found in listed.items() if any(found.get(name) == "" for name in right[row])]
    for wrong, said in ((missing, "is none of those that the question lists"), (empty, "is listed as nothing")):
        if wrong:
            yield Found(
                rows=positions(wrong),
                got=f"in {len(wrong):,} of {counted(len(listed), 'question')} that list their choices the right one "
                f"{said}",
                fix="list it in the question, or correct the answer: nobody can choose what is not there",
                score=len(wrong) / len(listed),
            )


def offered(question: str, options: tuple[str, ...]) -> dict[str, str | None]:
    """The choices that a question lists, each with what stands behind it; empty where it lists fewer than two.

    Args:
        question: what was asked.
        options: what the task has to choose from.

    Returns:
        By choice; None where it is not known what stands behind it.
    """
    if all(len(option) == 1 for option in options):
        return _lettered(question, options)
    found = list(_LISTS.finditer(question))
    names = named_choices(question[found[-1].end() :], options) if found else []
    return dict.fromkeys(names) if len(set(names)) > 1 else {}


def _lettered(question: str, options: tuple[str, ...]) -> dict[str, str | None]:
    """The same of letters: each of the list with what stands between it and the next."""
    letters = "".join(map(re.escape, options))
    in_order = list[re.Match[str]]()
    for mark in re.finditer(rf"(?<!\w)([{letters}])\**(?:\)|[.:](?!\w))", question):
        if len(in_order) < len(options) and mark[1] == options[len(in_order)]:
            in_order.append(mark)
    if len(in_order) < 2:
        return {}
    ends = [mark.start() for mark in in_order[1:]] + [len(question)]
    between = (question[mark.end() : end].strip("( \t\r\n,;*") for mark, end in zip(in_order, ends, strict=True))
    listed = {mark[1]: "" if is_empty(said) else said for mark, said in zip(in_order, between, strict=True)}
    return {**dict.fromkeys(named_choices(question, options)), **listed}


CHOICE_NOT_OFFERED = RowCheck(
    code="choice_not_offered",
    severity="warn",
    rule="the right choice should be one that the question offers",
    look=_look,
    needs=_needs,
)

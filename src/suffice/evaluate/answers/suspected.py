"""Right answers that may be wrong: two systems contradict them with one voice."""

from __future__ import annotations

from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.kinds.equality import same_value


def suspected_gold(first: JudgedAnswers, second: JudgedAnswers) -> tuple[str, ...]:
    """Ids of rows to which both systems state the same answer, and not the right one.

    A lead, and no evidence: systems share mistakes. Whether the data is wrong is for a person to say.

    Args:
        first: answers of the first system.
        second: answers of the second to the same questions in the same order.
    """
    assert first.questions == second.questions, "both answered the same questions"
    wrong = ~first.verified & ~second.verified
    rows = zip(first.questions, first.parsed, second.parsed, wrong.tolist(), strict=True)
    return tuple(
        question.id
        for question, one, other, is_wrong in rows
        if is_wrong
        and one.stated
        and other.stated
        and one.answer is not None
        and other.answer is not None
        and same_value(one.answer, other.answer, first.spec)
    )

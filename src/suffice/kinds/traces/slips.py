"""A right answer by a wrong step, and a wrong answer by one slip alone.

One slip means that nothing else has to change: with its result put right and carried through everything that was
computed from it, the trace comes to the right answer. That is shown by computing, never guessed: where the slip's
result does not come up in later equations, or the way to the answer leads through words, nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from suffice.kinds.numbers.arithmetic import Unreadable, agreement, plainly, value_of
from suffice.kinds.numbers.arithmetic_tokens import Token
from suffice.kinds.traces.equations import Equation
from suffice.kinds.traces.trace import ReadTrace, number_of
from suffice.records.trace import Overlay, TraceCheck


def overlay(read: ReadTrace, check: TraceCheck, *, right: bool, gold: str, answer: str | None = None) -> Overlay | None:
    """Whether a trace was lucky or unlucky; None where it was neither, or nothing can be shown.

    Args:
        read: the trace, from `read_trace`.
        check: the same computed anew, from `check_read`.
        right: whether the answer was judged right.
        gold: the right answer.
        answer: the final answer; where it is None, the trace's own line for it is taken.
    """
    if right:
        return "lucky" if check.faults else None
    if len(check.wrong_steps) != 1:
        return None
    corrected = corrected_answer(read, answer=check.stated if answer is None else answer)
    wanted = number_of(gold)
    return "unlucky" if corrected is not None and wanted is not None and _same(corrected, wanted) else None


def corrected_answer(read: ReadTrace, *, answer: str | None) -> Fraction | None:
    """The answer with every wrong result put right and carried forward; None where no slip leads to the answer.

    Args:
        read: a trace.
        answer: the final answer that it came to.
    """
    right_for: dict[Fraction, Fraction] = {}
    for equation in read.equations:
        _carry(equation, right_for)
    final = number_of(answer)
    if final is None or final.value is None:
        return None
    for said in (final.value, -final.value, plainly(final)):
        if said in right_for:
            return right_for[said]
    return None


def _carry(equation: Equation, right_for: dict[Fraction, Fraction]) -> None:
    """Notes what should stand in the place of what one equation says, given what should stand in its numbers' place.

    Args:
        equation: in the order of the text.
        right_for: for each wrong number so far, the right one; changed in place.
    """
    said, exact = equation.value, equation.exact
    if said is None or exact is None:
        return
    touched = any(
        token.kind == "number" and token.value is not None and plainly(token) in right_for for token in equation.left
    )
    try:
        right = value_of(equation.left, read=lambda token: _put_right(token, right_for)) if touched else exact
    except Unreadable:
        return
    if touched or equation.verdict == "wrong":
        right_for[said] = right
    else:
        right_for.pop(said, None)
    copy = number_of(equation.copied)
    if copy is not None:
        right_for[plainly(copy)] = right if touched else exact


def _put_right(token: Token, right_for: Mapping[Fraction, Fraction]) -> Fraction:
    value = plainly(token)
    return right_for.get(value, value)


def _same(value: Fraction, wanted: Token) -> bool:
    return any(agreement(one, wanted) != "wrong" for one in (value, -value))

"""Messages with more tokens than a base model of the ladder reads: the rest of them is not looked at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.records.lengths import NotCounted, TokenLengths
from suffice.text.counted import counted


def _needs(audited: Audited) -> str | None:
    if any(isinstance(one, TokenLengths) for one in audited.lengths):
        return None
    return _left_out(audited) or "no rung of the ladder counts in tokens"


def _left_out(audited: Audited) -> str | None:
    absent = [one for one in audited.lengths if isinstance(one, NotCounted)]
    return "; ".join(f"no tokens counted to {one.base}: {one.why}: {one.fix}" for one in absent) or None


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each base model whose tokens were counted."""
    in_test = audited.in_test
    for one in audited.lengths:
        if isinstance(one, TokenLengths) and one.longer.any():
            yield Found(
                rows=np.flatnonzero(one.longer & ~in_test),
                got=_got(one, n_test=int(one.longer[in_test].sum())),
                fix=_fix(one),
                score=float(one.longer.mean()),
            )


def _got(one: TokenLengths, *, n_test: int) -> str:
    half, most = np.quantile(one.n_tokens, [0.5, 0.95], method="inverted_cdf")
    return (
        f"{counted(one.longer.sum(), 'message')} of {len(one.n_tokens):,} ({n_test:,} in test) longer than the "
        f"{one.limit:,} tokens that {one.base} reads; half have at most {half:,} tokens, 95% {most:,}, the "
        f"longest {one.n_tokens.max():,}"
    )


def _fix(one: TokenLengths) -> str:
    longest = int(one.n_tokens.max())
    if longest <= one.most:
        return f"set context_tokens={longest} to have them read whole; too_long says what is read of them until then"
    raised = f"set context_tokens={one.most} for the most that it takes, " if one.limit < one.most else ""
    return f"{raised}choose a base model with a longer context, or shorten them; too_long says what is read of them"


TOO_LONG = Check(
    code="too_long",
    severity="note",
    rule="a message should fit what a base model reads",
    look=_look,
    needs=_needs,
    left_out=_left_out,
)

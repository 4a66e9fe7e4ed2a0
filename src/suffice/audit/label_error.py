"""Rows whose label is likely wrong: models that did not see them agree on another one.

Until a person has looked, this is a lead. Models disagree with wrong, disputed and merely hard rows alike; how many
of them are wrong is what `suffice review` estimates.
"""

from __future__ import annotations

from collections.abc import Iterator

from suffice.audit.check import Audited, Check, Found, without_evidence
from suffice.audit.disputed import against_majority, why_not_measured
from suffice.audit.settle_label import how_to_settle
from suffice.stats.stratified import CountEstimate
from suffice.text.counted import counted

FLAGGED_MARGIN = 0.5
"""Least lead in probability of another label for a row to be called flagged."""


def _needs(audited: Audited) -> str | None:
    not_asked, not_labelled = without_evidence(audited), why_not_measured(audited)
    return f"{not_asked}, and {not_labelled}" if not_asked and not_labelled else None


def _look(audited: Audited) -> Iterator[Found]:
    if without_evidence(audited) is None:
        yield from _flagged(audited)
    against = against_majority(audited)
    if len(against):
        got = f"{counted(len(against), 'row')} with another label than most of their annotators chose"
        yield Found(rows=against, got=got, fix=f"give them the majority's label, or {how_to_settle(audited, against)}")


def _flagged(audited: Audited) -> Iterator[Found]:
    suspicion = audited.models.suspicion
    flagged = suspicion.flagged(least=FLAGGED_MARGIN, decided=audited.decided)
    reviewed, n_put_right = audited.reviewed, audited.n_put_right or 0
    n_left = 0 if reviewed is None else round(reviewed.estimate) - n_put_right
    if len(flagged) or n_left > 0:
        how_many = _known(reviewed, audited.n_put_right, begun=len(audited.decided) > 0)
        apply = "apply what was decided: suffice clean; look at more: suffice review --fix-first"
        found = reviewed is not None and reviewed.n_found > n_put_right
        undecided = " that nobody decided about" if len(audited.decided) else ""
        got = f"about {len(flagged):,} of {len(suspicion.rows):,} rows flagged{undecided} (most suspect first)"
        yield Found(
            rows=flagged,
            got=f"a lead: {got}, whose label models that did not see them would not give; {how_many}",
            fix=apply if found else "look at them, the most suspect first: suffice review",
            score=len(flagged) / len(suspicion.rows),
        )


def _known(reviewed: CountEstimate | None, n_put_right: int | None, *, begun: bool) -> str:
    """How many labels are wrong."""
    if reviewed is None and begun:
        return (
            "how many are wrong is not known yet: too few rows have been looked at in the order that these rows and "
            "this ladder give"
        )
    if reviewed is None:
        return "how many are wrong is not known before review"
    seen, n_wrong = counted(reviewed.n_seen, "row"), round(reviewed.estimate)
    within = f"{reviewed.confidence:.0%} interval {reviewed.low:,.0f} to {reviewed.high:,.0f}"
    wrong = f"about {n_wrong:,} of {counted(reviewed.n_rows, 'training label')} {_is(n_wrong)} wrong"
    said = f"by review of {seen} {wrong} in the data as read ({within})"
    if n_put_right is not None:
        said += f", and of {reviewed.n_found:,} found {n_put_right:,} {_is(n_put_right)} put right in this version"
    return said


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


LABEL_ERROR = Check(
    code="label_error",
    severity="warn",
    rule="a label should be the one that models which did not see the row expect, or a person's who looked",
    look=_look,
    needs=_needs,
    left_out=without_evidence,
)

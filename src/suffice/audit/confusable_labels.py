"""Pairs of labels that the data cannot separate: the same messages stand under both."""

from __future__ import annotations

from collections.abc import Iterator

from suffice.audit.check import Audited, Check, Found, without_evidence
from suffice.errors import quoted
from suffice.records.evidence import LabelPair
from suffice.text.counted import counted


def _look(audited: Audited) -> Iterator[Found]:
    for pair in audited.models.pairs:
        yield _found(pair, audited)


def _found(pair: LabelPair, audited: Audited) -> Found:
    models = audited.models
    first, second = (quoted(audited.labels.names[k]) for k in (pair.first, pair.second))
    verdict = "the data cannot tell them apart" if pair.inseparable else "the data tells them apart, but not well"
    got = f"{first} and {second}: {verdict} ({pair.auc:.0%} of pairs, one message of each, are put in the right order)"
    gain = 100 * pair.n_confused / len(models.y)
    apart = f"write down what sets {first} apart from {second} and label these rows anew by it"
    return Found(
        rows=models.rows[models.crossed(pair)],
        got=f"{got}; {counted(pair.n_confused, 'message')} of their {pair.n_rows:,} taken for the other label, which "
        f"merging the two would set right: {gain:.1f} points of accuracy",
        fix=f"{apart}, or merge the two" if len(audited.labels) > 2 else apart,
        score=1.0 - pair.auc,
    )


CONFUSABLE_LABELS = Check(
    code="confusable_labels",
    severity="warn",
    rule="two labels should be told apart by their messages",
    look=_look,
    needs=without_evidence,
)

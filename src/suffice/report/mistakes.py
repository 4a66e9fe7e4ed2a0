"""Where a rung errs: its worst pairs of labels and the messages behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from suffice.records.evaluation import ConfusedPair, Evaluation
from suffice.report.texts import CutText, ExampleText, TextBudget
from suffice.text.personal import mask_personal

MAX_PAIRS = 10
MAX_PER_PAIR = 8
MIN_PAIRS = 5
"""As many pairs are shown at least, even where no pair is confused more than once."""
MAX_SINGLE = 150
"""Mistakes outside the worst pairs that a page lists; the rest are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One message that was given another label than its own."""

    label: str
    """The label that the row has."""
    predicted: str
    """The label that it was given."""
    text: CutText
    """The message, personal data masked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PairOfLabels:
    """A pair that is confused, with messages."""

    pair: ConfusedPair
    mistakes: tuple[Mistake, ...]
    """Most confident first; at most `MAX_PER_PAIR`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistakes:
    """All that a page shows of a rung's mistakes."""

    n_wrong: int
    """Rows that were given another label."""
    n_rows: int
    """Rows that were scored."""
    worst: tuple[PairOfLabels, ...]
    """Pairs with the most rows; at most `MAX_PAIRS`."""
    others: tuple[Mistake, ...]
    """Mistakes of all further pairs; at most `MAX_SINGLE`."""
    n_invented: int
    """Wrong rows whose answer was no label of the set: of no pair."""

    @property
    def n_unlisted(self) -> int:
        """Wrong rows that the page does not show the text of."""
        listed = sum(len(pair.mistakes) for pair in self.worst) + len(self.others)
        return self.n_wrong - self.n_invented - listed


def mistakes_of(evaluation: Evaluation, texts: Mapping[str, ExampleText]) -> Mistakes:
    """Takes the worst pairs apart into messages; a row without a text is counted and not shown.

    Personal data is masked here, where it is known which few of the texts are shown.

    Args:
        evaluation: on rows that may be shown: never on the test.
        texts: by row id.
    """
    assert evaluation.split != "test", "a page shows no text of a test row"
    budget = TextBudget()
    pairs = evaluation.confusion.worst
    n_worst = max(MIN_PAIRS, sum(pair.count > 1 for pair in pairs[:MAX_PAIRS]))
    worst = tuple(PairOfLabels(pair=pair, mistakes=_listed(pair, texts, budget)) for pair in pairs[:n_worst])
    others = (mistake for pair in pairs[n_worst:] for mistake in _listed(pair, texts, budget))
    return Mistakes(
        n_wrong=evaluation.accuracy.n - evaluation.accuracy.n_correct,
        n_rows=evaluation.accuracy.n,
        worst=worst,
        others=tuple(islice(others, MAX_SINGLE)),
        n_invented=sum(evaluation.confusion.invented or ()),
    )


def _listed(pair: ConfusedPair, texts: Mapping[str, ExampleText], budget: TextBudget) -> tuple[Mistake, ...]:
    known = [texts[name] for name in pair.ids if name in texts][:MAX_PER_PAIR]
    return tuple(
        Mistake(label=shown.label, predicted=pair.predicted, text=budget.cut(mask_personal(shown.text)))
        for shown in known
    )

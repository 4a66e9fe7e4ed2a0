"""What every layer of answers reads: completions, parsed and judged, beside the questions that they answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.kinds.answer import judge, parse
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import ANSWER_CLASSES, AnswerClass, AnswerVerdict, Completion, ParsedAnswer, Question
from suffice.records.evaluation import Interval
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.proof import effective_rows
from suffice.stats.scored import require_rows

MAX_IDS = 20
"""Rows that a layer names as the ones behind a figure; all are among the examples."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedAnswers:
    """Completions of the same N rows as the questions, in their order."""

    questions: tuple[Question, ...]
    completions: tuple[Completion, ...]
    parsed: tuple[ParsedAnswer, ...]
    verdicts: tuple[AnswerVerdict, ...]
    groups: NDArray[np.int64]
    """Group of each row, shape [N]: rows of one group are no independent ones."""
    spec: AnswerSpec
    """What an answer is and how it was asked for."""
    seed: int
    """Of all shuffles."""

    def __post_init__(self) -> None:
        n = len(self.questions)
        require_rows(n, what="completions")
        assert len(self.completions) == len(self.parsed) == len(self.verdicts) == n, "one of each for each row"
        assert [one.id for one in self.questions] == [one.id for one in self.completions], "rows are the same"
        assert self.groups.shape == (n,), "one group for each row"

    @property
    def verified(self) -> NDArray[np.bool_]:
        """Whether each answer has the right value, shape [N]."""
        return np.array([verdict.verified for verdict in self.verdicts])

    @property
    def classes(self) -> tuple[AnswerClass, ...]:
        """The class of each row in the waterfall, length N."""
        rows = zip(self.parsed, self.verdicts, self.completions, strict=True)
        return tuple(class_of(parsed, verdict, truncated=one.truncated) for parsed, verdict, one in rows)

    def ids(self, chosen: NDArray[np.bool_]) -> tuple[str, ...]:
        """Ids of the first of these rows.

        Args:
            chosen: whether each row is one of them, shape [N].
        """
        return tuple(self.questions[row].id for row in np.flatnonzero(chosen)[:MAX_IDS])

    def interval(self, chosen: NDArray[np.bool_]) -> Interval:
        """The exact 95% interval of the share of these rows; rows in groups count as fewer than they are.

        Args:
            chosen: whether each row is one of them, shape [N].

        Source: `stats.binomial.interval` on `stats.proof.effective_rows`.
        """
        n_effective = effective_rows(len(chosen), design_effect(chosen, self.groups))
        return interval(float(chosen.mean()) * n_effective, n_effective)


def judged(
    questions: Sequence[Question],
    completions: Sequence[Completion],
    groups: NDArray[np.int64],
    *,
    spec: AnswerSpec,
    seed: int,
    done: Callable[[int], None],
) -> JudgedAnswers:
    """Parses every completion, without a look at the right answer, and judges what it says.

    Args:
        questions: N rows.
        completions: of the same rows, in the same order.
        groups: group of each row, shape [N].
        spec: what an answer is and how it was asked for.
        seed: of all shuffles.
        done: told the rows that were judged since the last call.

    Raises:
        DataError: there are no rows.
    """
    parsed, verdicts = list[ParsedAnswer](), list[AnswerVerdict]()
    for question, completion in zip(questions, completions, strict=True):
        parsed.append(parse(completion.text, spec))
        verdicts.append(judge(parsed[-1], question.gold.answer, spec))
        done(1)
    return JudgedAnswers(
        questions=tuple(questions),
        completions=tuple(completions),
        parsed=tuple(parsed),
        verdicts=tuple(verdicts),
        groups=groups,
        spec=spec,
        seed=seed,
    )


def class_of(parsed: ParsedAnswer, verdict: AnswerVerdict, *, truncated: bool) -> AnswerClass:
    """The first class of the waterfall that fits.

    Of a text that was cut off, what merely stood last is no answer: it was on its way to one.

    Args:
        parsed: what was answered.
        verdict: whether it is right.
        truncated: whether the text is known to have been cut off.
    """
    well_formed = parsed.strict is not None
    fits = {
        "right": well_formed and verdict.verified,
        "right_value_wrong_form": verdict.verified,
        "truncated_without_answer": truncated and not parsed.stated,
        "no_answer": parsed.answer is None,
        "right_form_wrong_value": well_formed,
        "wrong_form_wrong_value": True,
    }
    return next(name for name in ANSWER_CLASSES if fits[name])

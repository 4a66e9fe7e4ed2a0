"""An evaluation of answers on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from suffice.cli.output import print_table, say, say_item
from suffice.records.answer_evaluation import AnswerEvaluation, ClassShare, FormLoss
from suffice.records.answers import AnswerClass
from suffice.records.evaluation import Comparison
from suffice.records.run import RunManifest
from suffice.store.strict_json import plain
from suffice.text.answer_words import CLASS_WORDS, form_sentence, writing_sentence
from suffice.text.counted import counted
from suffice.text.rounding import (
    difference,
    fraction,
    fraction_interval,
    p_value,
    percent,
    percent_interval,
    signed_points,
)

if TYPE_CHECKING:
    from suffice.pipeline.completions import ScoredCompletions

GRADERS = {
    "strict": "strict: in the form asked for",
    "lenient": "lenient: the last that could be one",
    "verified": "verified: by value",
}
"""What the graders look at."""
MAX_NAMED = 3
"""Rows that are named of each class."""


def answers_document(scored: ScoredCompletions) -> dict[str, Any]:
    """What `evaluate --completions --json` prints; with another file, the same of that one, and the comparison.

    Args:
        scored: what was measured.
    """
    document = layers_document(scored.evaluation)
    if scored.against is not None and scored.comparison is not None:
        document |= {
            "against": layers_document(scored.against),
            "comparison": plain(scored.comparison),
            "suspected_gold": list(scored.suspected_gold or ()),
        }
    return document


def print_answers(scored: ScoredCompletions, *, name: str) -> None:
    """Prints an evaluation of answers for a person.

    Args:
        scored: what was measured.
        name: of the file of completions.
    """
    if scored.n_left_out:
        say(f"left out for want of a completion, and counted in no figure below: {counted(scored.n_left_out, 'row')}")
    print_layers(scored.evaluation, name=name)
    if scored.against is not None and scored.comparison is not None:
        print_layers(scored.against, name=scored.comparison.second)
        say(_compared(scored.comparison))
    if scored.suspected_gold:
        named = ", ".join(scored.suspected_gold[:MAX_NAMED])
        n = counted(len(scored.suspected_gold), "row")
        say(f"right answers to look at, since both files have one and the same other answer: {n}, such as {named}")


def print_lost(runs: Sequence[RunManifest]) -> None:
    """Prints where the answers of several runs are lost; nothing where they are labels.

    Args:
        runs: their manifests.
    """
    shown = [(run.cell.rung, run.answers) for run in runs if run.answers is not None]
    if not shown:
        return
    rows = [(words, *(percent(_share(answers, name)) for _, answers in shown)) for name, words in CLASS_WORDS.items()]
    print_table(("where answers are lost", *(rung for rung, _ in shown)), rows)
    for rung, answers in shown:
        say_item(f"{rung}: {form_sentence(answers.form)}")
    for run in runs:
        if run.writing is not None:
            say_item(f"{run.cell.rung}: {writing_sentence(run.writing)}")


def _share(answers: AnswerEvaluation, name: AnswerClass) -> float:
    return next(one.share for one in answers.waterfall.classes if one.name == name)


def layers_document(evaluation: AnswerEvaluation) -> dict[str, Any]:
    """The layers of one system's answers in a JSON document.

    Args:
        evaluation: what was measured.
    """
    return {
        "n": evaluation.n,
        "accuracy": plain(evaluation.accuracy),
        "waterfall": {one.name: one.share for one in evaluation.waterfall.classes},
        "examples": [
            {
                "id": one.id,
                "class": one.class_,
                "verified": one.verified,
                "first_wrong_step": one.first_wrong_step,
            }
            for one in evaluation.examples
        ],
        "trace": plain(evaluation.trace),
        "clusters": plain(evaluation.clusters),
    }


def print_layers(evaluation: AnswerEvaluation, *, name: str) -> None:
    """Prints the layers of one system's answers.

    Args:
        evaluation: what was measured.
        name: of the system.
    """
    say(f"{name}: {counted(evaluation.n, 'row')}")
    scores = {grader: getattr(evaluation.accuracy, grader) for grader in GRADERS}
    print_table(
        ("grader", "right", "accuracy", "95% interval"),
        [
            (GRADERS[grader], f"{score.n_correct:,}", fraction(score.accuracy), fraction_interval(score.interval))
            for grader, score in scores.items()
        ],
    )
    print_table(
        ("where answers are lost", "rows", "share", "95% interval"),
        [_class_row(one) for one in evaluation.waterfall.classes],
    )
    for one in evaluation.waterfall.classes:
        if one.name != "right" and one.n:
            say(f"{CLASS_WORDS[one.name]}: such as {', '.join(one.ids[:MAX_NAMED])}")
    if isinstance(evaluation.form, FormLoss):
        say(form_sentence(evaluation.form))
    n_truncated = sum(one.n_truncated for one in evaluation.waterfall.classes)
    if evaluation.waterfall.n_ends_known < evaluation.n:
        n_unknown = evaluation.n - evaluation.waterfall.n_ends_known
        say(f"without a stop_reason, so that nobody knows whether they were cut off: {counted(n_unknown, 'line')}")
    if n_truncated:
        say(f"cut off: {counted(n_truncated, 'completion')}")
    if evaluation.n_gave_up:
        say(f"not compared within the limits, and counted as wrong: {counted(evaluation.n_gave_up, 'answer')}")


def _class_row(one: ClassShare) -> tuple[str, ...]:
    return (CLASS_WORDS[one.name], f"{one.n:,}", percent(one.share), percent_interval(one.interval))


def _compared(found: Comparison) -> str:
    return (
        f"{found.first} minus {found.second} on {found.n:,} rows, by value: {difference(found.difference)} "
        f"({signed_points(found.interval)}); right alone {found.n_only_first:,} and {found.n_only_second:,} times, "
        f"exact McNemar {p_value(found.p_value)}"
    )

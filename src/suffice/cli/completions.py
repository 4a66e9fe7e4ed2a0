"""An evaluation of completions on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from suffice.cli.clusters import print_clusters
from suffice.cli.output import print_table, say, say_item
from suffice.records.completion_evaluation import (
    ClassShare,
    CompletionAccuracy,
    CompletionClass,
    CompletionEvaluation,
    FormLoss,
    RepetitionLayer,
    SupportLayer,
    WithoutRejected,
)
from suffice.records.evaluation import Comparison, NotMeasured
from suffice.records.run import RunManifest
from suffice.store.strict_json import plain
from suffice.text.completion_words import (
    CLASS_WORDS,
    GRADER_WORDS,
    form_sentence,
    share_sentence,
    trace_sentences,
    writing_sentence,
)
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
from suffice.text.sensitivity_words import flips_sentence

if TYPE_CHECKING:
    from suffice.pipeline.completions import ScoredCompletions

OTHER_CALLS = "rows whose text makes other calls than their tool_calls, and is passed over"
MAX_NAMED, MAX_WRONG = 3, 160
"""Rows that are named of each class, and characters of what was wrong with the first."""


def completions_document(scored: ScoredCompletions) -> dict[str, Any]:
    """What `evaluate --completions --json` prints; with another file, the same of that one, and the comparison.

    Args:
        scored: what was measured.
    """
    document = {**layers_document(scored.evaluation), "n_left_out": scored.n_left_out}
    if scored.against is not None:
        both = {"comparison": plain(scored.comparison), "flips": plain(scored.flips)}
        document |= {"against": layers_document(scored.against), **both}
    return document


def print_completions(scored: ScoredCompletions, *, name: str) -> None:
    """Prints an evaluation of completions for a person.

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
    if scored.comparison is not None and scored.flips is not None:
        say(f"from {scored.comparison.second} to {scored.comparison.first}, {flips_sentence(scored.flips)}")


def print_lost(runs: Sequence[RunManifest]) -> None:
    """Prints where the answers of several runs are lost; nothing where they are labels.

    Args:
        runs: their manifests.
    """
    shown = [(run.cell.rung, run.answers) for run in runs if run.answers is not None]
    if not shown:
        return
    names = [one.name for one in shown[0][1].waterfall.classes]
    rows = [(CLASS_WORDS[name], *(percent(_share(answers, name)) for _, answers in shown)) for name in names]
    print_table(("where answers are lost", *(rung for rung, _ in shown)), rows)
    for rung, answers in shown:
        say_item(f"{rung}: {form_sentence(answers.form, n_named=MAX_NAMED)}")
    for run in runs:
        if run.writing is not None:
            say_item(f"{run.cell.rung}: {writing_sentence(run.writing)}")


def _share(answers: CompletionEvaluation, name: CompletionClass) -> float:
    return next(one.share for one in answers.waterfall.classes if one.name == name)


def layers_document(evaluation: CompletionEvaluation) -> dict[str, Any]:
    """The layers of one system's completions in a JSON document.

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
                "strict": one.strict,
                "lenient": one.lenient,
                "verified": one.verified,
                "truncated": one.truncated,
                "first_wrong_step": one.first_wrong_step,
                "wrong": one.wrong,
                "overlay": one.overlay,
            }
            for one in evaluation.examples
        ],
        "trace": plain(evaluation.trace),
        "clusters": plain(evaluation.clusters),
        "overlays": plain(evaluation.overlays),
        "without_rejected": plain(evaluation.without_rejected),
        "form": plain(evaluation.form),
        "repetition": plain(evaluation.repetition),
        "support": plain(evaluation.support),
        "classes": plain(evaluation.waterfall.classes),
        "n_truncated": _n_truncated(evaluation),
        "n_ends_unknown": _n_ends_unknown(evaluation),
        "n_gave_up": evaluation.n_gave_up,
        "says_other": plain(evaluation.says_other),
    }


def print_layers(evaluation: CompletionEvaluation, *, name: str) -> None:
    """Prints the layers of one system's completions.

    Args:
        evaluation: what was measured.
        name: of the system.
    """
    say(f"{name}: {counted(evaluation.n, 'row')}")
    _print_accuracy(evaluation.accuracy)
    if isinstance(evaluation.without_rejected, WithoutRejected):
        n_rejected = counted(evaluation.without_rejected.n_rejected, "row")
        say(f"without {n_rejected} whose right answer was rejected:")
        _print_accuracy(evaluation.without_rejected.accuracy)
    print_table(
        ("where completions are lost", "rows", "share", "95% interval"),
        [_class_row(one) for one in evaluation.waterfall.classes],
    )
    wrong = {one.id: one.wrong for one in evaluation.examples}
    for one in evaluation.waterfall.classes:
        if one.name != "right" and one.n:
            _print_class(one, wrong[one.ids[0]])
    if isinstance(evaluation.form, FormLoss):
        say(form_sentence(evaluation.form, n_named=MAX_NAMED))
    for sentence in trace_sentences(evaluation.trace, evaluation.overlays, n_named=MAX_NAMED):
        say(sentence)
    _print_alike(evaluation.repetition, evaluation.support)
    _print_ends(evaluation)
    print_clusters(evaluation.clusters)


def _print_accuracy(accuracy: CompletionAccuracy) -> None:
    scores = {grader: getattr(accuracy, grader) for grader in GRADER_WORDS}
    print_table(
        ("grader", "right", "accuracy", "95% interval"),
        [
            (GRADER_WORDS[grader], f"{score.n_correct:,}", fraction(score.accuracy), fraction_interval(score.interval))
            for grader, score in scores.items()
        ],
    )


def _class_row(one: ClassShare) -> tuple[str, ...]:
    return (CLASS_WORDS[one.name], f"{one.n:,}", percent(one.share), percent_interval(one.interval))


def _print_class(one: ClassShare, wrong: str | None) -> None:
    why = f" ({one.ids[0]}: {shorten(wrong, MAX_WRONG, placeholder='...')})" if wrong else ""
    say(f"{CLASS_WORDS[one.name]}: such as {', '.join(one.ids[:MAX_NAMED])}{why}")


def _print_alike(repetition: RepetitionLayer | NotMeasured, support: SupportLayer | NotMeasured) -> None:
    if isinstance(repetition, RepetitionLayer):
        if repetition.loops.n:
            say(share_sentence("going round in circles", repetition.loops, n_named=MAX_NAMED))
        if repetition.same_text.n > repetition.same_gold.n:
            say(share_sentence("the same text for another row", repetition.same_text, n_named=MAX_NAMED))
        if repetition.commonest_share > repetition.commonest_gold_share:
            shares = f"{percent(repetition.commonest_share)} of the rows, the commonest right one"
            say(f"the commonest answer: {shares} {percent(repetition.commonest_gold_share)}")
    if isinstance(support, SupportLayer):
        say(share_sentence("answers without support in their context", support.unsupported, n_named=MAX_NAMED))


def _print_ends(evaluation: CompletionEvaluation) -> None:
    n_truncated, n_unknown = _n_truncated(evaluation), _n_ends_unknown(evaluation)
    if evaluation.says_other is not None:
        say(share_sentence(OTHER_CALLS, evaluation.says_other, n_named=MAX_NAMED))
    if n_unknown:
        say(f"without a stop_reason, so that nobody knows whether they were cut off: {counted(n_unknown, 'line')}")
    if n_truncated:
        say(f"cut off: {counted(n_truncated, 'completion')}")
    if evaluation.n_gave_up:
        say(f"not compared within the limits, and counted as wrong: {counted(evaluation.n_gave_up, 'answer')}")


def _n_truncated(evaluation: CompletionEvaluation) -> int:
    """Rows that are known to have been cut off, of all classes."""
    return sum(one.n_truncated for one in evaluation.waterfall.classes)


def _n_ends_unknown(evaluation: CompletionEvaluation) -> int:
    return evaluation.n - evaluation.waterfall.n_ends_known


def _compared(found: Comparison) -> str:
    return (
        f"{found.first} minus {found.second} on {found.n:,} rows, by value: {difference(found.difference)} "
        f"({signed_points(found.interval)}); right alone {found.n_only_first:,} and {found.n_only_second:,} times, "
        f"exact McNemar {p_value(found.p_value)}"
    )

"""One run on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from suffice.cli.completions import print_layers
from suffice.cli.output import print_table, say
from suffice.records.evaluation import Evaluation, NotMeasured, SliceScore
from suffice.records.run import RunManifest
from suffice.report import hosted_sentence, time_sentence
from suffice.store.strict_json import plain
from suffice.text.completion_words import writing_sentence
from suffice.text.rounding import fraction, fraction_interval, signed_points


def run_document(manifest: RunManifest, folder: Path) -> dict[str, Any]:
    """A run as `train --json` and `runs list --json` print it.

    Args:
        manifest: the run.
        folder: where it lies.
    """
    return {"run": str(folder), **_speed(manifest), **plain(manifest)}


def _speed(manifest: RunManifest) -> dict[str, Any]:
    """How fast it was fitted: of a network the steps alone; what another rung does not have is null."""
    training = manifest.training
    return {
        "train_seconds": manifest.cost.train_seconds if training is None else training.loop_seconds,
        "n_examples_seen": training and training.n_examples_seen,
        "examples_per_second": training and training.examples_per_second,
        "tokens_per_second": training and training.tokens_per_second,
        "prefix_tokens": training and training.prefix_tokens,
        "text_tokens": training and training.text_tokens,
        "peak_fraction": training and training.peak_fraction,
        "peak_memory_bytes": training and training.peak_memory_bytes,
        "planned_memory_bytes": manifest.planned_memory_bytes,
        "best_epoch": training and training.best_epoch,
    }


def print_run(manifest: RunManifest, folder: Path) -> None:
    """Prints a run for a person.

    Args:
        manifest: the run.
        folder: where it lies.
    """
    if manifest.answers is not None:
        print_layers(manifest.answers, name=f"{manifest.name}, {manifest.judged_on.replace('_', '-')}")
    elif manifest.evaluation is not None:
        print_evaluation(manifest.evaluation)
    if manifest.writing is not None:
        say(writing_sentence(manifest.writing))
    cost = manifest.cost
    if manifest.hosted is not None:
        spent, kind = manifest.hosted.spent, manifest.cell.kind
        say(hosted_sentence(manifest.cell.rung, manifest.hosted, spent=spent, kind=kind))
    if manifest.train_accuracy is not None:
        say(f"on its own training rows: {fraction(manifest.train_accuracy)}")
        say(f"fitted on {manifest.n_train:,} rows in {cost.train_seconds:.1f} s, {manifest.precision}")
    if (training := manifest.training) is not None:
        say(
            f"training: {training.examples_per_second:,.1f} rows, {training.tokens_per_second:,.0f} tokens a second, "
            f"{training.peak_fraction:.0%} of what this machine multiplies at most; up to "
            f"{training.peak_memory_bytes / 1e9:.1f} GB of memory"
        )
    say(f"one answer: {cost.latency_p50_ms:.1f} ms (p95 {cost.latency_p95_ms:.1f} ms)")
    # Printed as it is: a path that is wrapped can be neither clicked nor copied.
    print(f"run: {folder}")


def print_evaluation(evaluation: Evaluation) -> None:
    """Prints the layers of an evaluation for a person.

    Args:
        evaluation: what was measured.
    """
    accuracy, probability = evaluation.accuracy, evaluation.probability
    if isinstance(probability, NotMeasured):
        sure = f"calibration not measured: {probability.why}"
    else:
        sure = (
            f"log-loss {probability.log_loss:.3f}, calibration error {probability.ece:.3f} "
            f"(floor {probability.ece_floor:.3f})"
        )
    say(
        f"{evaluation.rung} on {accuracy.n:,} {evaluation.split.replace('_', '-')} rows: accuracy "
        f"{fraction(accuracy.accuracy)} ({fraction_interval(accuracy.interval)}), macro F1 "
        f"{fraction(accuracy.macro_f1)}, {sure}"
    )
    pairs = evaluation.confusion.worst[:5]
    if pairs:
        rows = [(f"{pair.label} as {pair.predicted}", f"{pair.count:,}", f"{pair.share:.0%}") for pair in pairs]
        print_table(("most confused", "rows", "of the label"), rows)
    print_slices(evaluation.slices)
    if evaluation.time is not None:
        say(time_sentence(evaluation.time))


def print_slices(slices: Sequence[SliceScore]) -> None:
    """Prints accuracy on each slice; nothing where the task has none.

    Args:
        slices: of one evaluation.
    """
    if slices:
        header = ("slice", "rows", "accuracy", "95% interval", "against all, points")
        print_table(header, [_slice_row(one) for one in slices])


def _slice_row(one: SliceScore) -> tuple[str, ...]:
    if one.accuracy is None or one.interval is None or one.against_all is None:
        return (one.name, "0", "", "", "")
    shown = "" if one.against_all_interval is None else signed_points(one.against_all_interval).removesuffix(" points")
    return (one.name, f"{one.n:,}", fraction(one.accuracy), fraction_interval(one.interval), shown)

"""One run on the terminal and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from suffice.cli.output import print_table, say
from suffice.records.evaluation import Evaluation
from suffice.records.run import RunManifest
from suffice.store.strict_json import plain
from suffice.text.rounding import fraction, fraction_interval


def run_document(manifest: RunManifest, folder: Path) -> dict[str, Any]:
    """A run as `train --json` and `runs list --json` print it.

    Args:
        manifest: the run.
        folder: where it lies.
    """
    return {"run": str(folder), **plain(manifest)}


def print_run(manifest: RunManifest, folder: Path) -> None:
    """Prints a run for a person.

    Args:
        manifest: the run.
        folder: where it lies.
    """
    if manifest.evaluation is not None:
        print_evaluation(manifest.evaluation)
    cost = manifest.cost
    say(f"on its own training rows: {fraction(manifest.train_accuracy)}")
    say(f"fitted on {manifest.n_train:,} rows in {cost.train_seconds:.1f} s, {manifest.precision}")
    say(f"one message: {cost.latency_p50_ms:.1f} ms (p95 {cost.latency_p95_ms:.1f} ms)")
    # Printed as it is: a path that is wrapped can be neither clicked nor copied.
    print(f"run: {folder}")


def print_evaluation(evaluation: Evaluation) -> None:
    """Prints the layers of an evaluation for a person.

    Args:
        evaluation: what was measured.
    """
    accuracy, probability = evaluation.accuracy, evaluation.probability
    say(
        f"{evaluation.rung} on {accuracy.n:,} {evaluation.split.replace('_', '-')} rows: accuracy "
        f"{fraction(accuracy.accuracy)} ({fraction_interval(accuracy.interval)}), macro F1 "
        f"{fraction(accuracy.macro_f1)}, log-loss {probability.log_loss:.3f}, calibration error {probability.ece:.3f} "
        f"(floor {probability.ece_floor:.3f})"
    )
    pairs = evaluation.confusion.worst[:5]
    if pairs:
        rows = [(f"{pair.label} as {pair.predicted}", f"{pair.count:,}", f"{pair.share:.0%}") for pair in pairs]
        print_table(("most confused", "rows", "of the label"), rows)

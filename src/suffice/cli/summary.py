"""A finished fit on the terminal, and as the JSON document that other tools rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from suffice.cli.capability import print_capability
from suffice.cli.completions import layers_document, print_lost
from suffice.cli.diagnosis import diagnosis_document, print_diagnosis, print_sensitivity, print_symptoms
from suffice.cli.output import print_table, say
from suffice.cli.run_summary import print_slices
from suffice.records.evaluation import Evaluation, NotMeasured
from suffice.records.verdict import FitOutcome, RungOutcome, Verdict
from suffice.report import (
    aging_sentence,
    break_even_sentences,
    command_of,
    keeping_up_sentence,
    next_step,
    rounds_sentence,
    verdict_sentence,
)
from suffice.store.strict_json import plain
from suffice.text.counted import counted
from suffice.text.kind_words import ASKED
from suffice.text.plan_words import tenths
from suffice.text.rounding import fraction, fraction_interval

MEGABYTE = 1_000_000
OUT_OF_FOLD = "*"


def fit_document(outcome: FitOutcome, *, out: Path) -> dict[str, Any]:
    """What `fit --json` prints.

    Args:
        outcome: what the fit found out.
        out: the output folder.
    """
    return {
        "task": outcome.task,
        "verdict": verdict_document(outcome.verdict),
        **diagnosis_document(
            outcome.diagnosis,
            outcome.symptoms,
            outcome.capability,
            break_even=outcome.break_even,
            rounds=outcome.rounds,
            openings=outcome.opening or 0,
            not_run=outcome.not_run,
        ),
        "ran": [plain(one) for one in outcome.ran],
        "rungs": [_rung_document(rung) for rung in outcome.rungs if rung.test is not None],
        "report": str(out / "report.html"),
        "runs": str(out / "runs"),
        "data_version": outcome.data.version,
        "time": plain(outcome.time) if outcome.time is not None else None,
        "knowledge": _knowledge_document(outcome),
    }


def _knowledge_document(outcome: FitOutcome) -> dict[str, Any] | None:
    """What was read, how often it is found, and what it brings each rung; null where the task has no knowledge."""
    if outcome.knowledge is None:
        return None
    return {**plain(outcome.knowledge), "uses": [plain(one) for one in outcome.diagnosis.knowledge]}


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """The verdict in every JSON document that has one.

    Args:
        verdict: of a fit, or of runs.
    """
    return {
        "code": verdict.code,
        "rung": verdict.rung,
        "probability": verdict.probability,
        "because": list(verdict.because),
        "flip": verdict.flip,
    }


def _rung_document(rung: RungOutcome) -> dict[str, Any]:
    test, cost = rung.test, rung.shipped.cost
    assert test is not None, "rungs without test figures are left out"
    return {
        "rung": rung.rung,
        "split": "test",
        "n": test.accuracy.n,
        "accuracy": test.accuracy.accuracy,
        "interval": [test.accuracy.interval.low, test.accuracy.interval.high],
        "without_leaked": None
        if (clean := rung.without_leaked) is None
        else {"n": clean.n, "accuracy": clean.accuracy, "interval": [clean.interval.low, clean.interval.high]},
        **(_of_labels(test) if rung.test_answers is None else {"answers": layers_document(rung.test_answers)}),
        "slices": [plain(one) for one in test.slices],
        "latency_ms": {"p50": cost.latency_p50_ms, "p95": cost.latency_p95_ms},
        "size_bytes": cost.size_bytes,
        "train_seconds": cost.train_seconds,
        "bundle": rung.bundle,
        **({} if rung.shipped.hosted is None else {"hosted": plain(rung.shipped.hosted)}),
    }


def _of_labels(test: Evaluation) -> dict[str, Any]:
    """What is measured where answers are labels alone."""
    measured = None if isinstance(test.probability, NotMeasured) else test.probability
    return {
        "macro_f1": test.accuracy.macro_f1,
        "log_loss": measured and measured.log_loss,
        "ece": measured and measured.ece,
        "invalid_label_rate": test.form.invalid_label_rate,
    }


def print_reasons(verdict: Verdict) -> None:
    """Prints why a verdict is what it is, how likely it is right, and what would turn it.

    Args:
        verdict: of a fit, or of runs.
    """
    for sentence in verdict.because:
        say(f"- {sentence}")
    if verdict.probability is not None:
        say(f"- how likely this is the right call: {tenths(verdict.probability)}")
    if verdict.flip:
        say(f"- what would turn it: {verdict.flip}")


def print_fit(outcome: FitOutcome, *, out: Path) -> None:
    """Prints the verdict, the ladder, and what to type next.

    Args:
        outcome: what the fit found out.
        out: the output folder.
    """
    say(verdict_sentence(outcome))
    say(f"data version {outcome.data.version}: {counted(outcome.data.n_rows, ASKED[outcome.kind])}")
    print_reasons(outcome.verdict)
    if outcome.time is not None:
        say(f"- {aging_sentence(outcome.time.aging)}")
        if outcome.time.keeping_up is not None:
            say(f"- {keeping_up_sentence(outcome.time.keeping_up)}")
    for rung, why in outcome.not_run:
        say(f"- not run: {rung} ({why})")
    for note in outcome.notes:
        say(f"- {note}")
    for sentence in break_even_sentences(outcome.break_even, outcome.capability):
        say(f"- {sentence}")
    if outcome.rounds is not None:
        say(f"- {rounds_sentence(outcome.rounds)}")
    print_diagnosis(outcome.diagnosis, proven=outcome.verdict.rung is not None)
    print_symptoms(outcome.symptoms, rung=outcome.proposal.rung, kind=outcome.kind)
    print_sensitivity(outcome.diagnosis.sensitivity, kind=outcome.kind)
    header = ("rung", "test", "95% interval", "validation", "ms", "MB", "train s")
    print_table(header, [_row(rung) for rung in outcome.rungs])
    if any(rung.chosen.judged_on == "out_of_fold" for rung in outcome.rungs):
        say(f"{OUT_OF_FOLD} out of fold, over train plus validation; the others on validation rows alone")
    print_lost([rung.chosen for rung in outcome.rungs])
    print_capability(outcome.capability)
    shipped = next(rung for rung in outcome.rungs if rung.rung == outcome.proposal.rung)
    if shipped.test is not None:
        print_slices(shipped.test.slices)
    # Printed as they are: a path that is wrapped can be neither clicked nor copied.
    print(f"report: {out / 'report.html'}")
    if shipped.bundle is None:
        say(next_step(outcome))
        return
    print(f"bundle: {shipped.bundle}")
    say(next_step(outcome))
    print(command_of(outcome.kind, shipped.bundle))


def _row(rung: RungOutcome) -> tuple[str, ...]:
    cost, evaluation = rung.shipped.cost, rung.chosen.evaluation
    test = (
        ("incomplete" if rung.incomplete else "sealed", "")
        if rung.test is None
        else (
            fraction(rung.test.accuracy.accuracy),
            fraction_interval(rung.test.accuracy.interval).replace(" to ", "-"),
        )
    )
    mark = OUT_OF_FOLD if rung.chosen.judged_on == "out_of_fold" else ""
    validation = "" if evaluation is None else f"{fraction(evaluation.accuracy.accuracy)}{mark}"
    return (
        rung.rung,
        *test,
        validation,
        f"{cost.latency_p50_ms:.1f}",
        f"{cost.size_bytes / MEGABYTE:.1f}",
        f"{cost.train_seconds:.1f}",
    )

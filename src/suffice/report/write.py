"""Records to a page on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from suffice.records.causes import CAUSES
from suffice.records.completion_audit import AskedSummary, KnowledgeRead
from suffice.records.diagnosis import CODE_OF_STEP
from suffice.records.evaluation import Comparison, Evaluation, NotMeasured, TimeLayer
from suffice.records.finding import Audit
from suffice.records.run import RunManifest
from suffice.records.time import TimeOutcome
from suffice.records.verdict import DataSummary, FitOutcome, Goal
from suffice.report.answers import answers_of
from suffice.report.audit_words import asked_sentence, audit_sentence, found_sentence, learnability_sentence
from suffice.report.break_even_words import break_even_sentences, leading, rounds_sentence
from suffice.report.capability_charts import in_reach, price_chart, size_chart
from suffice.report.capability_words import against_words
from suffice.report.charts import cost_chart, ladder_chart, learning_chart, reliability_chart
from suffice.report.diagnosis_charts import CAUSE_WORDS, data_chart, gap_chart, metric_words
from suffice.report.figures import Metric, figures_of
from suffice.report.findings import told
from suffice.report.knowledge import knowledge_of
from suffice.report.ladder import Entry, entries_of_fit, entries_of_runs, shown_on_one_split
from suffice.report.leads import Leads
from suffice.report.matrix import matrix_of
from suffice.report.mistakes import mistakes_of
from suffice.report.page import render
from suffice.report.receipt import receipt_of
from suffice.report.sentences import (
    command_of,
    comparison_sentence,
    next_step,
    opening_sentence,
    other_causes,
    runs_sentence,
    verdict_sentence,
)
from suffice.report.slices import slice_table
from suffice.report.symptoms import symptoms_shown
from suffice.report.texts import ExampleText, TextBudget
from suffice.report.time_words import aging_sentence, keeping_up_sentence, time_sentence
from suffice.rungs.ladder import looks_up
from suffice.store.files import write_text
from suffice.text.kind_words import ASKED
from suffice.text.plan_words import settings_of

NOTHING_WRITTEN: Mapping[str, Mapping[str, str]] = {}
"""Of runs whose answers are labels."""


def write_report(
    outcome: FitOutcome,
    texts: Mapping[str, ExampleText],
    *,
    completions: Mapping[str, Mapping[str, str]] = NOTHING_WRITTEN,
    path: Path,
) -> None:
    """Writes the page of a finished fit.

    Args:
        outcome: everything that the fit found out.
        texts: by row id; of rows that rungs were compared on, never of test rows.
        completions: what was written for these rows where answers are free text, by run and row id.
        path: the HTML file.

    Raises:
        StorageError: the folder cannot be written.
    """
    entries = entries_of_fit(outcome)
    proposed = next((entry for entry in entries if entry.proposed), None)
    values = _ladder_values(entries, outcome.comparisons, goals=outcome.proposal.goals, noun=ASKED[outcome.kind])
    values |= _mistake_values(entries, proposed, texts, comparisons=outcome.comparisons, completions=completions)
    values |= _aging_values(outcome.time)
    values |= {
        "outcome": outcome,
        "proposed": proposed,
        "verdict_words": CAUSES[outcome.verdict.code].called(outcome.kind),
        "others": other_causes(outcome),
        "sentence": verdict_sentence(outcome),
        "opening": opening_sentence(outcome),
        "settings": _settings(outcome),
        "next_step": next_step(outcome),
        "knowledge": knowledge_of(outcome),
        "command": command_of(outcome.kind, proposed.bundle) if proposed and proposed.bundle else None,
    }
    values |= _data_values(outcome.data, outcome.audit)
    values |= _diagnosis_values(outcome)
    values |= _capability_values(outcome)
    write_text(path, render("fit.html", values))


def write_run_report(
    runs: Sequence[RunManifest],
    comparisons: Sequence[Comparison],
    texts: Mapping[str, ExampleText],
    *,
    completions: Mapping[str, Mapping[str, str]] = NOTHING_WRITTEN,
    path: Path,
) -> None:
    """Writes the page of some finished runs: the same without a verdict, since none was asked of the sealed test.

    Args:
        runs: their manifests, at least one, in the order of the page.
        comparisons: between them, on validation.
        texts: by row id; of rows that runs were compared on, never of test rows.
        completions: what was written for these rows where answers are free text, by run and row id.
        path: the HTML file.

    Raises:
        StorageError: the folder cannot be written.
    """
    entries = entries_of_runs(runs)
    judged = [entry for entry in entries if entry.chosen.evaluation is not None]
    best = max(judged, key=_accuracy, default=None)
    values = _ladder_values(entries, comparisons, goals=(), noun=ASKED[runs[0].cell.kind])
    values |= _mistake_values(entries, best, texts, comparisons=comparisons, completions=completions)
    values |= _aging_values(None)
    values |= {"sentence": runs_sentence(runs)}
    write_text(path, render("runs.html", values))


def write_audit_report(
    task: str, data: DataSummary, audit: Audit, leads: Leads, *, commands: Sequence[str], path: Path
) -> None:
    """Writes the page of an audit.

    Args:
        task: the task's name.
        data: the rows at a glance.
        audit: what was found.
        leads: training rows and pairs of labels that a person may look at.
        commands: what to type next, in order.
        path: the HTML file.

    Raises:
        StorageError: the folder cannot be written.
    """
    values: dict[str, object] = {
        "task": task,
        "noun": ASKED["classify"],
        "sentence": audit_sentence(data, audit),
        "leads": leads,
        "commands": commands,
        "stopped": any(one.severity == "stop" and one.code not in audit.allowed for one in audit.findings),
        "cut": TextBudget().cut,
    }
    write_text(path, render("audit.html", values | _data_values(data, audit)))


def write_completion_audit(
    task: str, data: AskedSummary, audit: Audit, *, knowledge: KnowledgeRead | None = None, path: Path
) -> None:
    """Writes the page of an audit of answers or calls.

    Args:
        task: the task's name.
        data: the rows at a glance.
        audit: what was found.
        knowledge: what was read of the task's documents; None where it has none.
        path: the HTML file.

    Raises:
        StorageError: the folder cannot be written.
    """
    asked = asked_sentence(data)
    values: dict[str, object] = {
        "task": task,
        "sentence": found_sentence(asked, audit),
        "asked": asked,
        "data": data,
        "audit": audit,
        "told": told(audit.findings),
        "knowledge": knowledge,
    }
    write_text(path, render("completion_audit.html", values))


def _diagnosis_values(outcome: FitOutcome) -> dict[str, object]:
    found, proposed = outcome.diagnosis, outcome.proposal.rung
    target = None if found.gap is None else found.gap.target
    no_model = looks_up(proposed, kind=outcome.kind)
    drawn = {
        form: (
            data_chart(found, proposed=proposed, target=target, wide=form == "wide"),
            None if found.gap is None else gap_chart(found.gap, found.plans, wide=form == "wide"),
        )
        for form in ("wide", "narrow")
    }
    return {
        "metric_words": metric_words(found),
        "data_charts": {form: charts[0] for form, charts in drawn.items() if charts[0]},
        "gap_charts": {form: charts[1] for form, charts in drawn.items() if charts[1]},
        "cause_words": CAUSE_WORDS,
        "no_model": no_model,
        "symptoms": () if no_model else symptoms_shown(outcome.symptoms),
        "untaught": {rung.rung for rung in outcome.rungs if not rung.shipped.cost.n_train},
        "rounds": outcome.rounds,
        "rounds_sentence": None if outcome.rounds is None else rounds_sentence(outcome.rounds),
        "break_even_sentences": break_even_sentences(outcome.break_even, outcome.capability),
        "leading": leading(outcome.break_even, outcome.capability),
    }


def _settings(outcome: FitOutcome) -> tuple[str, ...]:
    """What carries out the plan that the verdict begins; nothing where the verdict is another one."""
    plan = next(iter(outcome.diagnosis.plans), None)
    is_begun = plan is not None and plan.first is not None and CODE_OF_STEP[plan.first.code] == outcome.verdict.code
    return settings_of(plan) if plan is not None and is_begun else ()


def _capability_values(outcome: FitOutcome) -> dict[str, object]:
    table, gap = outcome.capability, outcome.diagnosis.gap
    numbers = {rung.rung: number for number, rung in enumerate(outcome.rungs, start=1)}
    shown = {one.rung for one in in_reach(table)}
    target = gap.target if gap is not None and gap.metric == "accuracy" else None
    bracket, proposed = outcome.diagnosis.label_ceiling, outcome.proposal.rung
    ceiling = None if bracket is None else bracket.high
    return {
        "numbers": numbers,
        "size_chart": size_chart(table, numbers, proposed=proposed, target=target, ceiling=ceiling),
        "price_chart": price_chart(table, numbers, proposed=proposed, target=target, ceiling=ceiling),
        "out_of_reach": [one.rung for one in table.rungs if one.rung not in shown],
        "elsewhere": [one.rung for one in table.rungs if one.size_bytes is None],
        "against": against_words(table),
    }


def _data_values(data: DataSummary, audit: Audit) -> dict[str, object]:
    learned = audit.learnability
    return {
        "data": data,
        "audit": audit,
        "told": told(audit.findings),
        "learnable": None if learned is None else learnability_sentence(learned),
        "curve_chart": None if learned is None else learning_chart(learned.curve),
    }


def _accuracy(entry: Entry) -> float:
    assert entry.chosen.evaluation is not None
    return entry.chosen.evaluation.accuracy.accuracy


def _ladder_values(
    entries: Sequence[Entry], comparisons: Sequence[Comparison], *, goals: Sequence[Goal], noun: str
) -> dict[str, object]:
    """The table, the two charts, and the comparisons in words."""
    names = _run_names(entries)
    values: dict[str, object] = {
        "noun": noun,
        "entries": entries,
        "tested": any(entry.test is not None for entry in entries),
        "figures": None,
        "receipt": receipt_of(entries),
        "comparisons": [comparison_sentence(comparison, names=names, noun=noun) for comparison in comparisons],
    }
    shown = shown_on_one_split(entries)
    if not shown:
        return values
    metric, target = _drawn_target(goals)
    figures = figures_of(shown, metric=metric, target=target)
    charts = {"ladder_chart": ladder_chart(figures), "cost_chart": cost_chart(figures)}
    return values | {"figures": figures} | charts


def _run_names(entries: Sequence[Entry]) -> dict[str, str]:
    """What a page calls each run that was compared."""
    return {entry.chosen.name: entry.name for entry in entries}


def _drawn_target(goals: Sequence[Goal]) -> tuple[Metric, float | None]:
    """The goal that charts can draw a line for."""
    for goal in goals:
        if goal.what == "macro_f1":
            return "macro_f1", goal.target
        if goal.what == "accuracy":
            return "accuracy", goal.target
    return "accuracy", None


def _aging_values(time: TimeOutcome | None) -> dict[str, object]:
    keeping = None if time is None else time.keeping_up
    return {
        "aging": None if time is None else aging_sentence(time.aging),
        "keeping_up": None if keeping is None else keeping_up_sentence(keeping),
    }


def _time_layers(*layers: tuple[str, Evaluation | None]) -> list[tuple[str, TimeLayer, str]]:
    """Accuracy over the months of each set of rows that has times, with its name and its sentence."""
    found = ((what, None if one is None else one.time) for what, one in layers)
    return [(what, layer, time_sentence(layer)) for what, layer in found if layer is not None and layer.months]


def _mistake_values(
    entries: Sequence[Entry],
    entry: Entry | None,
    texts: Mapping[str, ExampleText],
    *,
    comparisons: Sequence[Comparison],
    completions: Mapping[str, Mapping[str, str]],
) -> dict[str, object]:
    """Where one entry errs on the rows that rungs were compared on."""
    judged: Evaluation | None = entry.chosen.evaluation if entry is not None else None
    written = {} if entry is None else completions.get(entry.chosen.name, {})
    free = answers_of(entries, entry, texts, completions=written)
    if free is not None or entry is None or judged is None:
        return {"erring": None, "free": free}
    weakest = sorted(judged.per_label, key=lambda score: (score.f1 is None, score.f1 or 0.0, score.label))
    return {
        "erring": entry,
        "free": None,
        "judged": judged,
        "sliced": slice_table(judged, entry.test, comparisons, names=_run_names(entries)),
        "time_layers": _time_layers((_rows_in_words(judged), judged), ("Sealed test", entry.test)),
        "mistakes": mistakes_of(judged, texts),
        "weakest": weakest,
        "matrix": matrix_of(judged),
        "reliability_chart": None
        if isinstance(judged.probability, NotMeasured)
        else reliability_chart(judged.probability.reliability),
    }


def _rows_in_words(judged: Evaluation) -> str:
    return "Train and validation, out of fold" if judged.split == "out_of_fold" else "Validation"

"""The rungs or runs of a page, in the one shape that table, charts and receipt are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import Evaluation
from suffice.records.run import RunManifest
from suffice.records.task import Kind
from suffice.records.verdict import FitOutcome
from suffice.rungs.ladder import PROMPTED

_WHAT_IT_IS = {
    "majority": "always answers the commonest label",
    "tfidf": "word counts and logistic regression",
    "embed": "frozen sentence embeddings, logistic regression",
    "encoder": "small text encoder, wholly fine-tuned",
}
_WHAT_ANSWERS: Mapping[Kind, Mapping[str, str]] = {
    "answer": {
        "majority": "always gives the commonest answer",
        "embed": "gives the answer of the training question most alike",
    },
    "tools": {
        "majority": "makes the commonest calls of the tools offered",
        "embed": "makes the calls of the training request most alike",
    },
}
_PROMPTED = "language model as it is, told what to do"
_TUNED = "language model tuned with LoRA"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the ladder."""

    number: int
    """From 1, in the order of the page: what the charts call it."""
    name: str
    """The rung in a fit's page, the run in a page of runs."""
    what: str
    """What the rung is, in about five words."""
    chosen: RunManifest
    """The run that was judged on the rows that compare rungs."""
    shipped: RunManifest
    """The run in the bundle: the same one, or its refit."""
    test: Evaluation | None
    """On the sealed test; None while it is sealed."""
    bundle: str | None
    """Folder of the bundle; None in a page of runs."""
    alternatives: tuple[RunManifest, ...]
    """Other runs of the rung that were compared on validation."""
    proposed: bool
    """Whether validation proposed it, so that its test figures prove something."""
    test_answers: CompletionEvaluation | None = None
    """The layers behind `test` where answers are free text; None where they are labels."""
    incomplete: str | None = None
    """What its endpoint did not answer of the opened test; None where nothing is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An entry with the evaluation that charts draw."""

    entry: Entry
    evaluation: Evaluation


def entries_of_fit(outcome: FitOutcome) -> tuple[Entry, ...]:
    """The rungs of a fit, in order of cost.

    Args:
        outcome: the finished fit.
    """
    return tuple(
        Entry(
            number=number,
            name=rung.rung,
            what=what_it_is(rung.chosen),
            chosen=rung.chosen,
            shipped=rung.shipped,
            test=rung.test,
            test_answers=rung.test_answers,
            bundle=rung.bundle,
            alternatives=rung.alternatives,
            proposed=rung.rung == outcome.proposal.rung,
            incomplete=rung.incomplete,
        )
        for number, rung in enumerate(outcome.rungs, start=1)
    )


def entries_of_runs(runs: Sequence[RunManifest]) -> tuple[Entry, ...]:
    """Runs as they were given.

    Args:
        runs: their manifests.
    """
    return tuple(
        Entry(
            number=number,
            name=run.name,
            what=what_it_is(run),
            chosen=run,
            shipped=run,
            test=None,
            bundle=None,
            alternatives=(),
            proposed=False,
        )
        for number, run in enumerate(runs, start=1)
    )


def shown_on_one_split(entries: Sequence[Entry]) -> tuple[Shown, ...]:
    """Each entry with its evaluation: on the test where it was read, else on the rows that compare rungs.

    Args:
        entries: of one page.
    """
    tested = any(entry.test is not None for entry in entries)
    pairs = ((entry, entry.test if tested else entry.chosen.evaluation) for entry in entries)
    return tuple(Shown(entry=entry, evaluation=found) for entry, found in pairs if found is not None)


def what_it_is(run: RunManifest) -> str:
    """A rung in about five words.

    Args:
        run: one of its runs.
    """
    if run.hosted is not None:
        return f"{run.hosted.model}, prompted at {run.hosted.host}"
    if run.cell.kind != "classify":
        looked_up = _WHAT_ANSWERS[run.cell.kind]
        return looked_up.get(run.cell.rung, _PROMPTED if run.cell.rung.endswith(PROMPTED) else _TUNED)
    words = _WHAT_IT_IS.get(run.cell.rung, _TUNED)
    return f"{words}, trained label head" if run.cell.label_output == "head" else words

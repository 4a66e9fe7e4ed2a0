"""`suffice review`: a queue of rows, one after the other, and decisions that are on disk before the next is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.errors import DataError, Problem
from suffice.pipeline.evidence import gathered
from suffice.pipeline.prepare import ReadRows, read_rows
from suffice.pipeline.workspace import Workspace
from suffice.records.decision import Action, Decision, Shown, Stratum
from suffice.records.evidence import NoEvidence, Suspicion
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.splits import SPLIT_NAMES
from suffice.records.task import Task
from suffice.review.count import count_wrong
from suffice.review.queue import Queue, Queued, fix_first_queue, stratified_queue
from suffice.review.read import Line, Recorded, read_decisions
from suffice.review.settle import Places, settle, text_sha256
from suffice.stats.stratified import CountEstimate
from suffice.store import strict_json
from suffice.store.files import storage_errors
from suffice.store.lines import append_line
from suffice.store.openings import spend_test
from suffice.store.strict_json import digest

DECISIONS = "decisions.jsonl"
"""The decisions file beside a task file, unless another one is named."""
N_NEIGHBOURS = 3
TRAIN: tuple[Stratum, ...] = ("top", "top_5", "next_5", "rest")
COUNTED: Mapping[str, tuple[Stratum, ...]] = {"train": TRAIN, "validation": ("validation",), "test": ("test",)}
"""Strata by the split that an estimate speaks of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewOptions:
    """What the command line says of a review."""

    who: str
    """Name of the person."""
    decisions: Path
    """Where decisions are appended."""
    limit: int
    """Rows of the queue."""
    fix_first: bool
    """The order that repairs most, without an estimate."""
    also_test: bool
    """Test rows too, which spends the test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """A row that says nearly the same."""

    text: str
    label: str
    similarity: float
    """Cosine similarity, at most 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One row as a person sees it; of a blind row it holds nothing that models say."""

    queued: Queued
    number: int
    """Place in the queue, from 1."""
    total: int
    """Rows of the queue."""
    n_ranked: int
    """Training rows, which ranks are places among."""
    split: str
    """Where the row stands."""
    text: str
    label: str
    """The given label."""
    suggested: str | None
    """The label that models would give; None where the row is blind."""
    margin: float | None
    """Its probability less that of the given one; None where the row is blind."""
    neighbours: tuple[Neighbour, ...]
    """The nearest first, at most three."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewSummary:
    """What a review came to."""

    who: str
    decisions: Path
    """Where they are."""
    n_decided: int
    """Rows of the queue that this person has decided about."""
    total: int
    """Rows of the queue."""
    actions: dict[str, int]
    """Those rows by action."""
    estimates: dict[str, CountEstimate]
    """Split to how many of its labels are wrong; nothing of a split that too few rows were looked at of."""
    n_counted: int
    """Rows from the beginning of the queue without a gap that somebody decided about: what the estimates stand on."""


def begin_review(task: Task, options: ReviewOptions, *, folder: Path, out: Path, progress: Progress) -> Review:
    """Reads the rows and the decisions that there are, and lines up what is to be looked at.

    Args:
        task: the task.
        options: what the command line says.
        folder: the task file's folder, which its paths are relative to.
        out: where data versions lie.
        progress: told of every step.

    Raises:
        SufficeError: whatever the person can fix.
    """
    workspace = Workspace(out=out)
    with workspace.held():
        read = read_rows(task, workspace, folder=folder, progress=progress)
        suspicion = _suspicion(task, workspace, read, progress=progress)
    return Review(read, suspicion, options, key=_key(task, read))


def wrong_in_train(task: Task, read: ReadRows, suspicion: Suspicion, decisions: Path) -> CountEstimate | None:
    """How many training labels are wrong, by what people decided; None where they looked at too few rows.

    Args:
        task: the task.
        read: the rows.
        suspicion: what models say of them.
        decisions: the decisions file; none where it is not there.
    """
    if not decisions.exists():
        return None
    options = ReviewOptions(who="", decisions=decisions, limit=1, fix_first=False, also_test=False)
    return Review(read, suspicion, options, key=_key(task, read)).summary().estimates.get("train")


def _key(task: Task, read: ReadRows) -> str:
    return digest([str(task.split.seed), read.version.sha256])


def _suspicion(task: Task, workspace: Workspace, read: ReadRows, *, progress: Progress) -> Suspicion:
    """What models say of the rows.

    Raises:
        DataError: there is nothing to ask models about.
    """
    rows, labels = read.placed, read.labels
    found = gathered(task, workspace, rows.data, splits=rows.splits, labels=labels, progress=progress)
    if isinstance(found, NoEvidence):
        rule, fix = (
            "a review begins with what models say of the rows",
            "label more rows, or look through the file itself",
        )
        raise DataError(Problem(where=read.version.name, rule=rule, got=found.why, fix=fix))
    return found.suspicion


def read_decisions_file(path: Path, labels: LabelSet) -> Recorded:
    """Reads the decisions that there are; none where there is no file.

    Args:
        path: the file.
        labels: the labels that a row may be given.

    Raises:
        StorageError: there is something else under that name.
    """
    with storage_errors(path, option="--decisions"):
        text = path.read_bytes().decode("utf-8", errors="replace") if path.exists() else ""
    return read_decisions(text, name=path.name, labels=labels)


class Review:
    """One person's way through the queue."""

    def __init__(self, read: ReadRows, suspicion: Suspicion, options: ReviewOptions, *, key: str) -> None:
        """
        Args:
            read: the rows.
            suspicion: what models say of them.
            options: what the command line says.
            key: decides the draws of the queue, in hexadecimal.
        """
        self.labels = read.labels
        self._read, self._suspicion, self._options, self._seed = read, suspicion, options, int(key[:16], 16)
        self._data = read.placed.data
        self._given, self._texts = self._data.labels, self._data.texts
        self._at = {row: i for i, row in enumerate(suspicion.rows.tolist())}
        recorded = read_decisions_file(options.decisions, read.labels)
        self.problems: tuple[Problem, ...] = recorded.problems
        """Lines of the decisions file that are no decision."""
        self._lines = list(recorded.lines)
        self._places = Places(self._data)
        self._settled = settle(self._lines, self._places)
        in_train = read.placed.splits.codes[suspicion.rows] == SPLIT_NAMES.index("train")
        self._ranked = suspicion.rows[in_train][np.argsort(-suspicion.score[in_train], kind="stable")]
        self._queue = self._queued(options.limit)

    def card(self) -> Card | None:
        """The first row of the queue that this person has not decided about; None when there is none left.

        Raises:
            StorageError: it is a test row, and the ledger cannot be written: it is not shown.
        """
        for number, item in enumerate(self._queue.items, start=1):
            if self._options.who not in self._settled.by.get(item.row, {}):
                return self._shown(item, number)
        return None

    def decide(self, card: Card, action: Action, became: str | None = None) -> None:
        """Writes a decision; it is on disk when this returns.

        Args:
            card: the row, as it was shown.
            action: anything but `undo`.
            became: the label given, for `relabel`; the one that it has makes it `keep`.

        Raises:
            StorageError: the file cannot be written.
        """
        if became == card.label:
            action, became = "keep", None
        item = card.queued
        (example,) = self._data.take([item.row])
        shown = Shown(
            why=item.why,
            stratum=item.stratum,
            inclusion_probability=item.inclusion_probability,
            rank=item.rank,
            suggested=card.suggested,
            blind=item.blind,
        )
        self._append(
            Decision(
                who=self._options.who,
                when=_now(),
                source=example.source,
                row=example.row,
                text_sha256=text_sha256(example.text),
                id=example.id,
                was=example.label,
                action=action,
                became=became,
                shown=shown,
            )
        )

    def undo(self) -> Decision | None:
        """Takes back the last decision of this person that stands, whenever it was taken; None where there is none.

        Raises:
            StorageError: the file cannot be written.
        """
        who = self._options.who
        standing = {said[who] for said in self._settled.by.values() if who in said}
        last = next((line.decision for line in reversed(self._lines) if line in standing), None)
        if last is not None:
            fields = {name: getattr(last, name) for name in Decision.__slots__}
            self._append(Decision(**fields | {"when": _now(), "action": "undo", "became": None}))
        return last

    def summary(self) -> ReviewSummary:
        """What has been decided, and what it says of all rows."""
        who, by = self._options.who, self._settled.by
        mine = [by[item.row][who].decision.action for item in self._queue.items if who in by.get(item.row, {})]
        n_counted, estimates = (0, {}) if self._options.fix_first else self._counted()
        return ReviewSummary(
            who=who,
            decisions=self._options.decisions,
            n_decided=len(mine),
            total=len(self._queue.items),
            actions=dict(Counter(mine).most_common()),
            estimates=estimates,
            n_counted=n_counted,
        )

    def _queued(self, limit: int) -> Queue:
        if self._options.fix_first:
            return fix_first_queue(self._ranked, limit=limit)
        splits = self._read.placed.splits
        held_out: dict[Stratum, NDArray[np.int64]] = {"validation": splits.rows("validation")}
        if self._options.also_test:
            held_out["test"] = splits.rows("test")
        return stratified_queue(self._ranked, held_out, limit=limit, seed=self._seed)

    def _counted(self) -> tuple[int, dict[str, CountEstimate]]:
        """Estimates from the longest beginning of the queue that has been looked at whole, by whomever."""
        items = self._queued(max(self._options.limit, len(self._lines))).items
        reached = next((i for i, item in enumerate(items) if item.row not in self._settled.by), len(items))
        queue = self._queued(reached)
        outcomes = {
            item.row: self._settled.outcomes[item.row] for item in queue.items if item.row in self._settled.outcomes
        }
        found = {
            split: count_wrong(queue.strata, outcomes, names=names, labels=self._given, seed=self._seed)
            for split, names in COUNTED.items()
        }
        return reached, {split: estimate for split, estimate in found.items() if estimate is not None}

    def _shown(self, item: Queued, number: int) -> Card:
        if item.stratum == "test":
            spend_test(self._read.placed.splits.test_sha256)
        i = None if item.blind else self._at[item.row]
        split = SPLIT_NAMES[self._read.placed.splits.codes[item.row]]
        return Card(
            queued=item,
            number=number,
            total=len(self._queue.items),
            n_ranked=len(self._ranked),
            split=split,
            text=self._texts[item.row],
            label=self._given[item.row],
            suggested=None if i is None else self.labels.names[self._suspicion.suggested[i]],
            margin=None if i is None else float(self._suspicion.margin[i]),
            neighbours=() if i is None else self._neighbours(i),
        )

    def _neighbours(self, i: int) -> tuple[Neighbour, ...]:
        """The nearest training rows: a held-out row is seen by itself, or not at all."""
        train = SPLIT_NAMES.index("train")
        near = zip(self._suspicion.neighbours[i].tolist(), self._suspicion.similarities[i].tolist(), strict=True)
        found = [(row, alike) for row, alike in near if row >= 0 and self._read.placed.splits.codes[row] == train]
        return tuple(
            Neighbour(text=self._texts[row], label=self._given[row], similarity=alike)
            for row, alike in found[:N_NEIGHBOURS]
        )

    def _append(self, decision: Decision) -> None:
        path = self._options.decisions
        with storage_errors(path, option="--decisions"):
            append_line(path, strict_json.dumps(decision, indent=None))
        self._lines.append(Line(path.name, decision))
        self._settled = settle(self._lines, self._places)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

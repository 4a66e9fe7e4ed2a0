"""`suffice review`: a queue of rows, one after the other, and decisions that are on disk before the next is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from suffice.errors import DataError, Problem, TaskError, quoted
from suffice.pipeline.labels.decided import as_read, asked_of, read_decisions_file, review_order
from suffice.pipeline.labels.evidence import bring_encoder
from suffice.pipeline.rows.prepare import ReadRows, read_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.dataset import Dataset
from suffice.records.decision import Action, Decision, Shown
from suffice.records.evidence import NoEvidence, Suspicion
from suffice.records.progress import Progress
from suffice.records.splits import SPLIT_NAMES, Splits
from suffice.records.task import Task
from suffice.review.card import Card, Cards
from suffice.review.count import Counted, count_reviewed, n_put_right
from suffice.review.queue import Order, Queue, Queued, asked_queue, fix_first_queue
from suffice.review.read import Line
from suffice.review.settle import Places, settle, text_sha256
from suffice.stats.stratified import CountEstimate
from suffice.store import strict_json
from suffice.store.files import storage_errors
from suffice.store.lines import append_line, require_appendable
from suffice.store.openings import spend_test


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
    validation: bool = False
    """Validation rows alone, so that the label ceiling is known soonest."""
    rows: tuple[str, ...] = ()
    """Ids of the rows to look at, decided about or not, instead of a queue; none for the queue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewSummary:
    """What a review came to."""

    who: str
    """Name of the person."""
    decisions: Path
    """Where they are."""
    n_decided: int
    """Rows of the queue that this person has decided about."""
    total: int
    """Rows of the queue."""
    actions: dict[str, int]
    """Those rows by action."""
    estimates: dict[str, CountEstimate]
    """Split to how many of its labels are wrong in the data as read; nothing of a split that too few rows were looked
    at of."""
    n_unsettled: int
    """Rows that people disagree about, or that have another label since: in no estimate."""
    n_counted: int
    """Rows from the beginning of the queue without a gap that somebody decided about: what the estimates stand on."""
    cleaned: str | None
    """Name of the version that was made of the data as read and is at hand; None where none is."""
    put_right: dict[str, int]
    """Split to how many of the wrong labels found are right in that version, or gone; empty where there is none."""


def begin_review(task: Task, options: ReviewOptions, *, folder: Path, out: Path, progress: Progress) -> Review:
    """Reads the rows and the decisions that there are, and lines up what is to be looked at: rows as they were read.

    Args:
        task: the task.
        options: what the command line says.
        folder: the task file's folder, which its paths are relative to.
        out: where data versions lie.
        progress: told of every step.

    Raises:
        SufficeError: whatever the person can fix.
    """
    require_appendable(options.decisions, option="--decisions")
    if options.also_test:
        progress.say("the first test row that is shown spends the test (--also-test): it proves nothing afterwards")
    workspace = Workspace(out=out)
    with workspace.held():
        read = read_rows(task, workspace, folder=folder, progress=progress)
        raw = as_read(task, read, workspace, progress=progress)
        bring_encoder(task, progress=progress)
        found = asked_of(task, raw, workspace, progress=progress)
    if isinstance(found, NoEvidence):
        rule, fix = "a review begins with what models say of the rows", "label more rows, or look through the file"
        raise DataError(Problem(where=raw.version.name, rule=rule, got=found.why, fix=f"{fix} itself"))
    order = review_order(task, raw, found, also_test=options.also_test)
    return Review(raw, found.suspicion, order, options, cleaned=None if raw is read else read.placed.data)


class Review:
    """One person's way through the queue."""

    def __init__(
        self,
        raw: ReadRows,
        suspicion: Suspicion,
        order: Order,
        options: ReviewOptions,
        *,
        cleaned: Dataset | None = None,
    ) -> None:
        """
        Args:
            raw: the rows as read.
            suspicion: what models say of them.
            order: in which they are looked at.
            options: what the command line says.
            cleaned: rows of the version that was made of them and is at hand; None where none is.
        """
        self.labels = raw.labels
        self._data, self._test_sha256, self._cleaned = raw.placed.data, raw.placed.splits.test_sha256, cleaned
        self._options, self._order, self._codes = options, order, raw.placed.splits.codes
        self._cards = Cards(self._data, raw.placed.splits, suspicion, raw.labels)
        recorded = read_decisions_file(options.decisions, raw.labels)
        self._unread, self._lines = recorded.problems, list(recorded.lines)
        self._places = Places(self._data)
        self._settled = settle(self._lines, self._places)
        asked = _rows_named(options, self._data, raw.placed.splits)
        self._again = set(asked)
        if asked:
            self._queue = asked_queue(asked, order.ranked)
        elif options.fix_first:
            self._queue = fix_first_queue(order.ranked, limit=options.limit)
        else:
            self._queue = self._beginning(options.limit)

    @property
    def _beginning(self) -> Callable[[int], Queue]:
        return self._order.validation_alone if self._options.validation else self._order.beginning

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Lines of the decisions file that do not apply, and why: rows that people disagree about among them."""
        return (*self._unread, *self._settled.problems)

    def card(self) -> Card | None:
        """The first row of the queue that this person has yet to decide about; None when there is none left.

        Raises:
            StorageError: it is a test row, and the ledger cannot be written: it is not shown.
        """
        for number, item in enumerate(self._queue.items, start=1):
            if item.row in self._again or self._options.who not in self._settled.by.get(item.row, {}):
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
        self._again.discard(item.row)
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
        counted = Counted(n_reached=0, estimates={}, wrong={})
        if not self._options.fix_first:
            counted = count_reviewed(self._order, self._settled, self._places.labels, beginning=self._beginning)
        made = self._cleaned
        return ReviewSummary(
            who=who,
            decisions=self._options.decisions,
            n_decided=len(mine),
            total=len(self._queue.items),
            actions=dict(Counter(mine).most_common()),
            estimates=counted.estimates,
            n_unsettled=len(by.keys() - self._settled.outcomes.keys()),
            n_counted=counted.n_reached,
            cleaned=None if made is None else made.name,
            put_right={}
            if made is None
            else {split: n_put_right(rows, self._settled, self._data, made) for split, rows in counted.wrong.items()},
        )

    def _shown(self, item: Queued, number: int) -> Card:
        if self._codes[item.row] == SPLIT_NAMES.index("test"):
            spend_test(self._test_sha256)
        return self._cards.card(item, number=number, total=len(self._queue.items), n_ranked=len(self._order.ranked))

    def _append(self, decision: Decision) -> None:
        path = self._options.decisions
        with storage_errors(path, option="--decisions"):
            append_line(path, strict_json.dumps(decision, indent=None))
            number = path.read_bytes().count(b"\n")
        self._lines.append(Line(f"{path.name}:{number}", decision))
        self._settled = settle(self._lines, self._places)


def _rows_named(options: ReviewOptions, data: Dataset, splits: Splits) -> list[int]:
    """Positions of the rows that the person named, where they may be shown."""
    position = {row_id: row for row, row_id in enumerate(data.ids)}
    shown = ("train", "validation", *(["test"] if options.also_test else []))
    problems = []
    for row_id in options.rows:
        split = SPLIT_NAMES[splits.codes[position[row_id]]] if row_id in position else None
        if split is None:
            fix = "ids stand in `suffice audit --json` and in the file of `--ranking`"
            problems.append(Problem(where="--row", rule="names a row by its id", got=quoted(row_id), fix=fix))
        elif split not in shown:
            rule, got = "names a row that may be shown", f"{quoted(row_id)}, a {split} row"
            fix = "--also-test shows test rows, and spends the test" if split == "test" else "correct it in the source"
            problems.append(Problem(where="--row", rule=rule, got=got, fix=fix))
    if problems:
        raise TaskError(problems)
    return [position[row_id] for row_id in options.rows]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

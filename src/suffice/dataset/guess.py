"""What `suffice init FILE` proposes: a task for a file, with a sentence for everything that was guessed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from suffice.dataset.columns import Columns, listed
from suffice.dataset.repeats import SeenIds
from suffice.dataset.source import Source, open_source
from suffice.errors import quoted
from suffice.records.progress import SILENT, Progress
from suffice.records.task import DataSpec, TargetSpec
from suffice.text.counted import counted

DEFAULT_TARGET = 0.95
"""Accuracy to reach when the person says nothing."""
SHOWN_LABELS = 12
FEW_ROWS = 10
"""Rows below which `audit` calls a label rare."""
ID_NAMES = ("id", "uuid", "guid", "row_id", "message_id", "example_id")
"""Names of a column that may hold the rows' own ids, if it is unique."""
OUTSIDE_NAMES = ("oos", "out_of_scope", "out_of_domain")
"""Names of a label that means none of the others, whatever its case and with spaces or hyphens for underscores."""
UNREAD_HINTS = {
    "group": ("customer", "customer_id", "user", "user_id", "thread", "thread_id", "conversation_id", "session_id"),
    "time": ("time", "date", "timestamp", "datetime", "created_at", "created", "received_at", "sent_at"),
}
"""Names of columns that only a person can say are a group or a time, and are pointed out."""
HINT_GAINS = {
    "group": "keeps all rows of one customer or thread in one split",
    "time": "makes the test split the latest part",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """A task for a file, and why."""

    name: str
    """A task name made from the file's."""
    data: DataSpec
    """The columns by name; nothing is named in fine-tuning files, which are recognised."""
    labels: tuple[tuple[str, int], ...]
    """Every label with the rows it has, sorted by name; that of messages out of scope is none."""
    n_rows: int
    """Rows in the file."""
    n_test: int | None
    """Rows that the file itself puts into the test split; None where it names none."""
    target: TargetSpec
    """What is good enough."""
    because: tuple[str, ...]
    """What was guessed and why, in sentences."""


def guess_task(
    path: Path, *, given: Mapping[str, object] | None = None, at_least: float | None = None, progress: Progress = SILENT
) -> Guess:
    """Reads the whole file, so that a task is proposed only for rows that can be read.

    A column named like an id is proposed as `data.id` when every row has another value in it. This is done here, where
    it is written down before a person's eyes, and not on every reading: a row added later would silently change the
    ids of all.

    Args:
        path: a file, relative to the working folder, or a hub data set id.
        given: keys of the task's `data` section that the person has named; the others are guessed.
        at_least: accuracy to reach; 0.95 when None.
        progress: told of long steps.

    Raises:
        DataError: everything that keeps the file from being read.
    """
    named = DataSpec.model_validate({"path": str(path), **(given or {})})
    source = open_source(named, folder=Path.cwd(), progress=progress)
    counts: Counter[str] = Counter()
    n_test = 0
    for batch in source.batches():
        counts.update(batch.column("label").to_pylist())
        n_test += batch.column("split").to_pylist().count("test")
    id_, id_sentences = _id(source)
    outside = _outside(counts, named)
    aside = {} if outside is None else {"out_of_scope": outside}
    about = () if outside is None else (f"out of scope: label {outside!r} (by its name), which no rung learns",)
    target = TargetSpec(at_least=DEFAULT_TARGET if at_least is None else at_least)
    why = "nothing else was said" if at_least is None else "given"
    return Guess(
        name=task_name(path),
        data=_data(named, columns=source.columns, id_=id_).model_copy(update=aside),
        labels=tuple(sorted((label, n) for label, n in counts.items() if label != outside)),
        n_rows=counts.total(),
        n_test=n_test or None,
        target=target,
        because=(
            *source.columns.sentences(),
            *id_sentences,
            *_hints(source.columns),
            *_labels(counts),
            *about,
            f"target: accuracy of at least {target.at_least} ({why})",
        ),
    )


def _outside(labels: Iterable[str], named: DataSpec) -> str | None:
    """The label of messages that are none of the others': the one that the person named, or the first so called."""
    called = (label for label in labels if re.sub(r"[\s-]+", "_", label.strip().casefold()) in OUTSIDE_NAMES)
    return named.out_of_scope or min(called, default=None)


def _data(named: DataSpec, *, columns: Columns, id_: str | None) -> DataSpec:
    """The columns that were found; that there is no split column stays said, or the next reading would find one."""
    if columns.shape != "table":
        return DataSpec(path=named.path, id=id_, split=named.split)
    text, annotators = columns.text.names, columns.annotators
    group, time, split = (
        column.names[0] if column else None for column in (columns.group, columns.time, columns.split)
    )
    return DataSpec(
        path=named.path,
        text=text[0] if len(text) == 1 else text,
        label=None if columns.by_majority else columns.label.names[0],
        annotators=annotators.names if annotators else None,
        id=id_,
        group=group,
        time=time,
        split=split or named.split,
    )


def _id(source: Source) -> tuple[str | None, tuple[str, ...]]:
    """The column of row ids, if there is one, and what to say of it."""
    unread = {name.strip().casefold(): name for name in source.columns.available if name not in source.columns.wanted}
    name = next((unread[name] for name in ID_NAMES if name in unread), None)
    if name is None:
        return None, ("id: made from file, row and text, as no column is named like one",)
    seen, whole = SeenIds(), True
    for cells in source.column(name):
        whole = whole and all(type(cell) in (str, int) and cell != "" for cell in cells)
        seen.add(list(map(str, cells)))
    if whole and not seen.repeats().n:
        return name, (f"id: column {name!r} (found by name, and every row has another value)",)
    hint = "if it names a customer or thread, data.group keeps its rows in one split"
    return None, (f"id: made from file, row and text, as column {name!r} repeats or has gaps; {hint}",)


def _labels(counts: Mapping[str, int]) -> tuple[str, ...]:
    """The labels, the commonest first, so that a misspelt one is seen; and those with hardly a row to learn from."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    head, tail = ordered[:SHOWN_LABELS], ordered[SHOWN_LABELS:]
    named = ", ".join(f"{quoted(name)} {n:,}" for name, n in head)
    rest = f", {len(tail) - 1:,} more, and the rarest, {quoted(tail[-1][0])} {tail[-1][1]:,}" if tail else ""
    n_rows = sum(counts.values())
    sentences = [f"labels: {counted(len(counts), 'different value')} of {counted(n_rows, 'row')}: {named}{rest}"]
    few = [name for name, n in ordered if n < FEW_ROWS]
    if few:
        held = "1 label has" if len(few) == 1 else f"{len(few):,} labels have"
        sentences.append(
            f"{held} fewer than {FEW_ROWS} rows: a misspelt label, or too few to learn from and to judge by; "
            "a few dozen each are the least to begin with"
        )
    return tuple(sentences)


def _hints(columns: Columns) -> tuple[str, ...]:
    """Sentences about columns that would change the splits."""
    unread = {name.strip().casefold(): name for name in columns.available if name not in columns.wanted}
    found = {role: [unread[name] for name in names if name in unread] for role, names in UNREAD_HINTS.items()}
    return tuple(
        f"{listed(names)} not read: data.{role}=COLUMN {HINT_GAINS[role]}" for role, names in found.items() if names
    )


def task_name(path: Path) -> str:
    """The file's name in the letters that a task's name may have.

    Args:
        path: of the data.
    """
    plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower() or "task"

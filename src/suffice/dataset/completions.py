"""A file of completions to records, or every line that is none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from suffice.dataset.cells import Fault, id_of, text_of
from suffice.dataset.files import locate
from suffice.dataset.problems import Problems, raise_any
from suffice.errors import DataError, Problem, nearest, quoted
from suffice.records.answers import Submission
from suffice.records.progress import Progress
from suffice.records.task import DataSpec

ID, TEXT, CALLS, REASONS = "id", "completion", "tool_calls", ("stop_reason", "finish_reason")
"""Keys of a line; others are not read."""
KEY, RUN_KEYS = "key", {"id": ID, "text": TEXT, "tool_calls": CALLS, "stop_reason": REASONS[0], "held": "held"}
"""In a run's own file a completion is an object beside the hash of what decided it: its keys, and which of ours each
is. One that is `held` was brought to the form: it counts, and what it was made of stands on lines of its own."""
MAX_COMPARED = 1_000
"""Ids among which the nearest to an unknown one is looked for."""


class Asked(Protocol):
    """A row that was to be answered, of whatever kind."""

    @property
    def id(self) -> str:
        """Unique among the rows."""
        ...

    @property
    def source(self) -> str:
        """Name of the file that it came from."""
        ...

    @property
    def row(self) -> int:
        """0-based position in the source."""
        ...

    @property
    def text(self) -> str:
        """What was asked."""
        ...

    @property
    def group(self) -> str | None:
        """Its rows are no independent ones."""
        ...

    @property
    def split(self) -> str | None:
        """The split that the data itself brought."""
        ...


Row = TypeVar("Row", bound=Asked)
NoCallIn = Callable[[Sequence[object]], int | None]
"""Position of the first of some objects that is a call in no known shape; None where all of them are calls."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """A file of completions, read."""

    name: str
    """Of the file."""
    completions: tuple[Submission, ...]
    """One a line, in order."""
    of_run: bool
    """Whether it is a run's own file: whoever wrote it asked the rows that are in it, and no others."""


def read_completions(path: Path, *, no_call_in: NoCallIn | None = None, progress: Progress) -> Submitted:
    """Reads what a system wrote, one JSON object a line: `{"id": ..., "completion": ...}`, or as a run keeps it.

    Args:
        path: the file.
        no_call_in: which of some `tool_calls` is none; None where a line has a completion and no calls.
        progress: told of long steps.

    Raises:
        DataError: the file cannot be read or is empty, and every line that is no completion.
    """
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        got = f"no such file{nearest(path.name, beside)}"
        fix = "correct the path: it is relative to where the command was started"
        raise DataError(Problem(where=str(path), rule="the completions must be there", got=got, fix=fix))
    (file,) = locate(DataSpec(path=str(path.absolute())), folder=path.parent, progress=progress)
    problems = Problems(file.name, unit=file.format.unit, row='{"id": ..., "completion": ...}')
    read, of_run = list[_Line](), False
    with progress.step(f"reading {file.name}", total=path.stat().st_size) as advance:
        for chunk in file.format.read(path, wanted=None, problems=problems, advance=advance):
            for at, place in enumerate(chunk.places):
                line = {name: values[at] for name, values in chunk.columns.items()}
                kept = _kept_by_run(line)
                of_run |= kept is not None
                said = kept or line
                try:
                    completion = _completion(said, with_calls=no_call_in is not None)
                    if no_call_in is not None and kept is None:  # a run keeps what an endpoint gave, whatever it was
                        _must_be_calls(completion.tool_calls or (), no_call_in)
                except Fault as fault:
                    problems.add(place, fault.rule, got=fault.got, fix=fault.fix)
                else:
                    held = kept is not None and said["held"] is True
                    read.append(_Line(place=place, completion=completion, of_run=kept is not None, held=held))
    counted = _that_count(read)
    _check_once(counted, problems)
    raise_any([problems])
    if not read:
        fix = 'give a file with a line {"id": ..., "completion": ...} for each row'
        raise DataError(Problem(where=file.name, rule="the file must have completions", got="no line", fix=fix))
    return Submitted(name=file.name, completions=tuple(line.completion for line in counted), of_run=of_run)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """A line that was read."""

    place: int
    """As its format counts."""
    completion: Submission
    of_run: bool
    """Whether a run wrote it."""
    held: bool
    """Whether the run brought it to the form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered(Generic[Row]):
    """Rows that were to be answered, each beside what was written for it."""

    rows: tuple[Row, ...]
    """Rows with a completion, in the order of the data."""
    completions: tuple[Submission, ...]
    """Theirs, in the same order."""
    n_missing: int
    """Rows that were to be answered and have none."""

    def only(self, ids: Collection[str]) -> Answered[Row]:
        """The same of some rows alone; the others count as missing.

        Args:
            ids: of the rows that stay.
        """
        pairs = [pair for pair in zip(self.rows, self.completions, strict=True) if pair[0].id in ids]
        return Answered(
            rows=tuple(row for row, _ in pairs),
            completions=tuple(completion for _, completion in pairs),
            n_missing=self.n_missing + len(self.rows) - len(pairs),
        )


def answered(rows: Sequence[Row], submitted: Submitted, *, allow_missing: bool) -> Answered[Row]:
    """Puts completions beside the rows that were to be answered.

    Those of a run are of the rows that it asked. Of any other system, where the data brings splits, those rows are
    meant whose split has at least one completion; otherwise all.

    Args:
        rows: all rows of the data.
        submitted: completions in any order.
        allow_missing: leave out rows without a completion instead of refusing.

    Raises:
        DataError: completions of rows that there are not, or rows without one.
    """
    ids, name = _names_of(rows), submitted.name
    _must_be_known(rows, submitted.completions, ids, name=name)
    given: dict[str, Submission] = {}
    for one in submitted.completions:
        other = given.setdefault(ids[one.id], one)
        if other is not one:
            got = f"{other.id!r} and {one.id!r} are one row"
            fix = "take one of them out"
            raise DataError(Problem(where=name, rule="a row must have one completion", got=got, fix=fix))
    splits = {row.split for row in rows if row.id in given}
    meant = [row for row in rows if (row.id in given if submitted.of_run else row.split in splits)]
    missing = [row.id for row in meant if row.id not in given]
    if missing and not allow_missing:
        got = f"none for {len(missing):,} of {len(meant):,} rows, such as {missing[0]!r}"
        fix = "add them (an empty completion where nothing was answered), or leave these rows out: --allow-missing"
        raise DataError(Problem(where=name, rule="every row must have a completion", got=got, fix=fix))
    found = tuple(row for row in meant if row.id in given)
    return Answered(
        rows=found,
        completions=tuple(replace(given[row.id], id=row.id) for row in found),
        n_missing=len(missing),
    )


def read_rejected(path: Path, *, known: Sequence[Asked]) -> frozenset[str]:
    """Reads the ids of rows whose right answer a person has rejected, one a line; empty lines say nothing.

    Args:
        path: the file.
        known: all rows of the data.

    Raises:
        DataError: the file cannot be read, or an id is that of no row.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        rule, fix = "rejected rows must be named in a text file", "give a file in UTF-8 with one id a line"
        got = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(Problem(where=str(path), rule=rule, got=got, fix=fix)) from error
    ids, fix = _names_of(known), "correct it: one id a line, as the data has it"
    given = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
    unknown = [(number, name) for number, name in given if name not in ids]
    if unknown:
        near = [row.id for row in known[:MAX_COMPARED]]
        raise DataError(
            Problem(
                where=f"{path.name}:{number}",
                rule="an id must be that of a row",
                got=f"{name!r}{nearest(name, near)}",
                fix=fix,
            )
            for number, name in unknown
        )
    return frozenset(ids[name] for _, name in given)


def _names_of(rows: Sequence[Asked]) -> dict[str, str]:
    """Every name of a row to its id: the id itself; its number from 0 where nobody gave the rows of one file ids."""
    names = {row.id: row.id for row in rows}
    made = all(row.id.startswith(f"{row.source}:{row.row}:") for row in rows)
    if made and len({row.source for row in rows}) == 1:
        names |= {str(row.row): row.id for row in rows}
    return names


def _must_be_known(
    rows: Sequence[Asked], completions: Sequence[Submission], known: Collection[str], *, name: str
) -> None:
    """Refuses ids that no row has.

    Raises:
        DataError: there are some.
    """
    unknown = [one.id for one in completions if one.id not in known]
    if unknown:
        shown = nearest(unknown[0], [row.id for row in rows[:MAX_COMPARED]])
        got = f"{len(unknown):,} that no row has, such as {unknown[0]!r}{shown}; the first row's is {rows[0].id!r}"
        fix = "correct them, or name the column that holds them: data.id"
        raise DataError(Problem(where=name, rule="every id must be that of a row", got=got, fix=fix))


def _kept_by_run(line: Mapping[str, object]) -> Mapping[str, object] | None:
    """A line of a run's own file in the keys of other files; None of a line of those."""
    kept = line.get(TEXT)
    if not isinstance(kept, Mapping) or line.get(KEY) is None:
        return None
    return {ours: kept.get(theirs) for theirs, ours in RUN_KEYS.items()}


def _completion(line: Mapping[str, object], *, with_calls: bool) -> Submission:
    """One line.

    Raises:
        Fault: id or completion is missing or of another type.
    """
    calls = line.get(CALLS) if with_calls else None
    if line.get(ID) is None:
        raise _without((ID,), line, with_calls=with_calls, fix=f"add the key {ID!r}, with the id of the row")
    if calls is None and line.get(TEXT) is None:
        beside = f"; or {CALLS!r}, a list of them" if with_calls else ""
        fix = f"add the key {TEXT!r}, a text, empty where nothing was written{beside}"
        raise _without((TEXT, CALLS) if with_calls else (TEXT,), line, with_calls=with_calls, fix=fix)
    if calls is not None and not isinstance(calls, list):
        fix = "give the list as the endpoint gives it, an empty one for no call"
        raise Fault(f"{CALLS} must be a list", got=quoted(calls), fix=fix)
    reason = next((line[key] for key in REASONS if line.get(key) is not None), None)
    if reason is not None and not isinstance(reason, str):
        raise Fault(
            "the reason to stop must be text", got=repr(reason), fix="write it as the system says it, or leave it out"
        )
    return Submission(
        id=id_of(line[ID]),
        text="" if line.get(TEXT) is None else _text(line[TEXT]),
        stop_reason=reason,
        tool_calls=None if calls is None else tuple(calls),
    )


def _without(keys: Sequence[str], line: Mapping[str, object], *, with_calls: bool, fix: str) -> Fault:
    """What is said of a line with nothing under some keys: once it is read, null is as no key where others have it."""
    near = nearest(keys[0], [name for name, value in line.items() if value is not None and name not in (ID, TEXT)])
    empty = [repr(key) for key in keys if key in line]
    rule = f"every line must have an id and a completion{f', or {CALLS}' if with_calls else ''}"
    got = f"no {keys[0]!r}{near}" if near or not empty else f"null as {' and '.join(empty)}, or no such key"
    return Fault(rule, got=got, fix=fix)


def _must_be_calls(calls: Sequence[object], no_call_in: NoCallIn) -> None:
    """Refuses what is a call in no shape that is known: the file is in a shape of its own.

    Raises:
        Fault: one of them is.
    """
    at = no_call_in(calls)
    if at is not None:
        rule = f"{CALLS} must be calls, each with the name of a tool and arguments"
        fix = 'write each as {"function": {"name": ..., "arguments": ...}}, or as {"name": ..., "arguments": ...}'
        raise Fault(rule, got=f"{quoted(calls[at])} at position {at}", fix=fix)


def _text(value: object) -> str:
    try:
        return text_of(value)
    except Fault as fault:
        raise Fault(
            f"the completion {fault.rule}", got=fault.got, fix="give it as a string, an empty one for nothing"
        ) from None


def _that_count(lines: Sequence[_Line]) -> list[_Line]:
    """Without what a completion that was brought to the form was made of."""
    held = {line.completion.id for line in lines if line.held}
    return [line for line in lines if line.held or line.completion.id not in held]


def _check_once(lines: Sequence[_Line], problems: Problems) -> None:
    """Tells of every second completion of one row."""
    places = dict[str, int]()
    for line in lines:
        first = places.setdefault(line.completion.id, line.place)
        if first != line.place:
            fix = "take one of them out"
            if line.of_run:
                fix = "an earlier version held this run to the form and did not keep what it came to: fit it again"
            got = f"{line.completion.id!r}, the id of {problems.where(first)} too"
            problems.add(line.place, "a row must have one completion", got=got, fix=fix)

"""The columns of a file by their names: as the task file gives them, or by the names that people give them."""

from __future__ import annotations

from collections.abc import Sequence

from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Column, listed
from suffice.dataset.splits import split_of
from suffice.errors import MAX_SHOWN, Problem, nearest, quoted
from suffice.records.task import DataSpec

SPLIT_NAMES = ("split", "set", "fold", "partition", "subset")
"""Names of the split's column, likeliest first."""
NO_SPLIT = "none"
"""What `data.split` says where no column is one, whatever it is called."""


def has_earlier_turns(chat: object) -> bool:
    """Whether something stands in a chat before its last question and the answer to it.

    Args:
        chat: the cell of a column of chats.
    """
    return isinstance(chat, list) and len(chat) > 2


class Search:
    """One pass over the names of a file's columns; collects problems and notes on its way."""

    def __init__(self, data: DataSpec, *, chunk: Chunk, source: str) -> None:
        """
        Args:
            data: what the task file says.
            chunk: the first rows, with all columns.
            source: the file's name, for errors.
        """
        self.problems: list[Problem] = []
        """What is wrong with the names given, or missing."""
        self.notes: list[str] = []
        """Sentences about what was seen and not used."""
        self.data = data
        self.chunk = chunk
        self.source = source
        self.by_name = {name.strip().casefold(): name for name in reversed(list(chunk.columns))}

    def named(self, role: str) -> Column | None:
        """A column that is read only if the task file names it."""
        name = getattr(self.data, role)
        return self.as_named(role, (name,)) if name is not None else None

    def by_name_or_found(self, role: str, names: Sequence[str]) -> Column | None:
        """A column that the task file names, or else the first that has one of some names; None where none has.

        Args:
            role: what the column holds, and its key in `data`.
            names: likeliest first.
        """
        if getattr(self.data, role) is not None:
            return self.named(role)
        found = self.first(names)
        return Column(names=(found,), why="found by name") if found else None

    def kept(self, names: Sequence[str]) -> Column | None:
        """Further columns, as slices name them."""
        for name in names:
            if name not in self.chunk.columns:
                got = f"no column {name!r}{nearest(name, self.chunk.columns)}; the columns are {self._there()}"
                rule, fix = "slices must be made by columns of the file", "correct `column` in slices"
                self.problem(rule, got=got, fix=fix)
        return Column(names=tuple(names), why="named in slices") if names else None

    def split(self, *, split_by_file: bool) -> Column | None:
        """The column of the split, unless files are splits or a column of another name holds something else.

        A column called `split` is one: were a value that is none overlooked, rows meant for the proof would be trained
        on. The other names are those of other things too.
        """
        given = self.data.split
        found = given if given not in (None, NO_SPLIT) else self.first(SPLIT_NAMES)
        if split_by_file:
            beside = f", and column {found!r} is not read" if found is not None else ""
            self.notes.append(f"split: each file is one{beside}")
            return None
        if given == NO_SPLIT:
            beside = f": column {found!r} is not read" if found is not None else ""
            self.notes.append(f"split: made here (data.split={NO_SPLIT}){beside}")
            return None
        if given is not None:
            return self.as_named("split", (given,))
        if found is None:
            return None
        values = self.chunk.columns[found]
        if found == self.by_name.get("split") or any(split_of(value) for value in values):
            return Column(names=(found,), why="found by name")
        held = next((value for value in values if value not in (None, "")), None)
        self.notes.append(f"column {found!r} is not read as a split: it holds {quoted(held)}")
        return None

    def first(self, names: Sequence[str]) -> str | None:
        """The first of some names, likeliest first, that a column has."""
        return next((self.by_name[name] for name in names if name in self.by_name), None)

    def found(self, role: str, names: Sequence[str], *, fix: str) -> Column | None:
        """The column that has the likeliest of some names.

        Args:
            role: what the column holds, and its key in `data`.
            names: likeliest first.
            fix: what to do where no column has any of them.
        """
        candidates = [self.by_name[name] for name in names if name in self.by_name]
        if not candidates:
            got = f"no name that says so; the columns are {self._there()}"
            self.problem(f"a column must hold the {role}", got=got, fix=fix)
            return None
        if len(candidates) > 1:
            others = listed(candidates[1:])
            why = f"{role} is read from {candidates[0]!r}; {others} could be it too: data.{role}=COLUMN takes another"
            self.notes.append(why)
        return Column(names=(candidates[0],), why="found by name")

    def as_named(self, role: str, names: Sequence[str]) -> Column | None:
        """The columns that the task file names; a wrong name is a problem."""
        rule, fix = f"data.{role} must name a column of the file", f"correct data.{role}"
        if not names:
            self.problem(rule, got="an empty list", fix=fix)
        found = [name if name in self.chunk.columns else self.by_name.get(name.strip().casefold()) for name in names]
        for name, column in zip(names, found, strict=True):
            if column is None:
                got = f"no column {name!r}{nearest(name, self.chunk.columns)}; the columns are {self._there()}"
                self.problem(rule, got=got, fix=fix)
        whole = tuple(name for name in found if name is not None)
        return Column(names=whole, why="named in the task file") if whole else None

    def _there(self) -> str:
        """The columns there are, as many as a person reads."""
        names = list(self.chunk.columns)
        more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
        return ", ".join(map(repr, names[:MAX_SHOWN])) + more

    def problem(self, rule: str, *, got: str, fix: str) -> None:
        """Keeps a problem of the file as a whole."""
        self.problems.append(Problem(where=self.source, rule=rule, got=got, fix=fix))

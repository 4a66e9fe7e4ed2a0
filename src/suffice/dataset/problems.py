"""What is wrong with the rows of one file: the first problems kept, the rest counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from suffice.errors import MAX_SHOWN, DataError, Problem

Given = TypeVar("Given")
Made = TypeVar("Made")

PlaceUnit = Literal["line", "row"]
"""What a place in a file counts: physical lines from 1, or (Parquet has no lines) rows from 0."""


class Problems:
    """Collects the problems of one file while it streams by, in memory that does not grow with them."""

    def __init__(self, name: str, *, unit: PlaceUnit = "line", row: str = '{"text": ..., "label": ...}') -> None:
        """
        Args:
            name: the file's name as shown to the person.
            unit: what the places given to `add` count.
            row: what a row of such a file looks like as JSON.
        """
        self.name = name
        self.row = row
        self.n = 0
        """Problems met so far."""
        self._unit = unit
        self._kept: list[tuple[int, Problem]] = []

    def where(self, place: int | None) -> str:
        """`messages.csv:18`, `messages.parquet: row 17`, or the file's name for the file as a whole."""
        if place is None:
            return self.name
        return f"{self.name}:{place}" if self._unit == "line" else f"{self.name}: row {place}"

    def add(self, place: int | None, rule: str, *, got: str, fix: str) -> None:
        """Keeps the problem if few were met so far, and counts it."""
        self.keep(place, Problem(where=self.where(place), rule=rule, got=got, fix=fix))

    def keep(self, place: int | None, problem: Problem) -> None:
        """The same of one that says itself where it is, within the row."""
        self.n += 1
        if len(self._kept) < MAX_SHOWN:
            self._kept.append((-1 if place is None else place, problem))

    @property
    def kept(self) -> list[Problem]:
        """The problems kept, in the order of the file: bytes are checked a block ahead of cells."""
        return [problem for _, problem in sorted(self._kept, key=lambda pair: pair[0])]


def raise_any(files: Sequence[Problems]) -> None:
    """Ends the reading when a file had problems.

    Raises:
        DataError: the problems of all files, in the order of the files, the first ones kept.
    """
    kept = [problem for file in files for problem in file.kept][:MAX_SHOWN]
    if kept:
        raise DataError(kept, n_more=sum(file.n for file in files) - len(kept))


def for_each(given: Iterable[Given], make: Callable[[Given], Made]) -> list[Made]:
    """Calls `make` on everything, so that the problems of all of it are told at once.

    Raises:
        DataError: the problems of every call that failed.
    """
    made: list[Made] = []
    problems: list[Problem] = []
    n_more = 0
    for one in given:
        try:
            made.append(make(one))
        except DataError as error:
            problems.extend(error.problems)
            n_more += error.n_more
    if problems:
        raise DataError(problems, n_more=n_more)
    return made

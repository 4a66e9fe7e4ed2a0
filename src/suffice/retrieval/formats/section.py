"""What every format gives: sections under their headings, and what of the file could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.errors import DataError, Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Text between two headings, or a page, or a row."""

    headings: tuple[str, ...]
    """Headings that it stands under, outermost first."""
    text: str
    """What it says, without the headings."""
    line: int | None = None
    """Line of the file where `text` begins, from 1."""
    page: int | None = None
    """Page of the file, from 1."""
    record: str | None = None
    """The id that the file itself gives it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """What a file says."""

    sections: tuple[Section, ...]
    """In the order of reading; they may be empty of text."""
    skipped: tuple[Problem, ...] = ()
    """Parts that could not be read."""


class Outline:
    """The headings that a reader has come under, by their levels."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, heading: str) -> None:
        """A heading ends all of its level and of those below it.

        Args:
            level: 1 for the outermost.
            heading: what it says.
        """
        self._open = [(above, said) for above, said in self._open if above < level]
        if heading:
            self._open.append((level, heading))

    @property
    def headings(self) -> tuple[str, ...]:
        """Outermost first."""
        return tuple(said for _, said in self._open)


def unreadable(where: str, rule: str, *, got: str, fix: str) -> DataError:
    """The error of a file from which nothing can be read.

    Args:
        where: the file.
        rule: what must hold.
        got: what was found.
        fix: what to do about it.
    """
    return DataError(Problem(where=where, rule=rule, got=got, fix=fix))

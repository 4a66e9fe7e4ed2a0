"""What the columns of a file mean, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Shape = Literal["table", "instruction/response pairs", "prompt/completion pairs", "OpenAI fine-tuning chats"]
"""What kind of file was recognised."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """Where one part of a row is read from."""

    names: tuple[str, ...]
    """Columns of the file; several are joined by a blank line."""
    why: str
    """`named in the task file`, or how it was found."""

    def __str__(self) -> str:
        return f"column{'s' * (len(self.names) > 1)} {listed(self.names)} ({self.why})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """What the columns of a file mean."""

    shape: Shape
    """What kind of file was recognised."""
    text: Column
    label: Column
    """Where it is the column or columns of the annotators, the label is what most of them chose."""
    annotators: Column | None
    """None where the labels of several people are not given."""
    id: Column | None
    """None: ids are made of source, row and text."""
    group: Column | None
    time: Column | None
    split: Column | None
    """None where the data brings no split by row."""
    kept: Column | None
    """Further columns, whose cells are kept with the rows for slices; None where none is."""
    available: tuple[str, ...]
    """All columns of the file."""
    notes: tuple[str, ...]
    """Sentences about what was seen and not used."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        used = (self.text, self.label, self.annotators, self.id, self.group, self.time, self.split, self.kept)
        return tuple(dict.fromkeys(name for column in used if column for name in column.names))

    @property
    def by_majority(self) -> bool:
        """Whether the label is what most annotators chose."""
        return self.annotators is not None and self.annotators.names == self.label.names

    def sentences(self) -> tuple[str, ...]:
        """What is read from where and why, for the person."""
        roles = ("text", "label", "annotators", "id", "group", "time", "split", "kept")
        columns = [(role, getattr(self, role)) for role in roles]
        said = [f"{role}: {column}" for role, column in columns if column]
        shape = "a table" if self.shape == "table" else self.shape
        return (f"the file is read as {shape}", *said, *self.notes)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: `'ann', 'bob' and 'cid'`."""
    *most, last = map(repr, names)
    return f"{', '.join(most)} and {last}" if most else last

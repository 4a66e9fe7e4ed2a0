"""How completions are written, whatever they say."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

Marker = Literal["####", "\\boxed", "A:", "answer is", "none"]
Layout = Literal["answer alone", "prose", "lines", "list"]
Written = Literal["number", "number with separators", "number with unit", "fraction", "words", "nothing"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Form:
    """The signature of one completion: two completions of one form differ in what they say and in nothing else here."""

    marker: Marker
    """What says where the answer stands."""
    written: Written
    """How the answer behind the marker is written; `nothing` where there is no marker, or nothing behind it."""
    layout: Layout
    """How what leads to the answer is laid out."""
    thinks: bool
    """Whether there are `<think>` tags."""
    annotated: bool
    """Whether there are calculator annotations, `<<2*3=6>>`."""
    latex: bool
    """Whether there are commands of LaTeX beside the box of the answer."""
    script: str
    """Script of most letters: `latin`, `cyrillic`, `cjk`; empty where there are no letters."""

    def differences(self, other: Form) -> tuple[str, ...]:
        """Names of the fields in which another form differs, in the order of this record.

        Args:
            other: another form.
        """
        return tuple(one.name for one in fields(self) if getattr(self, one.name) != getattr(other, one.name))


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """All completions of one form."""

    form: Form
    rows: tuple[int, ...]
    """Positions of the completions, ascending; at least one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Styles:
    """N completions sorted by form."""

    styles: tuple[Style, ...]
    """From the most frequent to the rarest; as frequent ones in the order of their first completion."""

    @property
    def n(self) -> int:
        """Completions."""
        return sum(len(style.rows) for style in self.styles)

    @property
    def majority(self) -> Style:
        """The most frequent, which is what the others are proposed to be brought to."""
        return self.styles[0]

    @property
    def consistency(self) -> float:
        """Share of the completions that have the most frequent form, in (0, 1]."""
        return len(self.majority.rows) / self.n

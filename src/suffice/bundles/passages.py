"""What stood before a question or request, and which of it a completion names."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.answers import context_of
from suffice.records.completion import Completion
from suffice.records.knowledge import FilledContext
from suffice.retrieval.context import cited_in, place_of

NOTHING_READ = FilledContext(text="", cited=(), left_out=(), n_used=0)
"""Of rungs that read no knowledge."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What was written for a question or request, and what stood before it."""

    completion: Completion
    """All that was written."""
    read: FilledContext
    """The passages of knowledge that it was written by; `NOTHING_READ` where there are none."""
    own: str | None = None
    """What the question brought itself, behind them; None where it brought nothing."""

    @property
    def context(self) -> str | None:
        """All that stood before the question; None where nothing did."""
        return context_of(self.read.text, self.own)


@dataclass(frozen=True, kw_only=True, slots=True)
class PassageRead:
    """A passage that stood before a question: where a person can look the answer up."""

    number: int
    """What it was called there, `[1]` the first."""
    id: str
    """Its file and the hash of what it says."""
    source: str
    """Its file, relative to the knowledge folder."""
    headings: tuple[str, ...]
    """Headings that it stands under, outermost first."""
    place: str
    """File, page and headings in one line."""
    cited: bool
    """Whether what was written names it by its number."""


def passages_read(reply: Reply, *, cites: bool = True) -> tuple[PassageRead, ...]:
    """What stood before a question or request, and which of it the completion names.

    Args:
        reply: to one of them.
        cites: whether it can name any; a list among the arguments of a call is no citation.
    """
    cited = set(cited_in(reply.completion.text, reply.read).passages) if cites else set[str]()
    return tuple(
        PassageRead(
            number=number,
            id=passage.id,
            source=passage.source,
            headings=passage.headings,
            place=place_of(passage),
            cited=passage.id in cited,
        )
        for number, passage in enumerate(reply.read.cited, start=1)
    )

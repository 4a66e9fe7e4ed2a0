"""The error tree: what a caller can fix, told as where, rule, got and fix, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

MAX_SHOWN = 20
"""How many problems one message shows; the rest are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong with what the user gave."""

    where: str
    """File and line, option, or key: `messages.csv:18`, `--rungs`, `task.yaml: target.at_least`."""
    rule: str
    """What must hold: `label must be one of the task's 11 labels`."""
    got: str
    """What was found instead, quoted and shortened; never a secret."""
    fix: str
    """What to do about it."""

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}\n  got: {self.got}\n  fix: {self.fix}"


def in_words(problems: Sequence[Problem], *, n_more: int = 0, at_most: int = MAX_SHOWN) -> str:
    """The first problems, and how many there are more; nothing where there are none.

    Args:
        problems: in the order in which they were met.
        n_more: how many further problems were counted and not kept.
        at_most: how many are shown.
    """
    shown = [str(problem) for problem in problems[:at_most]]
    hidden = len(problems) - len(shown) + n_more
    return "\n".join([*shown, *([f"... and {hidden:,} more problems like these"] if hidden else [])])


class SufficeError(Exception):
    """What the user can fix: exit code 2, no traceback."""

    def __init__(self, problems: Problem | Iterable[Problem], *, n_more: int = 0) -> None:
        """
        Args:
            problems: one problem or several, in the order in which they were met.
            n_more: how many further problems were counted and not kept.
        """
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        assert self.problems, "an error names at least one problem"
        self.n_more = n_more
        super().__init__(str(self))

    def __str__(self) -> str:
        return in_words(self.problems, n_more=self.n_more)


class DataError(SufficeError):
    """Rows or files that cannot be read."""


class TaskError(SufficeError):
    """A task file, option or `key=value` that does not hold together."""


class AuditStop(SufficeError):
    """Data that was read, but from which nothing sound can be trained until a person decides."""


class ModelError(SufficeError):
    """A base model that cannot be found, fetched or loaded."""


class BundleError(SufficeError):
    """A bundle or run folder that is missing, changed, or of another version."""


class EndpointError(SufficeError):
    """A hosted endpoint that refuses, fails, or would cost more than it may; what it answered is kept."""


class SpendingCapError(EndpointError):
    """A call that could bring spending past what the task file allows: nothing is wrong with the endpoint."""


class StorageError(SufficeError):
    """A folder that cannot be written, or a disk that is full."""


def quoted(value: object, *, limit: int = 80) -> str:
    """Shows a value in an error: quoted, on one line, cut at `limit` characters."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 4]}...{text[-1]}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The suffix ` (nearest: 'x')` for an unknown word, or nothing when no known word is close."""
    matches = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (nearest: {matches[0]!r})" if matches else ""

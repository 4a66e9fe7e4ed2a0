"""Decisions to what stands of them for the rows of a data version, and what a person must know of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

from suffice.errors import Problem
from suffice.records.dataset import Dataset
from suffice.records.decision import Action, Decision
from suffice.review.read import Line


class Outcome(NamedTuple):
    """What the decisions about a row come to."""

    action: Action
    """`keep` for a row whose label is settled, whether it was given it or had it; `ambiguous` or `drop`."""
    label: str | None
    """The settled label; None where no label is right."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """Decisions as they stand."""

    outcomes: dict[int, Outcome]
    """Position of a row to what everybody who decided about it agrees on."""
    blind: frozenset[int]
    """Positions of decided rows of which nobody saw what the models say."""
    by: dict[int, dict[str, Line]]
    """Position of a row to the decision of each person that stands."""
    problems: tuple[Problem, ...]
    """Decisions that do not apply, and why."""


def text_sha256(text: str) -> str:
    """What a decision knows a message by: the SHA-256 of its UTF-8.

    Args:
        text: the message.
    """
    return sha256(text.encode()).hexdigest()


class Places:
    """Where the rows of one data version are found.

    A row is found at its place in its source by the hash of its message. Where something else stands there, the row
    has moved: it is found by the hash alone, if the source has that message once, or once with the label that it had.
    """

    def __init__(self, data: Dataset) -> None:
        """
        Args:
            data: rows of one data version.
        """
        self.labels = data.labels
        """Label of each row, length N."""
        self._texts = data.texts
        self._sources: list[str] = data.table["source"].to_pylist()
        places = zip(self._sources, data.table["row"].to_pylist(), strict=True)
        self._at: dict[tuple[str, int], int] = {place: row for row, place in enumerate(places)}

    def find(self, decision: Decision) -> int | None:
        """Position of the row that a decision speaks of; None where it is gone."""
        row = self._at.get((decision.source, decision.row))
        if row is not None and text_sha256(self._texts[row]) == decision.text_sha256:
            return row
        moved = self._by_text.get((decision.source, decision.text_sha256), [])
        if len(moved) > 1:
            moved = [row for row in moved if self.labels[row] == decision.was]
        return moved[0] if len(moved) == 1 else None

    @cached_property
    def _by_text(self) -> Mapping[tuple[str, str], list[int]]:
        rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, (source, text) in enumerate(zip(self._sources, self._texts, strict=True)):
            rows[source, text_sha256(text)].append(row)
        return rows


def settle(lines: Sequence[Line], places: Places) -> Settled:
    """What stands for each row: everybody's last word, where all agree.

    Args:
        lines: decisions in the order in which they were taken.
        places: where rows are found.
    """
    standing: dict[tuple[str, object], Line] = {}
    for line in lines:
        decision, position = line.decision, places.find(line.decision)
        row: object = (decision.source, decision.row, decision.text_sha256) if position is None else position
        standing.pop((decision.who, row), None)
        if decision.action != "undo":
            standing[decision.who, row] = line
    by: dict[int, dict[str, Line]] = defaultdict(dict)
    problems: list[Problem] = []
    for (who, row), line in standing.items():
        if isinstance(row, int):
            by[row][who] = line
        else:
            problems.append(_gone(line.where, line.decision))
    outcomes: dict[int, Outcome] = {}
    for row, said in by.items():
        problem = _stale(said, places.labels[row]) or _disputed(said)
        if problem is None:
            outcomes[row] = _outcome(next(iter(said.values())).decision)
        else:
            problems.append(problem)
    return Settled(
        outcomes=outcomes,
        blind=frozenset(row for row, said in by.items() if all(line.decision.shown.blind for line in said.values())),
        by=dict(by),
        problems=tuple(problems),
    )


def _outcome(decision: Decision) -> Outcome:
    if decision.action in {"keep", "relabel"}:
        return Outcome("keep", decision.became or decision.was)
    return Outcome(decision.action, None)


def _gone(where: str, decision: Decision) -> Problem:
    return Problem(
        where=where,
        rule="a decision applies to a row that is there",
        got=f"{_row(decision)} (id {decision.id}) is gone, has other words now, or is there several times elsewhere",
        fix="review the row again if it is still there; otherwise the line does no harm",
    )


def _stale(said: Mapping[str, Line], label: str) -> Problem | None:
    """A decision about a label that the row has no longer, and was not given by a decision either."""
    given = {label, *(line.decision.became for line in said.values())}
    for line in said.values():
        if line.decision.was not in given and line.decision.became != label:
            return Problem(
                where=line.where,
                rule="a decision applies to the label that was looked at",
                got=f"{_row(line.decision)} was {line.decision.was!r} then, and is {label!r} now",
                fix="take the line out, and review the row again",
            )
    return None


def _disputed(said: Mapping[str, Line]) -> Problem | None:
    if len({_outcome(line.decision) for line in said.values()}) == 1:
        return None
    lines = list(said.values())
    return Problem(
        where=" and ".join(line.where for line in lines),
        rule="people must agree about a row before it changes",
        got=f"{_row(lines[0].decision)}: {'; '.join(_in_words(line.decision) for line in lines)}",
        fix="settle it, and take out the line that does not hold; the row stays as it is until then",
    )


def _row(decision: Decision) -> str:
    return f"row {decision.row} of {decision.source}"


def _in_words(decision: Decision) -> str:
    label = decision.became or decision.was
    said = {"keep": f"keeps {label!r}", "relabel": f"makes it {label!r}", "ambiguous": "says it is ambiguous"}
    return f"{decision.who} {said.get(decision.action, 'drops it')}"

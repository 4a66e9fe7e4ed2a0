"""The commonest right calls of a set of tools, whatever the request: what every other rung that calls must beat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from suffice.kinds.tools import called_names, offered_names, render_calls
from suffice.records.completion import Completion, Decoding
from suffice.records.progress import Progress
from suffice.records.tool_calls import Tool, ToolRequest
from suffice.rungs.answering import AnswerData, AnswerSettings, AnyAsked, AskedRequest
from suffice.rungs.commonest import looked_up, require_questions
from suffice.rungs.interface import Size
from suffice.rungs.speeches import speech_of
from suffice.store import strict_json
from suffice.store.completions import Kept


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedCommonestCalls:
    """What is called, by what is offered."""

    of_tools: dict[str, str]
    """The commonest calls of every set of tools that training requests had: its names, sorted, a line each."""
    by_frequency: tuple[str, ...]
    """All calls of training requests, the commonest first, for sets that they did not have."""


class CommonestCalls:
    """Calls for each set of tools."""

    base = None
    training = None
    precision = "none"

    def __init__(self, saved: SavedCommonestCalls, *, train_seconds: float) -> None:
        """
        Args:
            saved: what is called.
            train_seconds: wall time of fitting.
        """
        self._saved, self.train_seconds = saved, train_seconds

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> CommonestCalls:
        """Counts calls as they are written, none among them; of equally common ones the first in the data.

        Raises:
            DataError: there is no row.
        """
        del base, checkpoints, progress
        start, speech = perf_counter(), speech_of(settings.answer)
        require_questions(data.questions)
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for row in data.questions:
            assert isinstance(row, ToolRequest), "rows of kind tools are requests"
            counts[_set_of(row.example.tools)][speech.said(row).strip()] += 1
        total = sum(counts.values(), Counter[str]())
        saved = SavedCommonestCalls(
            of_tools={tools: count.most_common(1)[0][0] for tools, count in counts.items()},
            by_frequency=tuple(calls for calls, _ in total.most_common()),
        )
        return cls(saved, train_seconds=perf_counter() - start)

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> CommonestCalls:
        """Reads the calls."""
        del base_folder
        return cls(strict_json.read(folder / "calls.json", SavedCommonestCalls), train_seconds=0.0)

    def completions(
        self,
        asked: Sequence[AnyAsked],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """The same for every request with the same tools."""
        del decoding
        return looked_up(asked, [self._calls(one) for one in asked], kept=kept, done=done)

    def save(self, folder: Path) -> None:
        """Writes the calls."""
        strict_json.write(folder / "calls.json", self._saved)

    def size(self) -> Size:
        """The bytes of the calls and of the names that they are found by."""
        saved = self._saved
        n_bytes = sum(len(text.encode()) for text in (*saved.of_tools, *saved.of_tools.values(), *saved.by_frequency))
        return Size(base_bytes=0, adapter_bytes=n_bytes)

    def _calls(self, asked: AnyAsked) -> str:
        """Of a set of tools that is new: the commonest calls of any that are all offered, no call perhaps."""
        assert isinstance(asked, AskedRequest), "what is asked of kind tools has tools"
        known = self._saved.of_tools.get(_set_of(asked.tools))
        if known is not None:
            return known
        offered = offered_names(asked.tools)
        could = (calls for calls in self._saved.by_frequency if called_names(calls) <= offered)
        return next(could, render_calls(()).strip())


def _set_of(tools: Sequence[Tool]) -> str:
    return "\n".join(sorted(offered_names(tools)))

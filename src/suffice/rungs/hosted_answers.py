"""A model behind an OpenAI-compatible endpoint that answers in its own words, or by calls of tools.

It is never called unless `hosted:ID` is named. Nothing is fitted. Its temperature is the endpoint's own setting, and an
answer that was paid for is kept by what was asked, so that no question is paid for twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.kinds import answer, tools
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import CUT_OFF
from suffice.records.completion import Completion, Decoding, StopReason
from suffice.records.free_spec import FreeSpec
from suffice.records.progress import SILENT, Progress
from suffice.records.task import HostedSpec
from suffice.rungs.answering import AnswerData, AnswerSettings, AnyAsked, AskedRequest
from suffice.rungs.endpoint import Question
from suffice.rungs.hosted_calls import Calls
from suffice.rungs.interface import Size
from suffice.rungs.ladder import HOSTED
from suffice.store import strict_json
from suffice.store.completions import Kept
from suffice.store.paid_answers import REFUSED, PaidAnswer

ENDS: Mapping[str, StopReason] = {
    "stop": "end",
    **dict.fromkeys(CUT_OFF, "length"),
    REFUSED: "refused",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
"""Why an endpoint says that an answer ended. Source: OpenAI, API reference, `finish_reason`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedHostedAnswers:
    """What a hosted rung is: where it asks, and what."""

    endpoint: str
    """Name of the endpoint in the task file."""
    spec: HostedSpec
    """The endpoint; of its key the name of a variable alone."""
    instruction: str
    """As in the task file; empty for the default."""
    answer: FreeSpec
    """What an answer is, or how calls are asked for."""


class HostedAnswers:
    """An endpoint and what it is told."""

    base = None
    training = None
    precision = "hosted"
    train_seconds = 0.0

    def __init__(self, saved: SavedHostedAnswers, *, answers: Path, send: bool, progress: Progress) -> None:
        """
        Args:
            saved: what it is.
            answers: folder in which answers are kept.
            send: whether calls may be made; otherwise answers that are kept must do.
            progress: told of every call.
        """
        self.saved, self.name = saved, f"{HOSTED}{saved.endpoint}"
        self._answers, self._send, self._progress = answers, send, progress

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> HostedAnswers:
        """Fits nothing: `base` is the name of the endpoint, `checkpoints` the folder in which answers are kept."""
        del data
        assert settings.hosted is not None, "a hosted rung has an endpoint"
        saved = SavedHostedAnswers(
            endpoint=base, spec=settings.hosted, instruction=settings.instruction, answer=settings.answer
        )
        return cls(saved, answers=checkpoints, send=True, progress=progress)

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None) -> HostedAnswers:
        """Reads what `save` wrote; `base_folder` is the folder in which answers are kept, by default beside it."""
        saved = strict_json.read(folder / "hosted.json", SavedHostedAnswers)
        return cls(saved, answers=base_folder or folder, send=False, progress=SILENT)

    def sending(self, progress: Progress) -> HostedAnswers:
        """The same, which makes calls.

        Args:
            progress: told of every call.
        """
        return HostedAnswers(self.saved, answers=self._answers, send=True, progress=progress)

    def completions(
        self,
        asked: Sequence[AnyAsked],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """What the endpoint answered to each question.

        Raises:
            Incomplete: not all could be answered.
            EndpointError: the client or the key is missing.
        """
        told = self._calls(decoding).answers(
            [self._question(one, repeat=0) for one in asked], send=self._send, progress=self._progress
        )
        found = [_completion(one, answer) for one, answer in zip(asked, told, strict=True)]
        for one, completion in zip(asked, found, strict=True):
            key = strict_json.digest([self.name, one.id, one.text, str(decoding.max_new_tokens)])
            if kept.find(key) is None:
                kept.add(key, completion)
        done(len(found))
        return found

    def paid(self, asked: Sequence[AnyAsked], *, repeats: int, decoding: Decoding) -> list[tuple[PaidAnswer, ...]]:
        """Several answers to each question, as they came.

        Args:
            asked: questions or requests.
            repeats: calls for each, at least one.
            decoding: the most tokens.

        Raises:
            Incomplete: not all could be answered.
        """
        wanted = [self._question(one, repeat=k) for one in asked for k in range(repeats)]
        told = self._calls(decoding).answers(wanted, send=self._send, progress=self._progress)
        return [told[start : start + repeats] for start in range(0, len(told), repeats)]

    def spent(self) -> float:
        """What the endpoint was paid so far, in the currency of its price."""
        return self._calls(Decoding(max_new_tokens=1)).spent()

    def save(self, folder: Path) -> None:
        """Writes the endpoint and the instruction."""
        strict_json.write(folder / "hosted.json", self.saved)

    def size(self) -> Size:
        """Nothing is loaded here."""
        return Size(base_bytes=0, adapter_bytes=0)

    def _calls(self, decoding: Decoding) -> Calls:
        limit = self.saved.spec.answer_tokens or decoding.max_new_tokens
        return Calls(self.saved.spec, name=self.name, folder=self._answers, answer_tokens=limit)

    def _question(self, asked: AnyAsked, *, repeat: int) -> Question:
        """Of a request, its tools in the endpoint's own form; a task that gives no instruction adds none to them."""
        told = self.saved.instruction
        if isinstance(asked, AskedRequest):
            native = tools.chat(asked.messages, asked.tools)
            messages = tools.conversation(asked.messages, (), told=told)
            return Question(messages=messages, tools=native.tools, repeat=repeat)
        assert isinstance(self.saved.answer, AnswerSpec), "questions have a form of their own"
        messages = answer.chat(asked.text, instruction=told, spec=self.saved.answer)
        return Question(messages=messages, repeat=repeat)


def _completion(asked: AnyAsked, answer: PaidAnswer) -> Completion:
    reason = ENDS.get(answer.finish, "other")
    called = reason == "tool_calls" and isinstance(asked, AskedRequest)  # Which is what was asked for.
    return Completion(
        id=asked.id,
        text=answer.said,
        n_prompt_tokens=answer.input_tokens or 0,
        n_tokens=answer.output_tokens or 0,
        stop_reason="end" if called else reason,
        seconds=answer.latency_ms / 1_000.0,
    )

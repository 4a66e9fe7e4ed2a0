"""A model behind an OpenAI-compatible endpoint that answers in its own words, or by calls of tools.

It is never called unless `hosted:ID` is named. Nothing is fitted. Its temperature is the endpoint's own setting, and an
answer that was paid for is kept by what was asked, so that no question is paid for twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from suffice.kinds import answer, tools
from suffice.kinds.prompts import ChatMessage
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
    told: str | None = None
    """What it is told in the place of the instruction, taken as it is; None for the instruction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """What an endpoint said when it was asked again, about an answer of its own in another form."""

    text: str
    """Its first answer, with the second behind it in the form."""
    paid: PaidAnswer
    """The second answer as it came."""


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
            [self._question(one, repeat=0, decoding=decoding) for one in asked],
            send=self._send,
            progress=self._progress,
        )
        found = [_completion(one, answer) for one, answer in zip(asked, told, strict=True)]
        for one, completion in zip(asked, found, strict=True):
            key = strict_json.digest([self.name, one.id, one.text, str(decoding.max_new_tokens)])
            if kept.find(key) is None:
                kept.add(key, completion)
        done(len(found))
        return found

    def held_to_form(
        self,
        asked: Sequence[AnyAsked],
        written: Sequence[Completion],
        *,
        decoding: Decoding,
        kept: Kept,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """Each completion as it is where it has the form; otherwise its author is shown it and asked for the answer
        alone, by a schema where the endpoint takes one and in words. Calls, which have a form of their own, stay.

        Raises:
            Incomplete: not all could be answered.
            EndpointError: the client or the key is missing.
        """
        del kept  # What is paid for is kept beside all else that was.
        ended = self._ended(asked, [(one.text, one.stop_reason) for one in written], decoding=decoding)
        done(len(asked))
        return [_joined(own, ended.get(place)) for place, own in enumerate(written)]

    def unheld(self, asked: Sequence[AnyAsked], written: Sequence[Completion]) -> tuple[str, ...]:
        """None: every answer can be asked for again."""
        del asked, written
        return ()

    def under(self, instruction: str) -> HostedAnswers:
        """The same endpoint told something else.

        Args:
            instruction: taken as it is, empty for none; the default instruction is not put in its place.
        """
        told = replace(self.saved, told=instruction)
        return HostedAnswers(told, answers=self._answers, send=self._send, progress=self._progress)

    def paid(
        self, asked: Sequence[AnyAsked], *, repeats: int, decoding: Decoding, held: bool
    ) -> list[tuple[PaidAnswer, ...]]:
        """Several answers to each question, as they came; held to the form, with both calls of one that was asked for
        its answer again.

        Args:
            asked: questions or requests.
            repeats: calls for each, at least one.
            decoding: how tokens are chosen, and when to stop.
            held: whether answers are held to the form.

        Raises:
            Incomplete: not all could be answered.
        """
        each = [(one, k) for one in asked for k in range(repeats)]
        wanted = [self._question(one, repeat=k, decoding=decoding) for one, k in each]
        told = self._calls(decoding).answers(wanted, send=self._send, progress=self._progress)
        if held:
            said = [(one.said, ENDS.get(one.finish, "other")) for one in told]
            ended = self._ended([one for one, _ in each], said, decoding=decoding)
            told = tuple(_paid_together(one, ended.get(place)) for place, one in enumerate(told))
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

    def _ended(
        self, asked: Sequence[AnyAsked], said: Sequence[tuple[str, StopReason]], *, decoding: Decoding
    ) -> dict[int, Ended]:
        """By place, what was asked for again and answered: what ended by itself, in another form."""
        spec = self.saved.answer
        if not isinstance(spec, AnswerSpec):
            return {}
        wanted = {
            place: Question(
                messages=(
                    *self._question(one, repeat=0, decoding=decoding).messages,
                    ChatMessage(role="assistant", content=text),
                    ChatMessage(role="user", content=answer.form_demanded(spec)),
                ),
                schema=answer.answer_schema(spec),
            )
            for place, (one, (text, reason)) in enumerate(zip(asked, said, strict=True))
            if reason == "end" and text.strip() and answer.parse(text, spec).strict is None
        }
        told = self._calls(decoding).answers(list(wanted.values()), send=self._send, progress=self._progress)
        found = ((place, answer.answer_given(one.said, spec), one) for place, one in zip(wanted, told, strict=True))
        return {
            place: Ended(text=f"{answer.up_to_form(said[place][0], spec)}{given}{spec.after}", paid=one)
            for place, given, one in found
            if given is not None
        }

    def _calls(self, decoding: Decoding) -> Calls:
        limit = self.saved.spec.answer_tokens or decoding.max_new_tokens
        return Calls(self.saved.spec, name=self.name, folder=self._answers, answer_tokens=limit)

    def _question(self, asked: AnyAsked, *, repeat: int, decoding: Decoding) -> Question:
        """Of a request, its tools in the endpoint's own form; a task that gives no instruction adds none to them. Where
        the likeliest token is taken, it is of no matter what tokens are drawn from.
        """
        draws = self.saved.spec.temperature != 0.0 and decoding.top_p < 1.0
        free = Question(messages=(), top_p=decoding.top_p if draws else None, stop=decoding.stop, repeat=repeat)
        told = self.saved.instruction
        if isinstance(asked, AskedRequest):
            native = tools.chat(asked.messages, asked.tools)
            return replace(free, messages=tools.conversation(asked.messages, (), told=told), tools=native.tools)
        assert isinstance(self.saved.answer, AnswerSpec), "questions have a form of their own"
        if self.saved.told is not None:
            return replace(free, messages=answer.conversation(asked.text, told=self.saved.told))
        return replace(free, messages=answer.chat(asked.text, instruction=told, spec=self.saved.answer))


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


def _joined(own: Completion, ended: Ended | None) -> Completion:
    """What was written, with its end; the tokens and seconds of both calls."""
    if ended is None:
        return own
    return replace(
        own,
        text=ended.text,
        n_prompt_tokens=own.n_prompt_tokens + (ended.paid.input_tokens or 0),
        n_tokens=own.n_tokens + (ended.paid.output_tokens or 0),
        seconds=own.seconds + ended.paid.latency_ms / 1_000.0,
        held=True,
    )


def _paid_together(own: PaidAnswer, ended: Ended | None) -> PaidAnswer:
    """Both calls as one: what a message costs is what both do."""
    if ended is None:
        return own
    return replace(
        own,
        said=ended.text,
        input_tokens=_sum(own.input_tokens, ended.paid.input_tokens),
        output_tokens=_sum(own.output_tokens, ended.paid.output_tokens),
        latency_ms=own.latency_ms + ended.paid.latency_ms,
        cost=own.cost + ended.paid.cost,
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other

"""The one way to answer freely: figures in reports, `suffice.load(BUNDLE).answer(...)` and `.call(...)` all come from
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from suffice.bundles.calls import FreeCalls, read_calls, read_requests, said_of_calls
from suffice.bundles.passages import NOTHING_READ, PassageRead, Reply, passages_read
from suffice.errors import BundleError, DataError, Problem, quoted
from suffice.kinds.answer import parse
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import behind, context_of
from suffice.records.completion import Completion, Decoding, StopReason
from suffice.records.completion_spec import CompletionSpec
from suffice.records.free_spec import FreeSpec, is_held
from suffice.records.knowledge import FilledContext
from suffice.records.task import Kind
from suffice.records.tool_calls import messages_behind
from suffice.records.tool_spec import ToolSpec
from suffice.retrieval.reader import Reader
from suffice.rungs.answering import AnyAsked, AskedQuestion, AskedRequest, EndsInForm, FittedAnswerRung
from suffice.rungs.ladder import describe
from suffice.store import strict_json
from suffice.store.completions import Kept, NothingKept

ANSWERER, ANSWERER_FORMAT = "answerer.json", 1
"""The file beside a saved rung, and its format: raised when the folder changes in a way that older code cannot read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedAnswerer:
    """What stands beside a saved rung."""

    format: int
    """`ANSWERER_FORMAT` of the code that wrote it."""
    rung: str
    """Name in the ladder."""
    answer: FreeSpec
    """What an answer is, or how calls are asked for."""
    completion: CompletionSpec
    """How completions are written."""
    seed: int
    """Of what is drawn, where the temperature is above 0."""
    text: tuple[str, ...]
    """Columns that its questions were made of, joined by a blank line."""
    context: str | None = None
    """Column of what they were to be answered from; None where they brought nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FreeAnswer:
    """What a question was answered."""

    question: str
    completion: str
    """All that was written."""
    answer: str | None
    """What that answers; None where no answer was found in it."""
    in_form: bool
    """Whether the answer stands in the form that was asked for."""
    stop_reason: StopReason
    """Why the completion ended; `length` where it was cut off."""
    n_tokens: int
    """Tokens that were written; 0 of rungs that look their answers up."""
    held: bool
    """Whether it had ended in another form, and was made to end in that (`answer.hold_form`)."""
    context: str | None = None
    """All that stood before the question, passages and what the question brought itself; None where nothing did."""
    passages: tuple[PassageRead, ...] = ()
    """The passages of knowledge in it; empty of rungs that read none."""


class Answerer:
    """A fitted rung, what an answer is, how completions are written, and what is read before a question."""

    def __init__(self, rung: FittedAnswerRung, saved: SavedAnswerer, *, reader: Reader | None = None) -> None:
        """
        Args:
            rung: what completes.
            saved: what stands beside it.
            reader: gives the passages that stand before a question or request; None where none do.
        """
        self.rung, self.saved, self.reader = rung, saved, reader

    @classmethod
    def load(cls, folder: Path, *, base_folder: Path | None = None, reader: Reader | None = None) -> Answerer:
        """Reads an answerer from a run folder or bundle.

        Args:
            folder: has `answerer.json` and `model/`.
            base_folder: a copy of the base model to use instead of finding it by name.
            reader: gives the passages that stand before a question or request; None where none do.

        Raises:
            BundleError: a file is missing, changed, or of another version.
            ModelError: the base model cannot be found.
        """
        saved = strict_json.read(folder / ANSWERER, SavedAnswerer)
        if saved.format != ANSWERER_FORMAT:
            rule, fix = (
                f"this version of suffice reads format {ANSWERER_FORMAT}",
                "run the version of suffice that wrote it, or fit again",
            )
            raise BundleError(Problem(where=str(folder / ANSWERER), rule=rule, got=f"format {saved.format}", fix=fix))
        rung = describe(saved.rung).load_answer_class(_kind_of(saved.answer))
        return cls(rung.load(folder / "model", base_folder=base_folder), saved, reader=reader)

    def save(self, folder: Path) -> None:
        """Writes it where `load` finds it.

        Args:
            folder: an existing folder.
        """
        (folder / "model").mkdir()
        self.rung.save(folder / "model")
        strict_json.write(folder / ANSWERER, self.saved)

    @property
    def calls_tools(self) -> bool:
        """Whether it answers requests by calls, rather than questions by text."""
        return isinstance(self.saved.answer, ToolSpec)

    @property
    def decoding(self) -> Decoding:
        """How completions are written where nobody says otherwise."""
        return self.saved.completion.decoding(seed=self.saved.seed)

    def completions(
        self,
        asked: Sequence[AnyAsked],
        *,
        kept: Kept,
        decoding: Decoding | None = None,
        done: Callable[[int], None] = lambda n: None,
    ) -> list[Completion]:
        """What is written for each question or request as it is given, in order; nothing is looked up for it. Held to
        the form where the task has that, of what runs here.

        Args:
            asked: with ids of their own.
            kept: where completions are kept; those that are there are not written again.
            decoding: how tokens are chosen; None for the bundle's own way.
            done: told the completions that have come since the last call.
        """
        way = decoding or self.decoding
        written = self.rung.completions(asked, decoding=way, kept=kept, done=done)
        if self._holds is None:
            return written
        said = self._holds.held_to_form(asked, written, decoding=way, kept=kept)
        _keep_held(said, kept)
        return said

    def unheld(self, asked: Sequence[AnyAsked], written: Sequence[Completion]) -> tuple[str, ...]:
        """Ids of those that were to be held to the form and stand as they were written, since no grammar can hold them.

        Args:
            asked: questions or requests.
            written: `completions` of them.
        """
        return () if self._holds is None else self._holds.unheld(asked, written)

    def reads(self, questions: Sequence[str]) -> list[FilledContext]:
        """What is to stand before each question.

        Args:
            questions: texts.
        """
        return [NOTHING_READ] * len(questions) if self.reader is None else self.reader.found(questions)

    def replies(
        self,
        asked: Sequence[AnyAsked],
        *,
        contexts: Sequence[str | None] | None = None,
        decoding: Decoding | None = None,
    ) -> list[Reply]:
        """What is written for each question or request behind what is found for it, in order.

        Args:
            asked: their ids are of no matter.
            contexts: what each question brings to be answered from, which is not searched with; None for nothing.
            decoding: how tokens are chosen; None for the bundle's own way.
        """
        read = self.reads([one.text for one in asked])
        owns = contexts if contexts is not None else [None] * len(asked)
        given = [
            replace(_behind(context_of(found.text, own), one), id=str(number))
            for number, (one, found, own) in enumerate(zip(asked, read, owns, strict=True))
        ]
        written = self.completions(given, kept=NothingKept(), decoding=decoding)
        return [
            Reply(completion=one, read=found, own=own or None)
            for one, found, own in zip(written, read, owns, strict=True)
        ]

    def answer(self, questions: Sequence[str], *, contexts: Sequence[str | None] | None = None) -> list[FreeAnswer]:
        """One answer per question, in order.

        Args:
            questions: texts.
            contexts: what each is to be answered from, one for each question, None where there is nothing; it is read
                behind the passages of the bundle's own knowledge.

        Raises:
            BundleError: it calls tools.
            DataError: one question instead of a list of them, members that are no text, or contexts that are not one
                for each question, all at once.
        """
        if self.calls_tools:
            raise _of_another_kind("calls tools", fix='call([{"messages": [...], "tools": [...]}])')
        _must_be_texts(questions, contexts)
        asked = [AskedQuestion(id="", text=text) for text in questions]
        return [
            replace(self.read(text, one.completion), context=one.context, passages=passages_read(one))
            for text, one in zip(questions, self.replies(asked, contexts=contexts), strict=True)
        ]

    def call(self, requests: Sequence[Mapping[str, Any]]) -> list[FreeCalls]:
        """The calls for each request, in order; none where none is right.

        Args:
            requests: each with `messages` and `tools` in OpenAI's form. What an assistant's last message says, and
                right calls beside it, are not read.

        Raises:
            BundleError: it answers questions.
            DataError: a request cannot be read, all at once.
        """
        return self.calls_of(read_requests(requests))

    def calls_of(self, asked: Sequence[AskedRequest]) -> list[FreeCalls]:
        """The same of requests that were read.

        Args:
            asked: requests; ids may repeat.

        Raises:
            BundleError: it answers questions.
        """
        if not self.calls_tools:
            raise _of_another_kind("answers questions", fix="answer([question])")
        return [
            replace(self.calls(one, reply.completion), passages=passages_read(reply, cites=False))
            for one, reply in zip(asked, self.replies(asked), strict=True)
        ]

    def calls(self, asked: AskedRequest, completion: Completion) -> FreeCalls:
        """What a completion calls.

        Args:
            asked: the request.
            completion: what was written for it.
        """
        assert isinstance(self.saved.answer, ToolSpec), "requests are answered in a form of calls"
        return read_calls(asked, completion, self.saved.answer)

    def found_in(self, text: str) -> str | None:
        """What a text answers or calls, alike where two say the same; None where nothing was found in it.

        Args:
            text: all that was said.
        """
        if isinstance(self.saved.answer, ToolSpec):
            return said_of_calls(text)
        return parse(text, self.saved.answer).answer

    def read(self, question: str, completion: Completion) -> FreeAnswer:
        """What a completion answers.

        Args:
            question: that was asked.
            completion: what was written for it.
        """
        assert isinstance(self.saved.answer, AnswerSpec), "questions are answered in a form of their own"
        parsed = parse(completion.text, self.saved.answer, cut_off=completion.stop_reason == "length")
        return FreeAnswer(
            question=question,
            completion=completion.text,
            answer=parsed.answer,
            in_form=parsed.strict is not None,
            stop_reason=completion.stop_reason,
            n_tokens=completion.n_tokens,
            held=completion.held,
        )

    @property
    def _holds(self) -> EndsInForm | None:
        """The rung, where it is to be held to the form and can be."""
        return self.rung if is_held(self.saved.answer) and isinstance(self.rung, EndsInForm) else None


def _keep_held(said: Sequence[Completion], kept: Kept) -> None:
    """Keeps what was brought to the form as it counts: what the model wrote before and behind it stands apart there."""
    for one in said:
        if not one.held:
            continue
        key = strict_json.digest(["held", one.id, one.text])
        if kept.find(key) is None:
            kept.add(key, one)


def _behind(context: str | None, asked: AnyAsked) -> AnyAsked:
    """What is asked behind what is read for it."""
    if isinstance(asked, AskedQuestion):
        return replace(asked, text=behind(context, asked.text))
    return replace(asked, messages=messages_behind(context, asked.messages))


def _kind_of(spec: FreeSpec) -> Kind:
    return "tools" if isinstance(spec, ToolSpec) else "answer"


def _of_another_kind(what: str, *, fix: str) -> BundleError:
    return BundleError(Problem(where="bundle", rule="asked as its kind is", got=f"a bundle that {what}", fix=fix))


def _must_be_texts(questions: Sequence[str], contexts: Sequence[str | None] | None) -> None:
    fix = "give a list of questions: answer([question])"
    if isinstance(questions, str):
        raise DataError(Problem(where="answer", rule="takes a list of questions", got=quoted(questions), fix=fix))
    if contexts is not None and (isinstance(contexts, str) or len(contexts) != len(questions)):
        got = quoted(contexts) if isinstance(contexts, str) else f"{len(contexts):,} for {len(questions):,} questions"
        rule, fix = "takes one context for each question", "answer([question], contexts=[context])"
        raise DataError(Problem(where="answer", rule=rule, got=got, fix=fix))
    problems = [
        Problem(where=f"answer: question {i}", rule="every question must be text", got=quoted(text), fix=fix)
        for i, text in enumerate(questions)
        if not isinstance(text, str)
    ]
    problems += [
        Problem(where=f"answer: context {i}", rule="a context must be text or None", got=quoted(text), fix=fix)
        for i, text in enumerate(contexts or ())
        if not isinstance(text, str | None)
    ]
    if problems:
        raise DataError(problems)

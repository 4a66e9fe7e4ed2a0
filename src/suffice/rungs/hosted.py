"""A model behind an OpenAI-compatible endpoint, told the labels and asked for one: the dearest rung, never called
unless `hosted:ID` is named.

It states no probabilities, so that it has no `scores` as the rungs have that run here: it gives labels, and answers
that are none. Nothing is fitted; what it needs of the rows is their labels alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from suffice.errors import EndpointError, Problem
from suffice.kinds.classify import chat, label_said
from suffice.records.hosted import HostedIncomplete
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.task import HostedSpec
from suffice.rungs.endpoint import Endpoint, Question, answer_tokens
from suffice.rungs.interface import Settings, Size, TrainingData
from suffice.rungs.ladder import HOSTED
from suffice.store import strict_json
from suffice.store.paid_answers import PaidAnswer, PaidAnswers
from suffice.text.counted import counted
from suffice.text.normalise import readable


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedHosted:
    """What a hosted rung is: where it asks, and what."""

    endpoint: str
    """Name of the endpoint in the task file."""
    spec: HostedSpec
    """The endpoint; of its key the name of a variable alone."""
    instruction: str
    """As in the task file; empty for the default."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A message, and which of several calls with it."""

    text: str
    repeat: int = 0
    """From 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a message was answered with."""

    label: int
    """Label code, `INVENTED` where the answer is no label of the set."""
    answer: PaidAnswer
    """The answer as it came."""


class Incomplete(EndpointError):
    """Some calls were not answered; the answers of the others are kept."""

    def __init__(self, problem: Problem, record: HostedIncomplete) -> None:
        """
        Args:
            problem: what is wrong.
            record: the same as figures.
        """
        super().__init__(problem)
        self.record = record


class Hosted:
    """An endpoint and what it is told."""

    base = None
    training = None
    precision = "hosted"
    train_seconds = 0.0

    def __init__(self, saved: SavedHosted, labels: LabelSet, *, answers: Path) -> None:
        """
        Args:
            saved: what it is.
            labels: the K labels.
            answers: folder in which answers are kept.
        """
        self.saved, self.labels, self._folder = saved, labels, answers
        self.name = f"{HOSTED}{saved.endpoint}"

    @classmethod
    def fit(cls, data: TrainingData, settings: Settings, *, base: str, checkpoints: Path, progress: Progress) -> Hosted:
        """Fits nothing: `base` is the name of the endpoint, `checkpoints` the folder in which answers are kept."""
        del progress
        assert settings.hosted is not None, "a hosted rung has an endpoint"
        saved = SavedHosted(endpoint=base, spec=settings.hosted, instruction=settings.instruction)
        return cls(saved, data.labels, answers=checkpoints)

    @classmethod
    def load(cls, folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Hosted:
        """Reads what `save` wrote; `base_folder` is the folder in which answers are kept, by default beside it."""
        return cls(strict_json.read(folder / "hosted.json", SavedHosted), labels, answers=base_folder or folder)

    def save(self, folder: Path) -> None:
        """Writes the endpoint and the instruction."""
        strict_json.write(folder / "hosted.json", self.saved)

    def size(self) -> Size:
        """Nothing is loaded here."""
        return Size(base_bytes=0, adapter_bytes=0)

    def spent(self) -> float:
        """What the endpoint was paid so far, in the currency of its price."""
        with closing(self._endpoint()) as endpoint:
            return endpoint.answers.spent(endpoint.account)

    def replies(self, asked: Sequence[Asked], *, send: bool, progress: Progress) -> tuple[Reply, ...]:
        """The answers to messages, one for each in order: those that are kept, and those that calls bring.

        Args:
            asked: messages with something in them.
            send: whether calls may be made; otherwise answers that are kept must do.
            progress: told of every call.

        Raises:
            Incomplete: not all could be answered.
            EndpointError: the client or the key is missing.
            StorageError: answers cannot be kept.
        """
        with closing(self._endpoint()) as endpoint:
            questions = [self._question(one) for one in asked]
            keys = [endpoint.key(question) for question in questions]
            by_key = dict(zip(keys, questions, strict=True))
            found = {key: endpoint.kept(question) for key, question in by_key.items()}
            missing = [by_key[key] for key, answer in found.items() if answer is None]
            if missing and not send:
                raise self._incomplete(endpoint, _nothing_sent(self.name), n_asked=len(by_key), n_missing=len(missing))
            if missing:
                endpoint.open()
                progress.say(self._announced(endpoint, missing, n_kept=len(by_key) - len(missing)))
                self._call_all(endpoint, missing, n_asked=len(by_key), progress=progress)
            kept = {key: answer or endpoint.kept(by_key[key]) for key, answer in found.items()}
            return tuple(self._reply(kept[key]) for key in keys)

    def _endpoint(self) -> Endpoint:
        answers, limit = PaidAnswers(self._folder / "answers.sqlite"), answer_tokens(self.saved.spec, self.labels.names)
        return Endpoint(self.saved.spec, name=self.name, answers=answers, answer_tokens=limit)

    def _question(self, one: Asked) -> Question:
        messages = chat(readable(one.text), instruction=self.saved.instruction, labels=self.labels)
        return Question(messages=messages, repeat=one.repeat)

    def _reply(self, answer: PaidAnswer | None) -> Reply:
        assert answer is not None, "every call was answered"
        return Reply(label=label_said(answer.said, self.labels), answer=answer)

    def _call_all(self, endpoint: Endpoint, missing: Sequence[Question], *, n_asked: int, progress: Progress) -> None:
        """Makes the calls; the first that fails ends it, once those under way are over: they may be paid for.

        Raises:
            Incomplete: a call failed, or could have passed the cap.
        """
        failed: EndpointError | None = None
        with (
            progress.step(f"asking {self.name}", total=len(missing)) as done,
            ThreadPoolExecutor(max_workers=self.saved.spec.concurrency) as pool,
        ):
            try:
                calls = [pool.submit(_ask, endpoint, question) for question in missing]
                for call in as_completed(calls):
                    error = call.result()
                    failed = failed or error
                    done(0 if error else 1)
            finally:
                endpoint.stopped.set()
        if failed is not None:
            n_missing = sum(endpoint.kept(question) is None for question in missing)
            raise self._incomplete(endpoint, failed.problems[0], n_asked=n_asked, n_missing=n_missing)

    def _announced(self, endpoint: Endpoint, missing: Sequence[Question], *, n_kept: int) -> str:
        """Where messages go, how many, and what that may cost at most: told before the first is sent."""
        most = sum(map(endpoint.most, missing))
        kept = f"; {counted(n_kept, 'answer')} paid for before" if n_kept else ""
        return (
            f"{self.name}: {counted(len(missing), 'call')} to {self.saved.spec.base_url}{kept}; at most {most:.2g} at "
            f"its price, and never past max_cost {self.saved.spec.max_cost:g} in all"
        )

    def _incomplete(self, endpoint: Endpoint, problem: Problem, *, n_asked: int, n_missing: int) -> Incomplete:
        n_answered = n_asked - n_missing
        spent = endpoint.answers.spent(endpoint.account)
        told = Problem(
            where=self.name,
            rule="every message must be answered before the rung is judged",
            got=f"{n_answered:,} of {counted(n_asked, 'call')} answered; {problem.rule}: {problem.got}",
            fix=f"{problem.fix}; what was answered is kept, and not paid for again",
        )
        return Incomplete(told, HostedIncomplete(n_asked=n_asked, n_answered=n_answered, why=problem.got, spent=spent))


def _ask(endpoint: Endpoint, question: Question) -> EndpointError | None:
    """One call in a thread of the pool; what fails stops the others."""
    try:
        endpoint.ask(question)
    except EndpointError as error:
        endpoint.stopped.set()
        return error
    except BaseException:
        endpoint.stopped.set()
        raise
    return None


def _nothing_sent(name: str) -> Problem:
    rule = "an endpoint is asked only by commands that name its rung"
    fix = f"ask it: suffice fit task.yaml --rungs {name}"
    return Problem(where=name, rule=rule, got="answers that are not there", fix=fix)

"""Questions to an OpenAI-compatible endpoint, many at a time: all of them are answered, or what is missing is told."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path

from suffice.errors import EndpointError, Problem
from suffice.records.hosted import HostedIncomplete
from suffice.records.progress import Progress
from suffice.records.task import HostedSpec
from suffice.rungs.endpoint import Endpoint, Question
from suffice.store.paid_answers import PaidAnswer, PaidAnswers
from suffice.text.counted import counted


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


class Calls:
    """An endpoint, and where its answers are kept."""

    def __init__(self, spec: HostedSpec, *, name: str, folder: Path, answer_tokens: int) -> None:
        """
        Args:
            spec: of the task file.
            name: of the rung, for errors.
            folder: in which answers are kept.
            answer_tokens: the most tokens of an answer.
        """
        self.spec, self.name, self._folder, self._answer_tokens = spec, name, folder, answer_tokens

    def spent(self) -> float:
        """What the endpoint was paid so far, in the currency of its price."""
        with closing(self._endpoint()) as endpoint:
            return endpoint.answers.spent(endpoint.account)

    def answers(self, questions: Sequence[Question], *, send: bool, progress: Progress) -> tuple[PaidAnswer, ...]:
        """The answers, one for each in order: those that are kept, and those that calls bring.

        Args:
            questions: calls that are wanted.
            send: whether calls may be made; otherwise answers that are kept must do.
            progress: told of every call.

        Raises:
            Incomplete: not all could be answered.
            EndpointError: the client or the key is missing.
            StorageError: answers cannot be kept.
        """
        with closing(self._endpoint()) as endpoint:
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
            return tuple(_there(kept[key]) for key in keys)

    def _endpoint(self) -> Endpoint:
        answers = PaidAnswers(self._folder / "answers.sqlite")
        return Endpoint(self.spec, name=self.name, answers=answers, answer_tokens=self._answer_tokens)

    def _call_all(self, endpoint: Endpoint, missing: Sequence[Question], *, n_asked: int, progress: Progress) -> None:
        """Makes the calls; the first that fails ends it, once those under way are over: they may be paid for.

        Raises:
            Incomplete: a call failed, or could have passed the cap.
        """
        failed: EndpointError | None = None
        with (
            progress.step(f"asking {self.name}", total=len(missing)) as done,
            ThreadPoolExecutor(max_workers=self.spec.concurrency) as pool,
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
            f"{self.name}: {counted(len(missing), 'call')} to {self.spec.base_url}{kept}; at most {most:.2g} at "
            f"its price, and never past max_cost {self.spec.max_cost:g} in all"
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


def _there(answer: PaidAnswer | None) -> PaidAnswer:
    assert answer is not None, "every call was answered"
    return answer

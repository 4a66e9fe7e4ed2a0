"""What a bundle is unsure of, put before an endpoint; its answer is held to the label set too."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from suffice.bundles.answer import Answer
from suffice.errors import EndpointError, SpendingCapError, StorageError
from suffice.kinds.classify import chat, label_said
from suffice.records.labels import INVENTED, LabelSet
from suffice.records.task import HostedSpec
from suffice.rungs.endpoint import Endpoint, Question, answer_tokens
from suffice.serve.faults import our_fault
from suffice.store.paid_answers import PaidAnswers
from suffice.store.requests_table import Outcome
from suffice.text.normalise import is_empty, readable

log = logging.getLogger(__name__)
ATTEMPTS, FIRST_WAIT_SECONDS = 2, 0.25
"""Somebody waits for the answer: a second attempt, soon, and no third."""
FAILURES, REST_S = 5, 30.0
"""After so many failures in a row nothing is sent for so long; then one call is tried.

Source: the circuit breaker: Nygard (2018), Release It!, 2nd ed., section 5.2."""
WAITING_PER_CALL = 8
"""Messages that may wait for each call that is made at a time; beyond it the local answer goes out, flagged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationSettings:
    """The endpoint that is asked where a bundle is unsure."""

    name: str
    """Of the endpoint in the task file, for errors."""
    spec: HostedSpec
    instruction: str
    """What it is told before the labels; empty for the default."""
    folder: Path
    """Where answers are kept, so that none is paid twice, and what was spent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Escalated:
    """An answer, and what asking an endpoint about it came to."""

    answer: Answer
    """That goes out."""
    own: Answer
    """The bundle's; the same where it goes out."""
    cost: float = 0.0
    """Money beyond the machine, whatever became of the call."""
    disputed: bool = False
    """Whether the endpoint named another label than the bundle, of those that may be answered."""
    outcome: Outcome | None = None
    """What became of the message; None where nothing was to be asked about it."""
    late: Future[Escalated] | None = None
    """A call that goes on though nobody waits for it: the answer is the bundle's, and what the call comes to is known
    once it is done."""


class Escalation:
    """One endpoint, whichever bundles ask it."""

    def __init__(
        self, settings: EscalationSettings, *, told: Callable[[Outcome], None], clock: Callable[[], float] = monotonic
    ) -> None:
        """
        Args:
            settings: the endpoint.
            told: of what became of each message.
            clock: seconds.

        Raises:
            EndpointError: its client or its key is missing.
            StorageError: answers cannot be kept.
        """
        self._settings, self._told, self._clock = settings, told, clock
        self._answers = PaidAnswers(settings.folder / "answers.sqlite")
        self._pool = ThreadPoolExecutor(settings.spec.concurrency, thread_name_prefix="suffice-escalation")
        self._endpoints: dict[LabelSet, Endpoint] = {}
        self._lock, self._waiting, self._failures, self._rests_until = threading.Lock(), 0, 0, 0.0
        self._has_rested = self._is_capped = False
        # Refused at the start, not at the first message.
        self._n_paid, self._mean_paid = self._answers.mean(self._endpoint(LabelSet(names=("a", "b"))).account)

    async def ask(
        self, answers: Sequence[Answer], labels: LabelSet, *, among: Collection[str] | None, until: float
    ) -> list[Escalated]:
        """The answers, those of a bundle that are for review replaced by the endpoint's where it says a label.

        Args:
            answers: a bundle's.
            labels: its set.
            among: labels that may be answered; None for all of the set.
            until: when nobody waits any longer, by `monotonic`.
        """
        may_say = labels.names if among is None else among
        return list(await asyncio.gather(*(self._one(answer, labels, may_say, until=until) for answer in answers)))

    @property
    def price(self) -> float | None:
        """Money that it asks for a message: the mean of its answers so far; None before the first."""
        return self._mean_paid if self._n_paid else None

    async def _one(self, answer: Answer, labels: LabelSet, may_say: Collection[str], *, until: float) -> Escalated:
        local = Escalated(answer=answer, own=answer)
        if answer.route != "review" or is_empty(answer.text):
            return local
        kept_out = self._enter()
        if kept_out is not None:
            return self._counted(replace(local, outcome=kept_out))
        call = self._pool.submit(self._call, answer, labels, may_say, until)
        # A call that is late goes on: it may be paid for, and its answer is kept for the next time.
        await asyncio.wait([asyncio.wrap_future(call)], timeout=max(until - monotonic(), 0.0))
        if call.done():
            return self._counted(call.result())
        if call.running():  # One that waited for its turn says nothing of the endpoint.
            self._failed()
        return self._counted(replace(local, outcome="late", late=call))

    def _counted(self, found: Escalated) -> Escalated:
        if found.outcome is not None:
            self._told(found.outcome)
        return found

    def _enter(self) -> Outcome | None:
        """Why nothing is sent; None where a call may be made."""
        with self._lock:
            if self._rests:
                return "resting"
            if self._waiting >= WAITING_PER_CALL * self._settings.spec.concurrency:
                return "busy"
            self._waiting += 1
            return None

    def _call(self, answer: Answer, labels: LabelSet, may_say: Collection[str], until: float) -> Escalated:
        kept_back: Outcome | None = "resting" if self._rests else "late" if monotonic() >= until else None
        if kept_back is not None:  # While it waited for its turn: nothing is sent that nobody will see.
            self._leave(failed=None)
            return Escalated(answer=answer, own=answer, outcome=kept_back)
        charges: list[float] = []
        try:
            endpoint = self._endpoint(labels)
            messages = chat(readable(answer.text), instruction=self._settings.instruction, labels=labels)
            question = Question(messages=messages)
            kept = endpoint.kept(question)
            paid = kept or endpoint.ask(question, charged=charges.append)
        except SpendingCapError as error:  # No failure of the endpoint's: it does not rest for it.
            self._leave(failed=None)
            self._capped(error)
            return Escalated(answer=answer, own=answer, cost=sum(charges), outcome="capped")
        except Exception as error:
            if not isinstance(error, EndpointError | StorageError):
                our_fault(error)
            self._leave(failed=True)
            return Escalated(answer=answer, own=answer, cost=sum(charges), outcome="failed")
        # One that came too late has been counted as a failure, which its coming does not undo.
        self._leave(failed=None if monotonic() >= until else paid is None)
        if paid is not None and kept is None:
            with self._lock:
                self._n_paid += 1
                self._mean_paid += (paid.cost - self._mean_paid) / self._n_paid
        asked = Escalated(answer=answer, own=answer, cost=sum(charges), outcome="failed")
        if paid is None:
            return asked
        code = label_said(paid.said, labels)
        if code == INVENTED or labels.names[code] not in may_say:
            return replace(asked, outcome="invented")
        label = labels.names[code]
        told = replace(answer, label=label, probability=answer.probabilities[label], route="escalated")
        return replace(asked, answer=told, disputed=label != answer.label, outcome="answered")

    @property
    def _rests(self) -> bool:
        return self._clock() < self._rests_until

    def _leave(self, *, failed: bool | None) -> None:
        """A message is no longer waited for; None where nothing was sent."""
        with self._lock:
            self._waiting -= 1
            if failed is False:
                self._failures = 0
                if self._has_rested or self._is_capped:
                    log.warning("%s is asked again, and answers", self._settings.name)
                self._has_rested = self._is_capped = False
        if failed:
            self._failed()

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._rests_until = self._clock() + REST_S
                self._failures = FAILURES - 1  # The next one to be tried decides.
                log.warning("%s is not asked for %g s: it failed too often", self._settings.name, REST_S)
                self._has_rested = True

    def _capped(self, error: SpendingCapError) -> None:
        with self._lock:
            if not self._is_capped:
                said = error.problems[0]
                log.warning("%s is not asked: %s; got: %s", self._settings.name, said.rule, said.got)
            self._is_capped = True

    def _endpoint(self, labels: LabelSet) -> Endpoint:
        """The endpoint as it is asked for a label of this set: how long an answer may be hangs on it."""
        with self._lock:
            if labels not in self._endpoints:
                endpoint = Endpoint(
                    self._settings.spec,
                    name=self._settings.name,
                    answers=self._answers,
                    answer_tokens=answer_tokens(self._settings.spec, labels.names),
                    attempts=ATTEMPTS,
                    first_wait_seconds=FIRST_WAIT_SECONDS,
                )
                endpoint.open()
                self._endpoints[labels] = endpoint
            return self._endpoints[labels]

    def close(self) -> None:
        """Ends once the calls under way are over: they may be paid for."""
        for endpoint in self._endpoints.values():
            endpoint.stopped.set()
        self._pool.shutdown(cancel_futures=True)
        for endpoint in self._endpoints.values():
            endpoint.close()

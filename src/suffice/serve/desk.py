"""From a request's messages to answers that are written down."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from time import monotonic, perf_counter

from suffice.bundles.passages import Reply
from suffice.errors import SufficeError
from suffice.records.completion import Decoding
from suffice.rungs.answering import AnyAsked
from suffice.serve.book import Book, BookSettings
from suffice.serve.escalation import Escalated, Escalation, EscalationSettings
from suffice.serve.faults import our_fault
from suffice.serve.keys import Doorkeeper
from suffice.serve.lanes import Answered, Lanes, Request
from suffice.serve.measures import Measures
from suffice.serve.refusal import Refused, unknown_model
from suffice.serve.scribes import Scribe, Scribes, Wish
from suffice.serve.settings import ServeSettings
from suffice.serve.shelf import Clerk, Shelf
from suffice.serve.staff import Staff


class Desk:
    """Takes requests to bundles and brings back what they answer."""

    def __init__(
        self, shelf: Shelf, settings: ServeSettings, *, book: BookSettings, escalation: EscalationSettings | None
    ) -> None:
        """
        Args:
            shelf: the bundles.
            settings: limits and waits.
            book: where answers are written down.
            escalation: the endpoint that is asked where a bundle is unsure; None for none.

        Raises:
            StorageError: they cannot be.
            EndpointError: the endpoint's client or key is missing.
        """
        self.shelf, self.settings = shelf, settings
        self.measures = Measures(waiting=lambda: self.lanes.n_waiting + self.scribes.n_waiting)
        self.scribes = Scribes(max_waiting=settings.max_waiting, told=self.measures.batched)
        self.staff = Staff(shelf, self.scribes)
        self.book = Book(book, lost=self.measures.ledger_lost.inc, keep_days_of=lambda: shelf.keep_days)
        self.lanes = Lanes(
            max_waiting=settings.max_waiting, window_s=settings.window_ms / 1_000.0, told=self.measures.batched
        )
        self.escalation = None
        if escalation is not None:
            outcomes = self.measures.escalations
            self.escalation = Escalation(escalation, told=lambda outcome: outcomes.labels(outcome).inc())
        self.asking = Doorkeeper(settings.keys.api, per_minute=settings.per_minute)
        self.changing = Doorkeeper(settings.keys.admin, per_minute=None)

    def clerk(self, name: str) -> Clerk:
        """The bundle that is asked.

        Args:
            name: as clients call it.

        Raises:
            Refused: there is none.
        """
        found = self.shelf.get(name)
        scribe = None if found is not None else self.scribes.get(name)
        if scribe is not None:
            message = f"{name!r} {scribe.way}: ask it at /v1/chat/completions"
            raise Refused(400, message, code="unsupported_model", param="model")
        if found is None:
            raise unknown_model(name, self.staff.names)
        return found

    def check(self, texts: Sequence[str], *, param: str) -> None:
        """Holds messages against the limits.

        Args:
            texts: messages.
            param: the key that they stand under.

        Raises:
            Refused: too many, or one that is too long.
        """
        most, longest = self.settings.max_texts, self.settings.max_characters
        if len(texts) > most:
            message = f"at most {most:,} messages in one request; got {len(texts):,}"
            raise Refused(413, message, code="too_many_messages", param=param)
        long = [i for i, text in enumerate(texts) if len(text) > longest]
        if long:
            message = f"a message has at most {longest:,} characters; message {long[0]} has {len(texts[long[0]]):,}"
            raise Refused(413, message, code="message_too_long", param=param)

    def check_tokens(self, scribe: Scribe, n: int) -> None:
        """Holds the most tokens of an answer against what the server writes for one request, and the model holds.

        Args:
            scribe: the bundle.
            n: as asked.

        Raises:
            Refused: it is more, and more than the bundle was measured with.
        """
        bound, context = self.settings.max_tokens, scribe.context
        most = max(scribe.answerer.decoding.max_new_tokens, bound if context is None else min(bound, context))
        if n > most:
            holds = "" if context is None else f", and the model holds {context:,} together with the question"
            message = (
                f"max_tokens is at most {most:,} here: this server writes {bound:,} tokens for a request (--max-tokens)"
                f"{holds}; got {n:,}"
            )
            raise Refused(400, message, code="too_many_tokens", param="max_tokens")

    def full_s(self) -> float | None:
        """Seconds until one more message would be answered, where nothing that answers lets it in; None otherwise."""
        if self.scribes.all:  # Each has a queue of its own, and how full one is says nothing of the others.
            return None
        return self.lanes.full_s(self.shelf.clerks, allowed_s=self.settings.deadline_s)

    async def answers(
        self, clerk: Clerk, texts: Sequence[str], *, among: Collection[str] | None, who: bytes, id_: str
    ) -> Answered:
        """What a bundle answers, written down.

        Args:
            clerk: the bundle.
            texts: messages.
            among: some of the labels, to choose from; None for all.
            who: asks.
            id_: of the request, from `new_id`.

        Raises:
            Refused: too much waits, the answers are not there in time, or the key has asked too much.
            SufficeError: a message is too long, and the task says that this is an error.
        """
        if not texts:
            return Answered(answers=(), n_tokens=0, busy_s=0.0)
        with self._counted(who, len(texts)):
            return await self._answered(clerk, texts, among=among, id_=id_)

    async def _answered(
        self, clerk: Clerk, texts: Sequence[str], *, among: Collection[str] | None, id_: str
    ) -> Answered:
        began = perf_counter()
        request = Request(clerk=clerk, texts=texts, among=among, deadline=monotonic() + self.settings.deadline_s)
        self.lanes.ask(request)
        try:
            answered = await asyncio.wait_for(asyncio.wrap_future(request.future), request.deadline - monotonic())
        except TimeoutError:
            raise request.late() from None  # What is scored of it now is answered to nobody, and not written down.
        except (Refused, SufficeError):
            raise
        except Exception as error:
            raise our_fault(error) from None  # What it says, and what raised it, may hold a message.
        found = await self._escalated(request, answered)
        latency_ms = (perf_counter() - began) * 1_000.0
        self.book.write(
            clerk,
            found,
            id_=id_,
            narrowed=among is not None,
            price=self._price(clerk),
            latency_ms=latency_ms,
            busy_s=answered.busy_s,
        )
        for one in found:
            self.measures.answers.labels(clerk.name, one.answer.route).inc()
        return replace(answered, answers=tuple(one.answer for one in found))

    async def completion(self, scribe: Scribe, asked: AnyAsked, decoding: Decoding, *, who: bytes) -> Reply:
        """What a bundle writes for a question or request; the ledger, which is one of labels, has no entry of it.

        Args:
            scribe: the bundle.
            asked: the question, or the request with its tools.
            decoding: how it is decoded.
            who: asks.

        Raises:
            Refused: too many tokens are asked for, too much waits, or the key has asked too much.
            SufficeError: it leaves no room for an answer, or no grammar can hold its tools.
        """
        self.check_tokens(scribe, decoding.max_new_tokens)
        wish = Wish(asked=asked, decoding=decoding, deadline=monotonic() + self.settings.deadline_s)
        try:
            with self._counted(who, 1):
                scribe.ask(wish)
                found = await asyncio.wrap_future(wish.future)
        except (Refused, SufficeError):
            raise
        except Exception as error:
            raise our_fault(error) from None  # What it says, and what raised it, may hold a question.
        self.measures.answers.labels(scribe.name, "local").inc()
        return found

    @contextmanager
    def _counted(self, who: bytes, n: int) -> Iterator[None]:
        """Takes messages off what a key may ask; of those that are refused because there is too much to do they come
        back.
        """
        self.asking.count(who, n)
        try:
            yield
        except Refused as refused:
            if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
                self.asking.give_back(who, n)
            raise

    async def _escalated(self, request: Request, answered: Answered) -> list[Escalated]:
        """The answers once an endpoint was asked about those for review."""
        if self.escalation is None:
            return [Escalated(answer=answer, own=answer) for answer in answered.answers]
        labels = request.clerk.classifier.labels
        return await self.escalation.ask(answered.answers, labels, among=request.among, until=request.deadline)

    def _price(self, clerk: Clerk) -> float | None:
        """What an endpoint asks for a message: that of the bundle's fit, else the one that is asked here."""
        if clerk.hosted is not None or self.escalation is None:
            return clerk.hosted
        return self.escalation.price

    def let_go(self) -> None:
        """Ends the lanes of bundles that were taken off, once what waits there is answered, and gives memory back."""
        self.lanes.keep(self.shelf.clerks)
        self.shelf.give_back()
        self.scribes.give_back()

    def close(self) -> None:
        """Answers what waits, writes it down, and ends."""
        self.lanes.close()
        self.scribes.close()
        if self.escalation is not None:
            self.escalation.close()
        self.book.close()

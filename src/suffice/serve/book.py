"""What is written down of every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from time import time
from uuid import uuid4

from suffice.bundles.answer import Answer
from suffice.serve.escalation import Escalated
from suffice.serve.shelf import Clerk
from suffice.store.requests import COUNTING, Entry, hash_key, hashed
from suffice.store.requests_writer import Writer
from suffice.text.normalise import is_empty


@dataclass(frozen=True, kw_only=True, slots=True)
class BookSettings:
    """Where answers are written down, and what of them."""

    url: str
    """The ledger, as SQLAlchemy has it."""
    keep_days: int | None = None
    """Older answers are purged, whichever bundle's; None leaves that to the bundles."""
    keep_text: bool = False
    """Whether messages themselves are kept; otherwise a keyed hash of each."""
    per_hour: float = 0.10
    """Money for an hour of the machine."""


class Book:
    """Turns answers into entries of the ledger."""

    def __init__(
        self, settings: BookSettings, *, lost: Callable[[int], None], keep_days_of: Callable[[], Mapping[str, int]]
    ) -> None:
        """
        Args:
            settings: where, and what.
            lost: told how many could not be written.
            keep_days_of: how long each bundle's task wants its answers kept, by name; the settings' own `keep_days`
                wins.

        Raises:
            StorageError: the ledger cannot be written.
        """
        self._settings, self._key = settings, hash_key()
        keep_of = keep_days_of if settings.keep_days is None else dict
        self._writer = Writer(settings.url, keep_days=settings.keep_days, lost=lost, keep_days_of=keep_of)

    @property
    def is_well(self) -> bool:
        """Whether the last attempt to write succeeded."""
        return self._writer.is_well

    def write(
        self,
        clerk: Clerk,
        answers: Sequence[Escalated],
        *,
        id_: str,
        narrowed: bool,
        price: float | None,
        latency_ms: float,
        busy_s: float,
    ) -> None:
        """Writes down the answers to one request; of a call that goes on, what it came to once it is done.

        Args:
            clerk: the bundle that answered.
            answers: one of each message.
            id_: of the request, from `new_id`.
            narrowed: whether the request left some of the bundle's labels out.
            price: money that an endpoint would have asked for a message; None where that is not known.
            latency_ms: from request to answers.
            busy_s: of the machine, for all of them.
        """
        now, machine = time(), self._settings.per_hour / 3_600.0 * busy_s / max(len(answers), 1)
        entries = [
            Entry(
                id=f"{id_[:-COUNTING]}{i:0{COUNTING}x}",
                at=now,
                bundle=clerk.name,
                version=clerk.version,
                label=one.answer.label,
                probability=one.answer.probability,
                route=one.answer.route,
                latency_ms=latency_ms,
                cost=machine + one.cost,
                text_hash=hashed(one.answer.text, key=self._key),
                text=_as_kept(one.answer.text) if self._settings.keep_text else None,
                scope=one.answer.out_of_scope,
                narrowed=narrowed,
                disputed=one.disputed,
                hosted=price,
                why=_why(one.own),
                n_texts=len(answers),
                own_label=None if one.own is one.answer else one.own.label,
                own_probability=None if one.own is one.answer else one.own.probability,
                outcome=one.outcome,
                has_threshold=clerk.has_threshold,
            )
            for i, one in enumerate(answers)
        ]
        self._writer.write(entries)
        for entry, one in zip(entries, answers, strict=True):
            if one.late is not None:
                one.late.add_done_callback(partial(self._amend, entry))

    def _amend(self, entry: Entry, call: Future[Escalated]) -> None:
        if not call.cancelled():  # It was never made then.
            came = call.result()
            if came.cost or came.disputed:
                self._writer.amend(replace(entry, cost=entry.cost + came.cost, disputed=came.disputed))

    def close(self) -> None:
        """Writes what is left, and ends; once more it does nothing."""
        self._writer.close()

    def require_all_written(self) -> None:
        """Says at the end what is in no ledger.

        Raises:
            StorageError: answers that went out are not.
        """
        self._writer.require_all_written()


def new_id() -> str:
    """Of a request and of its first message; those of its other messages count on."""
    return f"{uuid4().hex[:-COUNTING]}{0:0{COUNTING}x}"


def _why(own: Answer) -> str | None:
    """Why a bundle's own answer is flagged, as far as it is."""
    if own.route != "review":
        return None
    return "empty" if is_empty(own.text) else "outside" if own.outside else "unsure"


def _as_kept(text: str) -> str:
    """A message with U+FFFD for what a database refuses, and the row with it: U+0000, and half a surrogate pair."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")

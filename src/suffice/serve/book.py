"""What is written down of every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import time
from uuid import uuid4

from suffice.bundles.answer import Answer
from suffice.serve.shelf import Clerk
from suffice.store.requests import Entry, Writer, hash_key, hashed


@dataclass(frozen=True, kw_only=True, slots=True)
class BookSettings:
    """Where answers are written down, and what of them."""

    url: str
    """The ledger, as SQLAlchemy has it."""
    keep_days: int | None = None
    """Older answers are purged; None keeps them."""
    keep_text: bool = False
    """Whether messages themselves are kept; otherwise a keyed hash of each."""
    per_hour: float = 0.10
    """Money for an hour of the machine."""


class Book:
    """Turns answers into entries of the ledger."""

    def __init__(self, settings: BookSettings, *, lost: Callable[[int], None]) -> None:
        """
        Args:
            settings: where, and what.
            lost: told how many could not be written.

        Raises:
            StorageError: the ledger cannot be written.
        """
        self._settings, self._key = settings, hash_key()
        self._writer = Writer(settings.url, keep_days=settings.keep_days, lost=lost)

    @property
    def is_well(self) -> bool:
        """Whether the last attempt to write succeeded."""
        return self._writer.is_well

    def write(
        self, clerk: Clerk, answers: Sequence[Answer], *, latency_ms: float, busy_s: float, costs: Sequence[float]
    ) -> None:
        """Writes down the answers to one request.

        Of a message that is kept, U+0000 is written as U+FFFD: PostgreSQL takes none, and one message that it refuses
        would keep all others out.

        Args:
            clerk: the bundle that answered.
            answers: one of each message.
            latency_ms: from request to answers.
            busy_s: of the machine, for all of them.
            costs: of each message, beyond the machine.
        """
        now, machine = time(), self._settings.per_hour / 3_600.0 * busy_s / max(len(answers), 1)
        self._writer.write(
            [
                Entry(
                    id=uuid4().hex,
                    at=now,
                    bundle=clerk.name,
                    version=clerk.version,
                    label=answer.label,
                    probability=answer.probability,
                    route=answer.route,
                    latency_ms=latency_ms,
                    cost=machine + cost,
                    text_hash=hashed(answer.text, key=self._key),
                    text=answer.text.replace("\0", "\ufffd") if self._settings.keep_text else None,
                    scope=answer.out_of_scope,
                )
                for answer, cost in zip(answers, costs, strict=True)
            ]
        )

    def close(self) -> None:
        """Writes what is left, and ends."""
        self._writer.close()

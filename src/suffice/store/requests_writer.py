"""Writes the ledger of answers behind the back of whoever answers.

What is told is in a bounded backlog until it is written; a database that fails is tried again, and an entry that is
written again, by a retry or because more is known of it, takes the place of the one of its id.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from time import monotonic, sleep, time
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import DataError, IntegrityError

from suffice.errors import Problem, StorageError
from suffice.store.requests import Entry
from suffice.store.requests_table import ANSWERS, delete_older, empty_log, engine_of, file_of, make_table, shown

log = logging.getLogger(__name__)
FLUSH_S = 0.5
"""How long an answer may wait to be written: a killed process loses no more than a second of them."""
END_S = 5.0
"""How long what is left is tried at the end, where the database takes none: whoever ends a process kills it soon."""
BACKLOG = 200_000
"""Answers kept while the database takes none; beyond it the oldest are dropped and counted."""
REFUSED = (DataError, IntegrityError, UnicodeError)
"""What a database says of an entry that it will never take."""
PURGE_S = 3_600.0
PER_STATEMENT = 500
"""Ids asked for at once: databases bound the number of parameters."""


class Writer:
    """Writes entries behind the back of whoever answers."""

    def __init__(
        self,
        url: str,
        *,
        keep_days: int | None,
        lost: Callable[[int], None],
        keep_days_of: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """
        Args:
            url: of the ledger, as SQLAlchemy has it.
            keep_days: older entries are purged; None keeps them.
            lost: told how many were dropped because the database took none for too long.
            keep_days_of: as `keep_days`, of single bundles by name.

        Raises:
            StorageError: the database cannot be written.
        """
        self._url, self._engine, self._lost, self._n_lost = url, engine_of(url, begins=True), lost, 0
        self._keep_days, self._keep_days_of = keep_days, keep_days_of
        self._kept_of: dict[str, int] = {}
        self._backlog: deque[Entry] = deque()
        self._held = threading.Lock()
        self._wake, self._ends, self._purged = threading.Event(), False, 0.0
        self._retries, self._may_be_there = False, False
        self._thread = threading.Thread(target=self._work, daemon=True, name="suffice-ledger")
        self._thread.start()

    @property
    def is_well(self) -> bool:
        """Whether the last attempt to write succeeded, and there will be another."""
        return not self._retries and (self._ends or self._thread.is_alive())

    def write(self, entries: Sequence[Entry]) -> None:
        """Takes entries; they are written within a second.

        Args:
            entries: in order.
        """
        self._take(entries, may_be_there=False)

    def _take(self, entries: Sequence[Entry], *, may_be_there: bool) -> None:
        with self._held:
            self._may_be_there |= may_be_there
            self._backlog.extend(entries)
            too_many = len(self._backlog) - BACKLOG
            for _ in range(too_many):
                self._backlog.popleft()
        self._lose(too_many, "the ledger took none for too long")

    def _lose(self, n: int, why: str) -> None:
        if n > 0:
            self._n_lost += n
            self._lost(n)
            log.error("answers that are in no ledger: %d (%s)", n, why)

    def amend(self, entry: Entry) -> None:
        """Takes an entry of which more is known than when it was first written.

        Args:
            entry: as it is to be.
        """
        self._take([entry], may_be_there=True)

    def close(self) -> None:
        """Writes what is left, for as long as `END_S`, and ends; once more it does nothing."""
        self._ends = True
        self._wake.set()
        self._thread.join()
        self._lose(len(self._backlog), "it could not be written at the end either")
        self._backlog.clear()
        self._engine.dispose()

    def require_all_written(self) -> None:
        """Says at the end what is in no ledger.

        Raises:
            StorageError: answers are not.
        """
        if self._n_lost:
            rule, got = "every answer that goes out is written down", f"{self._n_lost:,} are in no ledger"
            fix = "see that it can be written before you serve again: space, rights, a database that is up"
            raise StorageError(Problem(where=shown(self._url), rule=rule, got=got, fix=fix))

    def _work(self) -> None:
        while not self._ends:
            self._wake.wait(FLUSH_S)
            self._flush()
        until = monotonic() + END_S
        self._flush()  # What came between the last time and the end.
        while self._backlog and monotonic() < until:
            sleep(FLUSH_S)
            self._flush()

    def _flush(self) -> None:
        with self._held:
            entries, replaces = [*self._backlog], self._may_be_there
            self._backlog.clear()
            self._may_be_there = False
        try:
            self._insert(entries, replaces=replaces)
        except Exception as error:  # Whatever it is: the entries wait, `/ready` says so, the next attempt may go well.
            with self._held:
                self._backlog.extendleft(reversed(entries))
                self._may_be_there = True  # An attempt that is taken for a failure may have written them.
            if not self._retries:
                log.error("the ledger cannot be written (%s): answers go out, and wait for it", _kind(error))
            self._retries = True
        else:
            if self._retries:
                log.warning("the ledger is written again; answers that had waited: %d", len(entries))
            self._retries = False

    def _insert(self, entries: Sequence[Entry], *, replaces: bool) -> None:
        """All of them; where the database refuses what one holds, all others."""
        self._must_be_there()
        last = {one.id: asdict(one) for one in entries}
        try:
            self._commit([*last.values()], replaces=replaces)
        except REFUSED:
            n_lost = 0
            for one in last.values():
                try:
                    self._commit([one], replaces=replaces)
                except REFUSED:
                    n_lost += 1
            self._lose(n_lost, "the database refuses what they hold")
        self._purge()

    def _commit(self, rows: list[dict[str, Any]], *, replaces: bool) -> None:
        if not rows:
            return
        with self._engine.begin() as connection:
            if replaces:
                _take_out(connection, [row["id"] for row in rows])
            connection.execute(ANSWERS.insert(), rows)

    def _must_be_there(self) -> None:
        """A SQLite file that was taken away would go on taking rows that nobody will see: another is begun."""
        file = file_of(self._engine)
        if file and not file.exists():
            self._engine.dispose()
            file.touch(mode=0o600)  # Messages may be kept in it.
            make_table(self._engine)

    def _purge(self) -> None:
        """Once an hour, and once bundles have come or gone that say how long answers are kept."""
        keep_days_of = dict(self._keep_days_of())
        if time() - self._purged <= PURGE_S and keep_days_of == self._kept_of:
            return
        with self._engine.begin() as connection:
            if self._keep_days is not None:
                delete_older(connection, self._keep_days)
            for bundle, keep_days in keep_days_of.items():
                delete_older(connection, keep_days, bundle=bundle)
        if empty_log(self._engine, wait_ms=0):  # Answers wait meanwhile: where somebody reads, the next time.
            self._purged, self._kept_of = time(), keep_days_of


def _take_out(connection: sql.Connection, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), PER_STATEMENT):
        connection.execute(ANSWERS.delete().where(ANSWERS.c.id.in_(ids[start : start + PER_STATEMENT])))


def _kind(error: Exception) -> str:
    """What a database failed of; nothing of what it says, which may hold a message."""
    came_from = getattr(error, "orig", None) or error
    of_sqlite, of_system = getattr(came_from, "sqlite_errorname", None), getattr(came_from, "strerror", None)
    return str(of_sqlite or of_system or type(came_from).__name__)

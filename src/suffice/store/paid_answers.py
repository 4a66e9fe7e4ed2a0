"""What endpoints answered, kept in one SQLite file, so that nothing is paid twice; and what it came to.

A call is written down before it is sent, at the most that it may cost, and its answer takes the place of that in the
same transaction that keeps it. Whatever ends the process between the two, the call counts as spent: a cap on spending
holds over crashes too.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from suffice.errors import Problem, StorageError
from suffice.store.files import storage_errors

FORMAT = 1
"""`user_version` of the file; raised when it changes in a way that older code cannot read."""
CUT_OFF, REFUSED = "length", "content_filter"
"""Why an answer ended, where it did not end by itself. Source: OpenAI, API reference, `finish_reason`."""
SYNCHRONOUS = "FULL"
"""How surely a transaction is on the disk when it ends: it outlives a power cut. Source: SQLite, PRAGMA synchronous."""
_TABLES = """
CREATE TABLE answers (
    key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, said TEXT NOT NULL, finish TEXT NOT NULL, input_tokens INTEGER,
    output_tokens INTEGER, latency_ms REAL NOT NULL, cost REAL NOT NULL
) STRICT;
CREATE TABLE calls (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, most REAL NOT NULL) STRICT;
CREATE INDEX answers_of ON answers (endpoint);
CREATE INDEX calls_of ON calls (endpoint);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaidAnswer:
    """One answer of an endpoint."""

    said: str
    """What it answered, as it was written; empty where it refused."""
    finish: str
    """Why it ended: `stop`, `CUT_OFF` at the limit on tokens, or `REFUSED` by the endpoint's filter."""
    input_tokens: int | None
    """Tokens of the prompt as the endpoint counted them; None where it does not tell."""
    output_tokens: int | None
    """Tokens of the answer, those of reasoning included; None where it does not tell."""
    latency_ms: float
    """Wall time of the call that was answered, waits between earlier ones apart."""
    cost: float
    """What it was charged with when it was made, in the currency of the price."""


class PaidAnswers:
    """The file; threads may share it."""

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: of the file; it is made with its folder.

        Raises:
            StorageError: it cannot be written, or is no such file.
        """
        self._path, self._lock = path, threading.RLock()
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            # Every statement is a transaction of its own unless `_transaction` opens one.
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            # A log that is written ahead waits for the disk once for each transaction, a journal three times.
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
            (found,) = self._file.execute("PRAGMA user_version").fetchone()
            if found == 0:
                self._file.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT;")
                found = FORMAT
        if found != FORMAT:
            rule = f"this version of suffice reads answers of format {FORMAT}"
            fix = "run the version of suffice that wrote it, or write elsewhere with --out"
            raise StorageError(Problem(where=str(path), rule=rule, got=f"format {found}", fix=fix))

    def close(self) -> None:
        """Ends the use of the file."""
        with self._lock:
            self._file.close()

    def find(self, key: str) -> PaidAnswer | None:
        """The answer to a question, if it is there.

        Args:
            key: of the question.
        """
        columns = "said, finish, input_tokens, output_tokens, latency_ms, cost"
        with self._told():
            row = self._file.execute(f"SELECT {columns} FROM answers WHERE key = ?", (key,)).fetchone()  # noqa: S608
        return None if row is None else PaidAnswer(**dict(zip(columns.split(", "), row, strict=True)))

    def spent(self, endpoint: str) -> float:
        """What an endpoint was paid: its answers, and at their most the calls of which nothing was heard.

        Args:
            endpoint: whose.
        """
        query = (
            "SELECT (SELECT total(cost) FROM answers WHERE endpoint = ?1)"
            " + (SELECT total(most) FROM calls WHERE endpoint = ?1)"
        )
        with self._told():
            (total,) = self._file.execute(query, (endpoint,)).fetchone()
        return float(total)

    def mean(self, endpoint: str) -> tuple[int, float]:
        """How many answers of an endpoint are kept, and what one was charged with in the mean; 0 of none.

        Args:
            endpoint: whose.
        """
        with self._told():
            query = "SELECT count(*), coalesce(avg(cost), 0.0) FROM answers WHERE endpoint = ?"
            n, mean = self._file.execute(query, (endpoint,)).fetchone()
        return int(n), float(mean)

    def begin(self, endpoint: str, *, most: float, cap: float) -> int | None:
        """Writes a call down before it is sent.

        Args:
            endpoint: which it goes to.
            most: the most that it may cost.
            cap: the most that may be spent on the endpoint.

        Returns:
            Its number for `keep` or `drop`; None, and nothing may be sent, where it could pass the cap.
        """
        with self._transaction():
            if self.spent(endpoint) + most > cap:
                return None
            return self._file.execute("INSERT INTO calls (endpoint, most) VALUES (?, ?)", (endpoint, most)).lastrowid

    def keep(self, call: int, *, key: str, endpoint: str, answer: PaidAnswer) -> None:
        """Puts an answer in the place of the call that brought it.

        Args:
            call: from `begin`.
            key: of the question.
            endpoint: whose answer it is.
            answer: what it is.
        """
        row = (key, endpoint, answer.said, answer.finish, answer.input_tokens, answer.output_tokens)
        with self._transaction():
            self._file.execute("DELETE FROM calls WHERE id = ?", (call,))
            self._file.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*row, answer.latency_ms, answer.cost)
            )

    def drop(self, call: int) -> None:
        """Takes a call back that cost nothing, since it was refused or never arrived.

        Args:
            call: from `begin`.
        """
        with self._transaction():
            self._file.execute("DELETE FROM calls WHERE id = ?", (call,))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._told():
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._file.in_transaction:  # On a full disk SQLite has taken it back already.
                    self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """One thread at a time, and what SQLite says of the disk or the file in the person's words.

        Raises:
            StorageError: the disk is full, the file is not SQLite's or cannot be written.
        """
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                rule = "the answers that were paid for are kept in a file that can be written"
                fix = "free some space or make it writable; if it was damaged, move it away and pay again"
                raise StorageError(Problem(where=str(self._path), rule=rule, got=str(error), fix=fix)) from error

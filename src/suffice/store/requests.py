"""The ledger of answers: one row for each message, written behind the answers, in SQLite or another database.

What is told is in a bounded backlog until it is written; a database that fails is tried again, and an entry that is
written again, by a retry or because more is known of it, takes the place of the one of its id.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any, Literal

import sqlalchemy as sql
from sqlalchemy import event
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from suffice.errors import Problem, StorageError
from suffice.store.files import storage_errors
from suffice.store.home import home

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
DAY_S = 86_400.0
PER_STATEMENT = 500
"""Ids asked for at once: databases bound the number of parameters."""

_metadata = sql.MetaData()
ANSWERS = sql.Table(
    "answers",
    _metadata,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("at", sql.Float, nullable=False, index=True),
    sql.Column("bundle", sql.String(200), nullable=False),
    sql.Column("version", sql.String(12), nullable=False),
    sql.Column("label", sql.Text, nullable=False),
    sql.Column("probability", sql.Float, nullable=False),
    sql.Column("route", sql.String(20), nullable=False),
    sql.Column("latency_ms", sql.Float, nullable=False),
    sql.Column("cost", sql.Float, nullable=False),
    sql.Column("text_hash", sql.String(32), nullable=False),
    sql.Column("text", sql.Text),
    sql.Column("scope", sql.Float),
    sql.Column("narrowed", sql.Boolean, nullable=False, server_default=sql.false()),
    sql.Column("disputed", sql.Boolean, nullable=False, server_default=sql.false()),
    sql.Column("hosted", sql.Float),
    sql.Column("why", sql.String(20)),
    sql.Column("n_texts", sql.Integer, nullable=False, server_default=sql.text("1")),
)
LATER = ("scope", "narrowed", "disputed", "hosted", "why", "n_texts")
"""Columns that ledgers of before do not have; they are put in, empty or with their default, when one is opened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One answered message."""

    id: str
    """Of the answer."""
    at: float
    """Seconds since 1970."""
    bundle: str
    version: str
    label: str
    probability: float
    route: str
    latency_ms: float
    """From request to answer."""
    cost: float
    """Money: of the machine, and of the calls to an endpoint, whether or not their answer was used."""
    text_hash: str
    """Keyed: tells copies of a message from others, and nothing else."""
    text: str | None
    """The message, where the person turned that on."""
    scope: float | None = None
    """How far the message lies from what its bundle was taught, comparable within one version; None where that was not
    calibrated."""
    narrowed: bool = False
    """Whether the request left some of the bundle's labels out: label and probability are of the rest alone."""
    disputed: bool = False
    """Whether an endpoint that was asked named another label than the bundle, in time or not."""
    hosted: float | None = None
    """Money that an endpoint would have asked for the message; None where its price is not known."""
    why: str | None = None
    """Why the answer is for review: `empty`, `outside`, `unsure`, or what became of the message at an endpoint."""
    n_texts: int = 1
    """Messages of the request that it came in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Answers that have something in common."""

    of: tuple[str, ...]
    """What they have in common, in the order in which it was asked; empty where that is not known."""
    n: int
    """Messages."""
    n_narrowed: int
    """Those whose request left labels out."""
    n_disputed: int
    """Those of which an endpoint said another label."""
    n_priced: int
    """Those of which the price at an endpoint is known."""
    probability: float | None
    """Mean of what the answers said of themselves, those that were narrowed apart; None where all were."""
    n_requests: float
    """Requests; of one whose messages are not all of these, their share of it."""
    latency_ms: float
    """Mean over requests."""
    cost: float
    """Money, of all."""
    saved: float | None
    """Money that an endpoint would have asked beyond the cost, of those of which its price is known; None without."""


def default_url() -> str:
    """The person's own ledger."""
    return f"sqlite:///{home() / 'answers.sqlite'}"


def hash_key() -> bytes:
    """The key under which messages are hashed, made where there is none.

    Raises:
        StorageError: it cannot be read or written.
    """
    path = home() / "text_hash.key"
    with storage_errors(path, option="SUFFICE_HOME"):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            part.touch(mode=0o600)
            part.write_bytes(secrets.token_bytes(32))
            with suppress(FileExistsError):  # Another process was first; a link is whole or not there.
                path.hardlink_to(part)
            part.unlink()
        return path.read_bytes()


def hashed(text: str, *, key: bytes) -> str:
    """A message's keyed hash, 32 hexadecimal digits.

    Args:
        text: the message.
        key: of the person.

    Source: RFC 7693, BLAKE2, keyed hashing.
    """
    return blake2b(text.encode(errors="surrogatepass"), key=key, digest_size=16).hexdigest()


def engine_of(url: str, *, begins: bool) -> sql.Engine:
    """A connection to a ledger.

    Args:
        url: as SQLAlchemy has it, or the path of a SQLite file.
        begins: whether file and table are made where there are none. No folder is: the path may be mistyped.

    Raises:
        StorageError: there is no such database, no ledger in it, or no driver for it.
    """
    try:
        engine = sql.create_engine(url if "://" in url else f"sqlite:///{url}")
        file = _file_of(engine)
        if begins and engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _write_ahead)
        if not begins and ((file and not file.exists()) or not sql.inspect(engine).has_table(ANSWERS.name)):
            raise _no_ledger(url)
        if file:
            file.touch(mode=0o600)  # Messages may be kept in it.
        _make(engine)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise _no_database(url, error) from error
    return engine


def _file_of(engine: sql.Engine) -> Path | None:
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return Path(name) if name else None


def _make(engine: sql.Engine) -> None:
    """The table, or the columns that one of before lacks; another process may be faster."""
    _metadata.create_all(engine)
    for name in _missing(engine):
        column = sql.schema.CreateColumn(ANSWERS.c[name]).compile(dialect=engine.dialect)
        try:
            with engine.begin() as connection:
                connection.execute(sql.text(f"ALTER TABLE {ANSWERS.name} ADD COLUMN {column}"))
        except SQLAlchemyError:
            if name in _missing(engine):
                raise


def _missing(engine: sql.Engine) -> list[str]:
    there = {column["name"] for column in sql.inspect(engine).get_columns(ANSWERS.name)}
    return [name for name in LATER if name not in there]


def _write_ahead(connection: Any, _: object) -> None:
    """Readers never wait for the writer, and a commit is one write.

    Source: SQLite documentation, Write-Ahead Logging.
    """
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=2000"):
        connection.execute(f"PRAGMA {pragma}")


def _no_database(url: str, error: Exception) -> StorageError:
    fix = "name one as SQLAlchemy does, in a folder that is there: sqlite:////folder/file.sqlite"
    rule, got = "must be a database that can be written", str(error).splitlines()[0]
    return StorageError(Problem(where=_shown(url), rule=rule, got=got, fix=fix))


def _no_ledger(url: str) -> StorageError:
    rule, got = "must be a ledger that a server has written", "none is there"
    fix = "name the one that `suffice serve` was started with (--ledger)"
    return StorageError(Problem(where=_shown(url), rule=rule, got=got, fix=fix))


def _shown(url: str) -> str:
    try:
        return sql.make_url(url).render_as_string(hide_password=True) if "://" in url else url
    except SQLAlchemyError:
        return "--ledger"  # What cannot be read may have a password anywhere.


def _kind(error: Exception) -> str:
    """What a database failed of; nothing of what it says, which may hold a message."""
    came_from = getattr(error, "orig", None) or error
    of_sqlite, of_system = getattr(came_from, "sqlite_errorname", None), getattr(came_from, "strerror", None)
    return str(of_sqlite or of_system or type(came_from).__name__)


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
            raise StorageError(Problem(where=_shown(self._url), rule=rule, got=got, fix=fix))

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
        file = _file_of(self._engine)
        if file and not file.exists():
            self._engine.dispose()
            file.touch(mode=0o600)  # Messages may be kept in it.
            _make(self._engine)

    def _purge(self) -> None:
        if time() - self._purged <= PURGE_S:
            return
        with self._engine.begin() as connection:
            if self._keep_days is not None:
                _delete(connection, self._keep_days)
            for bundle, keep_days in self._keep_days_of().items():
                _delete(connection, keep_days, bundle=bundle)
        self._purged = time()


def _take_out(connection: sql.Connection, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), PER_STATEMENT):
        connection.execute(ANSWERS.delete().where(ANSWERS.c.id.in_(ids[start : start + PER_STATEMENT])))


def _delete(connection: sql.Connection, keep_days: float, *, bundle: str | None = None) -> int:
    old = ANSWERS.delete().where(ANSWERS.c.at < time() - keep_days * DAY_S)
    return connection.execute(old if bundle is None else old.where(ANSWERS.c.bundle == bundle)).rowcount


@contextmanager
def _connected(url: str) -> Iterator[sql.Connection]:
    """Of a ledger that is there."""
    engine = engine_of(url, begins=False)
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise _no_database(url, error) from error
    finally:
        engine.dispose()


def purge(url: str, *, keep_days: float) -> int:
    """Takes old answers out of the ledger.

    Args:
        url: of the ledger.
        keep_days: those of so many days stay.

    Returns:
        How many went.

    Raises:
        StorageError: the database cannot be written.
    """
    with _connected(url) as connection:
        return _delete(connection, keep_days)


def read_entries(
    url: str, *, bundle: str | None = None, version: str | None = None, since: float | None = None
) -> list[Entry]:
    """Entries in order of time.

    Args:
        url: of the ledger.
        bundle: the name that it was served under; None for any.
        version: of the bundle; None for any.
        since: seconds since 1970; None for all.

    Raises:
        StorageError: there is no ledger, or the database cannot be read.
    """
    asked = sql.select(ANSWERS).order_by(ANSWERS.c.at, ANSWERS.c.id)
    if bundle is not None:
        asked = asked.where(ANSWERS.c.bundle == bundle)
    if version is not None:
        asked = asked.where(ANSWERS.c.version == version)
    if since is not None:
        asked = asked.where(ANSWERS.c.at >= since)
    with _connected(url) as connection:
        return [Entry(**row) for row in connection.execute(asked).mappings()]


By = Literal["day", "bundle", "route", "label", "why"]


def tallies(url: str, *, by: Sequence[By], since: float | None = None) -> list[Tally]:
    """What was answered, by what answers have in common; in that order.

    Args:
        url: of the ledger.
        by: days are of UTC: `2026-11-30`.
        since: seconds since 1970; None for all.

    Raises:
        StorageError: there is no ledger, or the database cannot be read.
    """
    day = sql.cast(sql.func.floor(ANSWERS.c.at / DAY_S), sql.Integer).label("day")
    columns = [day if name == "day" else ANSWERS.c[name] for name in by]
    counts = (sql.func.sum(sql.case((ANSWERS.c[name], 1), else_=0)) for name in ("narrowed", "disputed"))
    figures = (
        sql.func.count(),
        *counts,
        sql.func.count(ANSWERS.c.hosted),
        sql.func.avg(sql.case((~ANSWERS.c.narrowed, ANSWERS.c.probability))),
        sql.func.sum(1.0 / ANSWERS.c.n_texts),
        sql.func.sum(ANSWERS.c.latency_ms / ANSWERS.c.n_texts),
        sql.func.sum(ANSWERS.c.cost),
        sql.func.sum(ANSWERS.c.hosted - ANSWERS.c.cost),
    )
    asked = sql.select(*columns, *figures)
    asked = asked.group_by(*columns).order_by(*columns)
    if since is not None:
        asked = asked.where(ANSWERS.c.at >= since)
    with _connected(url) as connection:
        return [_tally(tuple(row), by) for row in connection.execute(asked)]


def _tally(row: tuple[Any, ...], by: Sequence[By]) -> Tally:
    of = (
        datetime.fromtimestamp(value * DAY_S, tz=UTC).date().isoformat() if name == "day" else str(value or "")
        for name, value in zip(by, row, strict=False)
    )
    n, n_narrowed, n_disputed, n_priced, probability, n_requests, latency_ms, cost, saved = row[len(by) :]
    return Tally(
        of=tuple(of),
        n=n,
        n_narrowed=n_narrowed,
        n_disputed=n_disputed,
        n_priced=n_priced,
        probability=probability,
        n_requests=n_requests,
        latency_ms=latency_ms / n_requests,
        cost=cost,
        saved=saved,
    )

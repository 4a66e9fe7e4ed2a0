"""The ledger of answers: one row for each message, and what they add up to."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Literal

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError

from suffice.store.files import storage_errors
from suffice.store.home import home
from suffice.store.requests_table import ANSWERS, BUSY_MS, DAY_S, delete_older, empty_log, engine_of, no_database

LENGTH, COUNTING = 32, 8
"""Digits of an id, and how many of them count the messages of a request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One answered message."""

    id: str
    """Of the answer: that of its request, whose last eight digits count the messages in it from 0."""
    at: float
    """Seconds since 1970."""
    bundle: str
    version: str
    label: str
    """What went out: the bundle's own, or an endpoint's where the route is `escalated`."""
    probability: float
    """That the bundle gives to it."""
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
    """Why the bundle's own answer is not enough: `empty`, `outside` or `unsure`; None where it is."""
    n_texts: int = 1
    """Messages of the request that it came in."""
    own_label: str | None = None
    """What the bundle itself said, where an endpoint's label went out; None otherwise, and in ledgers of before."""
    own_probability: float | None = None
    """Of `own_label`."""
    outcome: str | None = None
    """What became of the message at an endpoint; None where none was to be asked."""
    has_threshold: bool | None = None
    """Whether the bundle had a threshold below which answers are unsure; None in ledgers of before."""


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
    n_unheld: int
    """Those of a bundle without a threshold: none was held to be unsure."""
    n_priced: int
    """Those of which the price at an endpoint is known."""
    probability: float | None
    """Mean of what the bundle's own answers said of themselves, those that were narrowed or are not known apart; None
    without any."""
    n_requests: float
    """Requests; of one whose messages are not all of these, their share of it."""
    latency_ms: float
    """Mean over requests."""
    cost: float
    """Money, of all."""
    saved: float | None
    """Money that an endpoint would have asked beyond the cost, of those of which its price is known; None without.
    Answers for review save nothing: a person looks at them all the same."""
    first: float
    """When the first was given, seconds since 1970."""
    last: float
    """When the last was."""


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


@contextmanager
def _opened(url: str) -> Iterator[sql.Engine]:
    """A ledger that is there."""
    engine = engine_of(url, begins=False)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise no_database(url, error) from error
    finally:
        engine.dispose()


@contextmanager
def _connected(url: str) -> Iterator[sql.Connection]:
    """Of a ledger that is there."""
    with _opened(url) as engine, engine.begin() as connection:
        yield connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Purged:
    """What was taken out of a ledger."""

    n: int
    """Answers."""
    is_gone: bool
    """Whether nothing of them is left in the files of SQLite; of other databases that is for them to say."""


def purge(url: str, *, keep_days: float) -> Purged:
    """Takes old answers out of the ledger, and out of the files that SQLite keeps it in.

    Args:
        url: of the ledger.
        keep_days: those of so many days stay.

    Raises:
        StorageError: the database cannot be written.
    """
    with _opened(url) as engine:
        with engine.begin() as connection:
            n = delete_older(connection, keep_days)
        return Purged(n=n, is_gone=empty_log(engine, wait_ms=BUSY_MS))


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


def read_request(url: str, id_: str) -> list[Entry]:
    """The answers of one request, in order.

    Args:
        url: of the ledger.
        id_: of any of them.

    Raises:
        StorageError: there is no ledger, or the database cannot be read.
    """
    if len(id_) != LENGTH:  # The beginning of one is none, and would find the answers of others.
        return []
    of_request = ANSWERS.c.id.startswith(id_[:-COUNTING], autoescape=True)
    asked = sql.select(ANSWERS).where(of_request).order_by(ANSWERS.c.id)
    with _connected(url) as connection:
        return [Entry(**row) for row in connection.execute(asked).mappings()]


By = Literal["day", "bundle", "version", "route", "label", "why", "outcome"]
"""`label` is the bundle's own, as far as it is known."""


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
    own_label = sql.func.coalesce(ANSWERS.c.own_label, ANSWERS.c.label).label("label")
    computed = {"day": day, "label": own_label}
    columns = [computed[name] if name in computed else ANSWERS.c[name] for name in by]
    own_probability = sql.case(
        (ANSWERS.c.narrowed, None),
        (ANSWERS.c.route != "escalated", ANSWERS.c.probability),
        else_=ANSWERS.c.own_probability,
    )
    asked_elsewhere = sql.case((ANSWERS.c.route == "review", 0.0 * ANSWERS.c.hosted), else_=ANSWERS.c.hosted)
    figures = {
        "n": sql.func.count(),
        "n_narrowed": _count(ANSWERS.c.narrowed),
        "n_disputed": _count(ANSWERS.c.disputed),
        "n_unheld": _count(ANSWERS.c.has_threshold == sql.false()),
        "n_priced": sql.func.count(ANSWERS.c.hosted),
        "probability": sql.func.avg(own_probability),
        "n_requests": sql.func.sum(1.0 / ANSWERS.c.n_texts),
        "latency_ms": sql.func.sum(ANSWERS.c.latency_ms / ANSWERS.c.n_texts) / sql.func.sum(1.0 / ANSWERS.c.n_texts),
        "cost": sql.func.sum(ANSWERS.c.cost),
        "saved": sql.func.sum(asked_elsewhere - ANSWERS.c.cost),
        "first": sql.func.min(ANSWERS.c.at),
        "last": sql.func.max(ANSWERS.c.at),
    }
    asked = sql.select(*columns, *figures.values()).group_by(*columns).order_by(*columns)
    if since is not None:
        asked = asked.where(ANSWERS.c.at >= since)
    with _connected(url) as connection:
        rows = [tuple(row) for row in connection.execute(asked)]
    return [Tally(of=_in_common(row, by), **dict(zip(figures, row[len(by) :], strict=True))) for row in rows]


def _count(column: sql.ColumnElement[bool]) -> sql.ColumnElement[int]:
    return sql.func.sum(sql.case((column, 1), else_=0))


def _in_common(row: tuple[Any, ...], by: Sequence[By]) -> tuple[str, ...]:
    return tuple(
        datetime.fromtimestamp(value * DAY_S, tz=UTC).date().isoformat() if name == "day" else str(value or "")
        for name, value in zip(by, row, strict=False)
    )

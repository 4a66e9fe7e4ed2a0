"""The table that the ledger of answers is, in SQLite or another database: found, made, brought up to date."""

from __future__ import annotations

from pathlib import Path
from time import time
from typing import Any, Literal, get_args

import sqlalchemy as sql
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from suffice.errors import Problem, StorageError

DAY_S = 86_400.0
BUSY_MS = 2_000
"""How long SQLite waits for another who writes."""

Outcome = Literal["answered", "invented", "failed", "resting", "busy", "late", "capped"]
"""What became of a message at an endpoint. `invented`: what it says is no label that may be answered; `capped`: asking
could cost more than it may."""

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
    sql.Column("own_label", sql.Text),
    sql.Column("own_probability", sql.Float),
    sql.Column("outcome", sql.String(20)),
    sql.Column("has_threshold", sql.Boolean),
)
LATER = (
    "scope",
    "narrowed",
    "disputed",
    "hosted",
    "why",
    "n_texts",
    "own_label",
    "own_probability",
    "outcome",
    "has_threshold",
)
"""Columns that ledgers of before do not have; they are put in, empty or with their default, when one is opened."""


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
        file = file_of(engine)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _write_ahead if begins else _overwrite)
        if not begins and ((file and not file.exists()) or not sql.inspect(engine).has_table(ANSWERS.name)):
            raise _no_ledger(url)
        if file:
            file.touch(mode=0o600)  # Messages may be kept in it.
        make_table(engine)
    except (SQLAlchemyError, ImportError, OSError) as error:
        raise no_database(url, error) from error
    return engine


def file_of(engine: sql.Engine) -> Path | None:
    """The file of a ledger in SQLite; None of any other.

    Args:
        engine: a connection to it.
    """
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return Path(name) if name else None


def make_table(engine: sql.Engine) -> None:
    """Makes the table, or the columns that one of before lacks; another process may be faster.

    Args:
        engine: a connection to the database.
    """
    _metadata.create_all(engine)
    for name in _missing(engine):
        column = sql.schema.CreateColumn(ANSWERS.c[name]).compile(dialect=engine.dialect)
        try:
            with engine.begin() as connection:
                connection.execute(sql.text(f"ALTER TABLE {ANSWERS.name} ADD COLUMN {column}"))
                if name == "outcome":  # Ledgers of before have it where it was flagged for, whose own reason is lost.
                    moved = ANSWERS.update().where(ANSWERS.c.why.in_(get_args(Outcome)))
                    connection.execute(moved.values(outcome=ANSWERS.c.why, why=None))
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
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")
    _overwrite(connection, _)


def _overwrite(connection: Any, _: object) -> None:
    """What is deleted is overwritten with zeros, and not left in pages that are free.

    Source: SQLite documentation, PRAGMA secure_delete.
    """
    connection.execute("PRAGMA secure_delete=ON")


def no_database(url: str, error: Exception) -> StorageError:
    """What a person is told of a database that fails.

    Args:
        url: of the ledger.
        error: what it failed of.
    """
    fix = "name one as SQLAlchemy does, in a folder that is there: sqlite:////folder/file.sqlite"
    if isinstance(error, ImportError):
        fix = f"install its driver: pip install {error.name}; or name another: postgresql+DRIVER://..."
    rule, got = "must be a database that can be written", str(error).splitlines()[0]
    return StorageError(Problem(where=shown(url), rule=rule, got=got, fix=fix))


def _no_ledger(url: str) -> StorageError:
    rule, got = "must be a ledger that a server has written", "none is there"
    fix = "name the one that `suffice serve` was started with (--ledger)"
    return StorageError(Problem(where=shown(url), rule=rule, got=got, fix=fix))


def shown(url: str) -> str:
    """A ledger's name without its password.

    Args:
        url: of the ledger.
    """
    try:
        return sql.make_url(url).render_as_string(hide_password=True) if "://" in url else url
    except SQLAlchemyError:
        return "--ledger"  # What cannot be read may have a password anywhere.


def empty_log(engine: sql.Engine, *, wait_ms: int) -> bool:
    """Takes what was deleted out of SQLite's log as well, which has the pages as they were.

    Args:
        engine: a connection to a ledger, in no transaction.
        wait_ms: how long those who read are waited for.

    Returns:
        Whether it is empty: somebody who reads at that moment keeps it. True of other databases.

    Source: SQLite documentation, PRAGMA wal_checkpoint(TRUNCATE).
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={wait_ms}")
        (is_held, _, _) = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")
    return not is_held


def delete_older(connection: sql.Connection, keep_days: float, *, bundle: str | None = None) -> int:
    """Takes old answers out.

    Args:
        connection: to a ledger.
        keep_days: those of so many days stay.
        bundle: whose; None for any.

    Returns:
        How many went.
    """
    old = ANSWERS.delete().where(ANSWERS.c.at < time() - keep_days * DAY_S)
    return connection.execute(old if bundle is None else old.where(ANSWERS.c.bundle == bundle)).rowcount

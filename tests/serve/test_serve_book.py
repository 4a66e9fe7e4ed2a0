"""What is written down of an answer."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace

from suffice.bundles.answer import Answer
from suffice.serve.book import Book, BookSettings
from suffice.serve.escalation import Escalated


def written(folder: Path, text: str, *, keep_text: bool) -> tuple[object, ...]:
    settings = BookSettings(url=f"sqlite:///{folder}/a.sqlite", keep_text=keep_text)
    book = Book(settings, lost=lambda _: None, keep_days_of=dict)
    answer = Answer(
        text=text,
        label="card",
        probability=1.0,
        probabilities={"card": 1.0},
        out_of_scope=0.5,
        outside=False,
        route="local",
        truncated=False,
    )
    clerk = SimpleNamespace(name="clerk", version="1", hosted=None)
    book.write(clerk, [Escalated(answer=answer)], narrowed=False, latency_ms=1.0, busy_s=0.0)
    book.close()
    with sqlite3.connect(folder / "a.sqlite") as connection:
        return connection.execute("select text, text_hash from answers").fetchone()


def test_no_message_holds_what_a_database_refuses(tmp_path):
    text, hashed = written(tmp_path / "kept", "my\0card", keep_text=True)
    assert text == "my\ufffdcard"
    # The hash is that of the message as it came.
    assert written(tmp_path / "not", "my\0card", keep_text=False) == (None, hashed)
    assert written(tmp_path / "other", "my\ufffdcard", keep_text=False)[1] != hashed

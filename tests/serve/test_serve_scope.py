"""A message outside of what a bundle was taught, over HTTP: flagged, for review, and written down."""

from __future__ import annotations

import shutil
import sqlite3

import pytest

import suffice
from messages import message_rows
from scopes import scope
from served import served
from suffice.bundles.folder import add_calibration


def test_what_lies_outside_is_told_and_written_into_the_ledger(fitted, tmp_path):
    texts = [message_rows(1)[0].text, "zzzz qqqq", ""]
    bundle = shutil.copytree(fitted.bundle("tfidf"), tmp_path / "clerk")
    add_calibration(bundle, promise=None, scope=scope(None))
    near, far, _ = [one.out_of_scope for one in suffice.load(bundle).classify(texts)]
    add_calibration(bundle, promise=None, scope=scope((near + far) / 2))
    with served(bundle, home=tmp_path / "home") as up:
        results = up.ask("/classify", {"model": "clerk", "texts": texts}).body["results"]
        assert up.chat("clerk", texts[1]).headers["x-suffice-route"] == "review"
        up.end()
    with sqlite3.connect(tmp_path / "home" / "answers.sqlite") as connection:
        written = sorted(connection.execute("select route, coalesce(scope, 9999) from answers").fetchall())
    assert [one["route"] for one in results] == ["local", "review", "review"]
    assert [one["outside"] for one in results] == [False, True, False]
    assert [one["out_of_scope"] for one in results] == [pytest.approx(near), pytest.approx(far), None]
    assert [route for route, _ in written] == ["local", "review", "review", "review"]
    assert [far_off for _, far_off in written] == pytest.approx([near, far, far, 9999.0])

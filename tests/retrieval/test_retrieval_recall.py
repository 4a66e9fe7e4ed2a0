"""Recall counts questions against their gold links."""

from __future__ import annotations

import pytest

from suffice.errors import DataError
from suffice.records.progress import SILENT
from suffice.retrieval.index import Index
from suffice.retrieval.recall import recalls

ROWS = """{"id": "r1", "text": "apples are red"}
{"id": "r2", "text": "pears are green and pears are soft"}
{"id": "r3", "text": "pears grow on trees"}
"""


@pytest.fixture
def index(write, read) -> Index:
    write("kb.jsonl", ROWS)
    write("plums.md", "# Plums\nPlums are blue.\n")
    return Index.build(read(), encoder=None, progress=SILENT)


def test_a_question_is_found_once_one_of_its_links_is_among_the_first(index: Index):
    questions = {"a": "red apples", "b": "pears and trees", "c": "pears", "d": "blue plums", "e": "gold", "f": "none"}
    gold = {"a": ["r1"], "b": ["kb.jsonl#r2"], "c": ["r9", "r3", "r2"], "d": ["plums.md"], "e": ["r9"], "f": []}
    first, two = recalls(index, questions, gold, ks=[1, 2])
    # By hand: r2 has `and`, r3 has `trees`; the shorter r3 leads for b, and r2 is second.
    assert (first.way, first.k, first.n, first.n_found, first.recall) == ("bm25", 1, 5, 3, 0.6)
    assert (first.missed, first.not_there, first.n_without_gold) == (("b",), ("e",), 1)
    assert (two.n_found, two.missed) == (4, ())
    # Clopper-Pearson for 3 of 5, as scipy.stats.binomtest(3, 5).proportion_ci() gives it.
    assert (first.interval.low, first.interval.high) == pytest.approx((0.14663, 0.94726), abs=1e-5)


def test_no_gold_link_is_an_error_not_a_zero(index: Index):
    with pytest.raises(DataError, match=r"questions with a gold link: .*\n  got: 0 rows"):
        recalls(index, {"a": "apples"}, {}, ks=[1])

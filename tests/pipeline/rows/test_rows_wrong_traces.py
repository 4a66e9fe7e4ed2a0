"""Which rows have a trace that is wrong: by its arithmetic, or by an answer that it does not come to."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from suffice.dataset.questions import question_rows
from suffice.pipeline.rows.wrong_traces import has_traces, wrong_traces
from suffice.records.answers import Gold
from suffice.records.dataset import Dataset
from word_sums import questions

RIGHT, *_ = questions(1)
TRACES = {
    "right": Gold(answer="12", trace="2 + 10 = 12"),
    "a sum that does not add up": Gold(answer="13", trace="2 + 10 = 13"),
    "another last line": Gold(answer="13", trace="2 + 10 = 12"),
    "nothing computed": Gold(answer="12", trace="That is easy to see."),
    "no trace": Gold(answer="12", trace=None),
}


def data_of(golds: dict[str, Gold]) -> Dataset:
    rows = [replace(RIGHT, id=name, text=f"How many: {name}?", gold=gold) for name, gold in golds.items()]
    return Dataset(table=pa.Table.from_batches([question_rows(rows)]), name="made")


def test_a_trace_is_wrong_where_the_audit_finds_it_so() -> None:
    found = dict(zip(TRACES, wrong_traces(data_of(TRACES)).tolist(), strict=True))
    assert [name for name, wrong in found.items() if wrong] == ["a sum that does not add up", "another last line"]


def test_rows_without_any_trace_explain_nothing() -> None:
    assert has_traces(data_of(TRACES))
    assert not has_traces(data_of({"no trace": TRACES["no trace"]}))

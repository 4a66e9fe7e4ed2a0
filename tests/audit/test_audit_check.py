import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suffice.audit.audit import CHECKS
from suffice.audit.check import always

ROWS = st.lists(
    st.tuples(st.sampled_from("tuv"), st.sampled_from("abcx"), st.sampled_from(["train", "validation", "test"])),
    min_size=1,
)

SINGLE = {"empty_text": "", "one_label": "hello", "personal_data": "write to jo@example.org"}
"""Checks that can run on any rows, and a row by itself that they find something in."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # The fixture keeps nothing between examples.
@given(ROWS)
def test_rows_of_labels_and_rows_outside_are_all_rows_once(audited, rows):
    seen = audited(rows, declared="abc")
    of_label = [row for positions in seen.rows_of_label for row in positions.tolist()]
    outside = [row for row, (_, label, _) in enumerate(rows) if label == "x"]
    assert sorted(of_label + outside) == list(range(len(rows)))
    for k, positions in enumerate(seen.rows_of_label):
        assert all(rows[row][1] == "abc"[k] for row in positions)
        assert (np.diff(positions) > 0).all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_counts_are_those_of_a_plain_loop(audited, rows):
    seen = audited(rows, declared="abc")
    for k, name in enumerate("abc"):
        mine = [(text, split) for text, label, split in rows if label == name]
        assert seen.label_counts("train", "test")[k] == sum(split != "validation" for _, split in mine)
        # Rows of one text are one group.
        assert seen.group_counts("train", "test")[k] == len({text for text, split in mine if split != "validation"})
        assert len(seen.of_label_in(k, "test")) == sum(split == "test" for _, split in mine)
        assert (seen.y[seen.in_test] == k).sum() == sum(split == "test" for _, split in mine)


def test_these_checks_alone_can_run_on_any_rows():
    assert {check.code for check in CHECKS if check.needs is always} == set(SINGLE)


@pytest.mark.parametrize(("code", "text"), SINGLE.items())
def test_a_single_row_is_enough_for_them(found, code, text):
    [finding] = found(code, [(text, "a", "train")])
    assert finding.severity != "note"

"""Cells that no spreadsheet computes, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.store.spreadsheet import as_cell, text_in

# How formulas begin: OWASP, CSV Injection.
BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@pytest.mark.parametrize("begin", BEGINS)
def test_what_a_spreadsheet_would_compute_is_marked(begin):
    assert as_cell(f"{begin}1") == f"'{begin}1"


def test_other_texts_stay_as_they_are():
    assert [as_cell(text) for text in ("", "a=1", "'quoted'", "1-1", "'")] == ["", "a=1", "'quoted'", "1-1", "'"]


@given(st.text(st.sampled_from("'=-a1 \t"), max_size=6))
def test_no_cell_begins_as_a_formula_and_every_text_comes_back(text):
    assert not as_cell(text).startswith(BEGINS)
    assert text_in(as_cell(text)) == text


def test_a_mark_that_a_spreadsheet_dropped_is_not_missed():
    assert text_in("=1+1") == "=1+1"

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.copies import find, find_copies
from suffice.copies.find import find_by
from suffice.records.copies import CutComponent
from suffice.records.progress import SILENT

LONG = "where is the card that I have ordered"
WORDS = ["Card lost", "card lost!", "refund", "?", "", LONG, f"{LONG}s", f"{LONG.upper()}!", f"{LONG}st"]


def parts(codes: np.ndarray) -> list[list[int]]:
    return sorted(np.flatnonzero(codes == code).tolist() for code in np.unique(codes))


def test_copies_are_found_at_three_levels():
    copies = find_copies(["Card lost", LONG, "card  lost!", "Card lost", f"{LONG}s"], progress=SILENT)
    assert parts(copies.exact) == [[0, 3], [1], [2], [4]]
    assert parts(copies.normalised) == [[0, 2, 3], [1], [4]]
    assert parts(copies.near) == [[0, 2, 3], [1, 4]]
    assert (copies.threshold, copies.method, copies.miss_rate, copies.cut) == (0.8, "exact", 0.0, ())


@given(st.lists(st.sampled_from(WORDS), max_size=20), st.sampled_from(["exact", "minhash"]))
def test_each_level_contains_the_one_before_it(texts, method):
    copies = find_by(texts, method=method, progress=SILENT)
    assert len(copies.exact) == len(copies.normalised) == len(copies.near) == len(texts)
    assert (copies.miss_rate > 0) == (method == "minhash")
    for fine, coarse in ((copies.exact, copies.normalised), (copies.normalised, copies.near)):
        assert all(len(set(coarse[fine == code].tolist())) == 1 for code in np.unique(fine))


def test_beyond_so_many_rows_minhash_proposes_the_pairs(monkeypatch):
    monkeypatch.setattr(find, "MAX_EXACT", 2)
    assert find_copies([LONG, "refund"], progress=SILENT).method == "exact"
    copies = find_copies([LONG, f"{LONG}s", "refund"], progress=SILENT)
    assert copies.method == "minhash"
    assert 0 < copies.miss_rate < 0.002
    assert parts(copies.near) == [[0, 1], [2]]


@pytest.mark.parametrize("method", ["exact", "minhash"])
def test_near_copies_that_chain_over_a_twentieth_of_the_rows_are_parted_at_a_higher_threshold(method):
    # Each is the one before it with one letter more at the end: neighbours share 40 of 41 5-grams and more, 0.976.
    letters = "".join(np.random.default_rng(0).choice(list("abcdefghijklmnopqrstuvwxyz"), size=100))
    chain = [letters[:n] for n in range(44, 85)]
    others = [f"{letters[n : n + 12][::-1]}" for n in range(80)]
    copies = find_by([*chain, *others], method=method, progress=SILENT)
    assert copies.cut == (CutComponent(n_rows=41, threshold=1.0),)
    assert len(np.unique(copies.near)) == 121


def test_a_chain_of_no_more_than_twenty_rows_stays_whole():
    chain = [f"{LONG} of late {'x' * n}" for n in range(1, 5)]
    copies = find_copies([*chain, "refund"], progress=SILENT)
    assert parts(copies.near) == [[0, 1, 2, 3], [4]]
    assert copies.cut == ()


def test_copies_of_one_canonical_text_are_never_parted_however_many():
    copies = find_copies([LONG, f"{LONG}!"] * 30 + ["refund"], progress=SILENT)
    assert len(np.unique(copies.near)) == 2
    assert copies.cut == ()


def test_some_rows_keep_the_codes_that_they_have_among_all():
    copies = find_copies(WORDS, progress=SILENT)
    taken = copies.take(np.array([5, 0, 6]))
    assert taken.near.tolist() == copies.near[[5, 0, 6]].tolist()
    assert taken.near[0] == taken.near[2] != taken.near[1]

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.copies.minhash import miss_rate
from suffice.copies.near import near_components, near_pairs
from suffice.records.progress import SILENT

METHODS = ["exact", "minhash"]
TEXTS = st.lists(st.text("ab ", max_size=30), min_size=1, max_size=30, unique=True)
EDITS = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 30), st.sampled_from("abc")), max_size=15)


def jaccard(one: str, other: str) -> float:
    """By sets of strings; a text of fewer than five characters is one shingle."""
    first, second = ({text[k : k + 5] for k in range(len(text) - 4)} or {text} for text in (one, other))
    return len(first & second) / len(first | second)


def alike(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    return {(i, j) for i, j in combinations(range(len(texts)), 2) if jaccard(texts[i], texts[j]) >= threshold}


def pairs(texts: list[str], *, threshold: float, method: str) -> set[tuple[int, int]]:
    apart = np.arange(len(texts))
    found = near_pairs(texts, apart, threshold=threshold, method=method, progress=SILENT)
    return {pair for first, second in found for pair in zip(first.tolist(), second.tolist(), strict=True)}


def with_edits(texts: list[str], edits: list[tuple[int, int, str]]) -> list[str]:
    """Texts and some of them again with one letter in another's place."""
    edited = [(texts[n % len(texts)], at, letter) for n, at, letter in edits]
    return list(dict.fromkeys([*texts, *(text[:at] + letter + text[at + 1 :] for text, at, letter in edited)]))


@given(TEXTS, EDITS, st.sampled_from([0.5, 0.8, 0.85, 0.9, 0.95, 1.0]))
def test_the_exact_join_finds_every_pair_and_no_other(texts, edits, threshold):
    texts = with_edits(texts, edits)
    assert pairs(texts, threshold=threshold, method="exact") == alike(texts, threshold)


@given(TEXTS, EDITS)
def test_minhash_finds_pairs_that_are_near_and_no_other(texts, edits):
    texts = with_edits(texts, edits)
    assert pairs(texts, threshold=0.8, method="minhash") <= alike(texts, 0.8)


def test_minhash_misses_hardly_a_pair():
    draw = np.random.default_rng(0)
    texts = ["".join(draw.choice(list("abcdefgh "), size=60)) for _ in range(1_500)]
    edited = [text[:at] + "z" + text[at + 1 :] for text, at in zip(texts, draw.integers(60, size=1_500), strict=True)]
    # Texts of random letters are near none but their own.
    near = {(n, n + 1_500) for n in range(1_500) if jaccard(texts[n], edited[n]) >= 0.8}
    found = pairs([*texts, *edited], threshold=0.8, method="minhash")
    assert len(near) > 1_000
    assert found <= near
    # By the formula 0.0018 of the pairs right at 0.8 are missed, and fewer above it: 3 of these 1,500 or so.
    assert len(near - found) < 8


def test_the_miss_rate_is_that_of_the_formula():
    # (1 - 0.8^4)^12
    assert miss_rate(0.8) == pytest.approx(0.5904**12)
    assert miss_rate(0.8) < 0.002
    assert miss_rate(1.0) == 0.0


@given(TEXTS, EDITS)
def test_components_are_those_of_all_pairs(texts, edits):
    texts = with_edits(texts, edits)
    # By hand: join sets that touch until none do.
    sets = [{n} for n in range(len(texts))]
    for pair in alike(texts, 0.8):
        touching = [one for one in sets if one & set(pair)]
        sets = [one for one in sets if not one & set(pair)] + [set().union(*touching)]
    component = near_components(texts, threshold=0.8, method="exact", progress=SILENT)
    assert sorted(map(sorted, sets)) == sorted(np.flatnonzero(component == c).tolist() for c in np.unique(component))


@pytest.mark.parametrize("method", METHODS)
def test_no_texts_have_no_components(method):
    assert len(near_components([], threshold=0.8, method=method, progress=SILENT)) == 0


@pytest.mark.parametrize("method", METHODS)
def test_thousands_of_near_copies_of_one_message_are_one_component_at_once(method):
    # Twenty million pairs, of which a few thousand are looked at.
    texts = [f"your parcel was sent today and will be with you tomorrow at noon {n}" for n in range(6_000)]
    component = near_components(texts, threshold=0.8, method=method, progress=SILENT)
    assert len(np.unique(component)) == 1

from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suffice.copies import stay_for

TEXTS = st.lists(st.text("ab", max_size=12), min_size=1, max_size=12)


def alike(one, other):
    """Jaccard similarity of the character 5-grams; a shorter text is one of its own."""
    one, other = ({text[i : i + 5] for i in range(max(1, len(text) - 4))} for text in (one, other))
    return len(one & other) / len(one | other)


@given(TEXTS)
def test_each_text_goes_for_the_first_near_one_that_stays_or_stays(texts):
    stays = []
    for row, found in enumerate(stay_for(texts, threshold=0.8).tolist()):
        near = [other for other in stays if alike(texts[row], texts[other]) >= 0.8]
        assert found == (near[0] if near else row)
        stays += [] if near else [row]


# 6,000 texts of which none is near another: a square matrix of them alone would be 288 MB.
def test_memory_grows_with_the_characters_and_not_with_the_square_of_the_texts():
    texts = [f"{number * 7919:012}" for number in range(6_000)]
    tracemalloc.start()
    found = stay_for(texts, threshold=0.8)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000
    assert np.unique(found).size > 4_000

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from suffice.text.shingles import HASH_BITS, shingle_sets

TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text("ab", max_size=12), max_size=8
)


@given(TEXTS)
def test_shingles_are_the_sets_of_five_characters_in_a_row(texts):
    by_hand = [{text[k : k + 5] for k in range(len(text) - 4)} or {text} for text in texts]
    sets = shingle_sets(texts)
    hashed = [set(sets.hashes[a:b].tolist()) for a, b in zip(sets.starts, sets.starts[1:], strict=False)]
    assert sets.sizes.tolist() == list(map(len, hashed)) == list(map(len, by_hand))
    for i, j in combinations(range(len(texts)), 2):
        assert len(hashed[i] & hashed[j]) == len(by_hand[i] & by_hand[j])
    assert all(value < 1 << HASH_BITS for value in sets.hashes.tolist())


def test_a_short_text_is_one_shingle_and_not_another_short_text_s():
    sets = shingle_sets(["", "a", "aa", "aaaaa", "\x00", "\x00\x00"])
    assert sets.sizes.tolist() == [1] * 6
    assert len(set(sets.hashes.tolist())) == 6

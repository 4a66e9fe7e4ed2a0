from hypothesis import given
from hypothesis import strategies as st

from suffice.dataset.repeats import SeenIds, first_repeats

batches = st.lists(st.lists(st.text("ab", max_size=3)))


@given(batches=batches)
def test_repeats_are_counted_and_named_as_a_set_would(batches):
    seen, ids = SeenIds(), [id_ for batch in batches for id_ in batch]
    for batch in batches:
        seen.add(batch)
    repeats = seen.repeats()
    assert repeats.n == len(ids) - len(set(ids))
    again = [(str(n), id_, str(ids.index(id_))) for n, id_ in enumerate(ids) if id_ in ids[:n]]
    places = [(str(n), id_) for n, id_ in enumerate(ids)]
    assert first_repeats(places, hashes=repeats.hashes) == again[:20]


def test_a_hash_met_twice_by_chance_names_no_id():
    assert first_repeats([("1", "a"), ("2", "b")], hashes=frozenset([hash("a"), hash("b")])) == []

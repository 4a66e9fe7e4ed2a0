import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from split_rows import data_of, places, rows_of, split

from suffice.copies import find_copies
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES
from suffice.split import inherit_splits

STEMS = [
    "where is the card that I have ordered",
    "please give me back the money for the parcel",
    "somebody has taken my telephone on the train",
    "can you tell me how to change my address",
    "why was this fee taken from my account twice",
]
TEXTS = st.builds(
    lambda stem, end, case: case(stem + end),
    st.sampled_from(STEMS),
    st.sampled_from(["", "s", "st", "?", " a", " and why so", " and what now"]),
    st.sampled_from([str, str.upper]),
)
CUSTOMERS = st.sampled_from([None, None, None, "ann", "bob", "cem"])
ROWS = st.lists(st.tuples(TEXTS, CUSTOMERS), min_size=1, max_size=20).map(
    lambda rows: rows_of([text for text, _ in rows], group=[group for _, group in rows])
)
SEEDS = st.integers(-3, 3)


def groups(rows: list[dict[str, object]]) -> dict[object, int]:
    return dict(zip([row["id"] for row in rows], split(rows, near=True).groups.tolist(), strict=True))


@given(ROWS, SEEDS)
def test_no_group_spans_two_splits(rows, seed):
    splits = split(rows, seed=seed, near=True)
    near = find_copies([str(row["text"]) for row in rows], progress=SILENT).near
    for codes in (splits.groups, near):
        assert all(len(set(splits.codes[codes == code].tolist())) == 1 for code in np.unique(codes))
    assert not any(splits.n_leaked.values())


@given(ROWS, st.data())
def test_relabelling_any_row_moves_nothing(rows, data):
    labels = data.draw(st.lists(st.sampled_from("abc"), min_size=len(rows), max_size=len(rows)))
    changed = [row | {"label": label} for row, label in zip(rows, labels, strict=True)]
    assert places(changed, near=True) == places(rows, near=True)


@given(ROWS, st.data())
def test_dropping_rows_moves_no_row_outside_the_groups_that_they_stood_in(rows, data):
    kept = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row["id"]))
    kept = [row for row in rows if row in kept]
    of_row, before, after = groups(rows), places(rows, near=True), places(kept, near=True)
    touched = {of_row[row["id"]] for row in rows if row not in kept}
    assert all(after[name] == before[name] for name in after if of_row[name] not in touched)


@given(ROWS, ROWS)
def test_adding_rows_moves_only_rows_of_groups_that_one_of_them_joins(rows, added):
    added = [row | {"id": f"new {row['id']}"} for row in added]
    of_row, joined = groups(rows), groups(rows + added)
    before, after = places(rows, near=True), places(rows + added, near=True)
    for name in before:
        mates = {of_row[other] for other in before if joined[other] == joined[name]}
        assert before[name] == after[name] or len(mates) > 1


@given(ROWS, st.data())
def test_with_exact_and_normalised_copies_alone_adding_and_dropping_move_nothing_at_all(rows, data):
    # As many texts as stems, so that none is a near-copy of another, and no customers.
    plain = [row | {"text": stem, "group": None} for row in rows for stem in STEMS if str(row["text"]).startswith(stem)]
    plain = [row | {"text": data.draw(st.sampled_from([row["text"], f"{row['text']}?!"]))} for row in plain]
    kept = data.draw(st.lists(st.sampled_from(plain), unique_by=lambda row: row["id"])) if plain else []
    whole = places(plain, near=True)
    assert places(kept, near=True) == {row["id"]: whole[row["id"]] for row in kept}


@given(ROWS, st.data())
def test_a_later_version_s_rows_stand_where_the_first_version_had_them(rows, data):
    kept = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True, min_size=1))
    cleaned = [rows[n] | {"label": "another"} for n in kept]
    first = split(rows, near=True)
    splits = inherit_splits(data_of(cleaned, name="clean-1"), first, np.array(kept))
    assert splits.codes.tolist() == first.codes[kept].tolist()
    assert splits.groups.tolist() == first.groups[kept].tolist()
    assert (splits.keys, splits.brought) == (first.keys, first.brought)
    assert splits.n_leaked == dict.fromkeys(SPLIT_NAMES[1:], 0)


def test_a_later_version_s_hashes_and_leaks_are_those_of_its_own_rows():
    rows = rows_of([STEMS[0], STEMS[0], STEMS[1]], split=["train", "test", "test"])
    first = split(rows, near=True)
    assert first.n_leaked["test"] == 1
    same = inherit_splits(data_of(rows), first, np.arange(3))
    assert (same.sha256, same.test_sha256, same.n_leaked["test"]) == (first.sha256, first.test_sha256, 1)
    cleaned = inherit_splits(data_of(rows[1:]), first, np.array([1, 2]))
    assert (cleaned.test_sha256, cleaned.n_leaked["test"]) == (first.test_sha256, 0)
    assert cleaned.sha256 != first.sha256
    relabelled = inherit_splits(data_of([*rows[:2], rows[2] | {"label": "b"}]), first, np.arange(3))
    assert (relabelled.sha256, relabelled.test_sha256 == first.test_sha256) == (first.sha256, False)

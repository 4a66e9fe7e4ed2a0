from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suffice.copies import find_copies, group_rows
from suffice.records.progress import SILENT
from suffice.records.splits import CopyGroups

LONG = "where is the card that I have ordered"
WORDS = st.sampled_from(["Card lost", "card lost!", "refund", "Refund?", "hello", "?", LONG, f"{LONG}s", f"{LONG}st"])
CUSTOMERS = st.sampled_from([None, "ann", "bob", "cem"])
ROWS = st.lists(st.tuples(WORDS, CUSTOMERS), max_size=12)


def grouped(rows: list[tuple[str, str | None]]) -> CopyGroups:
    texts = [text for text, _ in rows]
    return group_rows(texts, [group for _, group in rows], find_copies(texts, progress=SILENT).near)


def named(rows: list[tuple[str, str | None]]) -> list[str]:
    groups = grouped(rows)
    return [groups.keys[code] for code in groups.codes]


def test_exact_normalised_and_near_copies_are_one_group():
    rows = [(text, None) for text in ("Card lost", LONG, "card  lost!", "refund", "Card lost", f"{LONG}s")]
    assert grouped(rows).codes.tolist() == [0, 1, 0, 2, 0, 1]
    assert len(grouped(rows).keys) == 3


def test_rows_of_one_customer_are_one_group_whatever_they_say():
    assert grouped([("card lost", "ann"), ("refund", "bob"), ("hello", "ann")]).codes.tolist() == [0, 1, 0]


def test_a_group_is_named_by_its_first_row():
    rows = [("card lost", "bob"), ("refund", "bob"), ("hello", "ann"), ("Refund!", "ann")]
    assert set(named(rows)) == set(named([("anything", "bob")]))
    assert set(named([(f"{LONG}s", None), (LONG, "ann")])) == set(named([(f"{LONG.upper()}S!", None)]))


def test_a_customer_named_as_a_message_reads_is_not_that_message():
    assert grouped([("hello", None), ("bye", "hello")]).codes.tolist() == [0, 1]


def test_no_rows_have_no_groups():
    assert (len(grouped([]).codes), grouped([]).keys) == (0, ())


@given(ROWS)
def test_groups_are_what_follows_from_sharing_a_copy_or_a_customer_and_no_more(rows):
    # By hand: join sets that touch until none do.
    sets: list[set[int]] = []
    tokens: dict[object, set[int]] = defaultdict(set)
    near = find_copies([text for text, _ in rows], progress=SILENT).near
    for row, (_, group) in enumerate(rows):
        tokens["near", near[row]].add(row)
        if group is not None:
            tokens["group", group].add(row)
    for members in tokens.values():
        touching = [other for other in sets if other & members]
        sets = [other for other in sets if not other & members] + [members.union(*touching)]
    codes = grouped(rows).codes
    assert sorted(map(sorted, sets)) == sorted(np.flatnonzero(codes == code).tolist() for code in np.unique(codes))


@given(ROWS, ROWS)
def test_rows_that_are_added_leave_every_name_as_it_was_unless_they_join_two_groups(rows, added):
    before, after = named(rows), named(rows + added)
    for name, new in zip(before, after, strict=False):
        # The name of what was joined is that of the one whose first row comes first.
        joined = {other for other, now in zip(before, after, strict=False) if now == new}
        assert name == new or (len(joined) > 1 and new in joined)


@given(ROWS)
def test_every_group_has_a_name_of_its_own(rows):
    groups = grouped(rows)
    assert len(set(groups.keys)) == len(groups.keys) == len(np.unique(groups.codes))

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suffice.copies import group_rows
from suffice.text.normalise import canonical

WORDS = st.sampled_from(["Card lost", "card lost!", "refund", "Refund?", "hello", "?", "!"])
CUSTOMERS = st.sampled_from([None, "ann", "bob", "cem"])
ROWS = st.lists(st.tuples(WORDS, CUSTOMERS), max_size=12)


def named(rows: list[tuple[str, str | None]]) -> list[str]:
    grouped = group_rows([text for text, _ in rows], [group for _, group in rows])
    return [grouped.keys[code] for code in grouped.codes]


def test_exact_and_normalised_copies_are_one_group():
    grouped = group_rows(["Card lost", "refund", "card  lost!", "Card lost"], [None] * 4)
    assert grouped.codes.tolist() == [0, 1, 0, 0]
    assert len(grouped.keys) == 2


def test_rows_of_one_customer_are_one_group_whatever_they_say():
    assert group_rows(["card lost", "refund", "hello"], ["ann", "bob", "ann"]).codes.tolist() == [0, 1, 0]


def test_a_text_that_two_customers_share_makes_them_one_group_named_by_the_first():
    rows = [("card lost", "bob"), ("refund", "bob"), ("hello", "ann"), ("Refund!", "ann")]
    assert set(named(rows)) == set(named([("anything", "ann")]))


def test_a_customer_named_as_a_message_reads_is_not_that_message():
    assert group_rows(["hello", "bye"], [None, "hello"]).codes.tolist() == [0, 1]


def test_no_rows_have_no_groups():
    grouped = group_rows([], [])
    assert (len(grouped.codes), grouped.keys) == (0, ())


@given(ROWS)
def test_groups_are_what_follows_from_sharing_a_text_or_a_customer_and_no_more(rows):
    # By hand: join sets that touch until none do.
    sets: list[set[int]] = []
    tokens: dict[object, set[int]] = defaultdict(set)
    for row, (text, group) in enumerate(rows):
        tokens["text", canonical(text)].add(row)
        if group is not None:
            tokens["group", group].add(row)
    for members in tokens.values():
        touching = [other for other in sets if other & members]
        sets = [other for other in sets if not other & members] + [members.union(*touching)]
    codes = group_rows([text for text, _ in rows], [group for _, group in rows]).codes
    assert sorted(map(sorted, sets)) == sorted(np.flatnonzero(codes == code).tolist() for code in np.unique(codes))


@given(ROWS, st.randoms(use_true_random=False))
def test_a_group_s_name_does_not_depend_on_the_order_of_the_rows(rows, random):
    order = random.sample(range(len(rows)), len(rows))
    assert [named(rows)[row] for row in order] == named([rows[row] for row in order])


@given(ROWS)
def test_every_group_has_a_name_of_its_own(rows):
    grouped = group_rows([text for text, _ in rows], [group for _, group in rows])
    assert len(set(grouped.keys)) == len(grouped.keys) == len(np.unique(grouped.codes))

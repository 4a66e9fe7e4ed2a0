import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suffice.audit.copy_groups import BY_HAND, IN_CONFLICT, IS_COPY, clean_fates, clean_fix, copy_groups
from suffice.review.clean import clean_rows
from suffice.review.settle import Settled

CODES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12)

STEM = "where is my card, it has not come"
ROWS = st.lists(
    st.tuples(
        st.sampled_from([STEM, STEM.upper(), f"{STEM}e", "thanks"]),
        st.sampled_from("abc"),
        st.sampled_from(["train", "train", "validation", "test"]),
    ),
    min_size=1,
    max_size=9,
)


@given(CODES)
def test_every_group_of_two_or_more_comes_once_unless_a_stricter_level_tells_it(pairs):
    wide = np.array([code for code, _ in pairs], dtype=np.int64)
    strict = np.array([3 * code + part for code, part in pairs], dtype=np.int64)
    groups = [[row for row in range(len(wide)) if wide[row] == code] for code in dict.fromkeys(wide.tolist())]
    many = [rows for rows in groups if len(rows) > 1]
    assert [rows.tolist() for rows in copy_groups(wide)] == many
    assert [rows.tolist() for rows in copy_groups(wide, told=strict)] == [
        rows for rows in many if len(set(strict[rows].tolist())) > 1
    ]


KEEPS = "run `suffice clean`, which keeps one of the training rows that are copies or near-copies under one label"
SETTLES = "settle the label as label_conflict says (or unknown_label); `suffice clean` drops training rows of a message"
NONE = "`suffice clean` drops none of them: no two copies under one label stand in train"
NEAR = (f"{STEM}e", "a", "train")


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([("a", "train")], [KEEPS]),
        ([("b", "train")], [SETTLES]),
        # Whoever is in conflict goes, the two that agree as well.
        ([("a", "train"), ("b", "train")], [SETTLES]),
        ([("a", "validation"), ("a", "test")], [NONE]),
        ([("b", "test")], [NONE]),
    ],
)
def test_the_fix_says_what_cleaning_will_do(audited, others, said):
    seen = audited([(STEM, "a", "train"), *((STEM, *other) for other in others), ("thanks", "b", "train")])
    fix = clean_fix(clean_fates(seen)[:-1], kind="classify")
    assert [way for way in (KEEPS, SETTLES, NONE) if way in fix] == said


def test_a_single_training_row_whose_near_copy_stands_in_train_may_go(audited):
    rows = [(STEM, "a", split) for split in ("train", "test")]
    assert KEEPS in clean_fix(clean_fates(audited([*rows, NEAR]))[:2], kind="classify")


def test_near_copies_under_two_labels_both_stay(audited):
    rows = [(STEM, "b", "train"), NEAR]
    assert clean_fix(clean_fates(audited(rows)), kind="classify") == NONE


def test_of_questions_no_tools_are_spoken_of():
    by_hand = np.full(2, BY_HAND)
    assert "that have the same context, and have what is right" in clean_fix(by_hand, kind="answer")
    assert "that have the same context and tools, and have what is right" in clean_fix(by_hand, kind="tools")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # The fixture keeps nothing between examples.
@given(ROWS)
def test_what_is_said_of_cleaning_is_what_cleaning_does(audited, rows):
    seen = audited(rows)
    nothing = Settled(outcomes={}, blind=frozenset(), by={}, problems=())
    cleaned = clean_rows(seen.data, seen.splits, seen.copies, nothing, also_test=False)
    fates = clean_fates(seen)
    why = {change.row: change.why for change in cleaned.changes}
    assert {row for row in why if why[row] == "two labels, nobody decided"} == set(np.flatnonzero(fates == IN_CONFLICT))
    copies = np.flatnonzero(fates == IS_COPY)
    gone = {row for row in why if why[row].startswith("copy: ")}
    assert gone <= set(copies)
    kept = [(seen.copies.near[row], rows[row][1]) for row in copies if row not in gone]
    assert len(kept) == len(set(kept)) == len({(seen.copies.near[row], rows[row][1]) for row in copies})

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from split_rows import places, rows_of, split

from suffice.records.splits import SPLIT_NAMES

TEXTS = st.lists(st.sampled_from([f"message {n}" for n in range(12)]), min_size=1, max_size=25)
CUSTOMERS = st.sampled_from([None, "ann", "bob", "cem", "dee"])
SPLITS = st.sampled_from([None, *SPLIT_NAMES])
LEAKY = rows_of(
    ["same", "same", "other", "third", "of the same customer"],
    split=["train", "test", "test", "test", "validation"],
    group=[None, None, None, "ann", "ann"],
)


def codes_by_group(rows: list[dict[str, object]], *, seed: int = 0) -> dict[int, set[int]]:
    splits = split(rows, seed=seed)
    return {group: set(splits.codes[splits.groups == group].tolist()) for group in np.unique(splits.groups).tolist()}


@given(TEXTS, st.data(), st.integers(-3, 3))
def test_no_group_spans_two_splits_that_we_carved(texts, data, seed):
    groups = data.draw(st.lists(CUSTOMERS, min_size=len(texts), max_size=len(texts)))
    times = data.draw(
        st.lists(st.sampled_from([None, "2024-01-01", "2024-01-02"]), min_size=len(texts), max_size=len(texts))
    )
    rows = rows_of(texts, group=groups, time=times)
    assert all(len(codes) == 1 for codes in codes_by_group(rows, seed=seed).values())
    assert not any(split(rows, seed=seed).n_leaked.values())


@given(TEXTS, st.data())
def test_dropping_reordering_or_relabelling_rows_moves_no_other_row(texts, data):
    rows = rows_of(texts)
    kept = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row["id"]))
    changed = [row | {"label": "another"} for row in kept]
    assert places(changed) == {row["id"]: places(rows)[row["id"]] for row in kept}


@given(TEXTS, st.data())
def test_dropping_rows_of_customers_moves_no_row_of_another_customer(texts, data):
    # Texts of their own, so that no message joins two customers.
    customers = data.draw(st.lists(st.sampled_from(["ann", "bob", "cem"]), min_size=len(texts), max_size=len(texts)))
    rows = rows_of([f"{customer}: {text}" for customer, text in zip(customers, texts, strict=True)], group=customers)
    kept = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row["id"]))
    assert places(kept) == {row["id"]: places(rows)[row["id"]] for row in kept}


def test_a_message_that_two_customers_share_brings_both_to_one_split_and_moves_nobody_else():
    customers = [f"customer {n:02d}" for n in range(30)]
    rows = rows_of([f"words of {customer}" for customer in customers], group=customers)
    before = places(rows)
    first, second = next(
        (a, b) for a in range(30) for b in range(a, 30) if before[f"r{a}"] != before[f"r{b}"]
    )  # fmt: skip
    bridge = [rows[0] | {"id": f"b{n}", "text": "thanks", "group": customers[n]} for n in (first, second)]
    after = places(rows + bridge)
    assert {name for name in before if before[name] != after[name]} == {f"r{second}"}
    assert len({after[name] for name in (f"r{first}", f"r{second}", f"b{first}", f"b{second}")}) == 1


@pytest.mark.parametrize("seed", [0, 1])
def test_the_shares_are_right_on_many_rows(seed):
    splits = split(rows_of([f"message {n}" for n in range(20_000)]), seed=seed)
    shares = np.bincount(splits.codes, minlength=4) / 20_000
    # 20% test; of the rest 10% validation and 5% calibration. Standard errors are 0.003 and less; four of them.
    assert np.allclose(shares, [0.68, 0.08, 0.04, 0.20], atol=0.012)


def test_seed_0_is_a_seed_like_any_other():
    rows = rows_of([f"message {n}" for n in range(300)])
    assert places(rows, seed=0) == places(rows, seed=0)
    same = sum(places(rows, seed=0)[name] == split_name for name, split_name in places(rows, seed=1).items())
    # Independent seeds agree on 0.68^2 + 0.08^2 + 0.04^2 + 0.20^2 = 51% of the rows.
    assert 0.4 < same / 300 < 0.62


def test_who_stands_in_validation_does_not_depend_on_being_near_the_test():
    # One draw for both would leave no row of the lowest fifth outside the test, and so none in calibration.
    splits = split(rows_of([f"message {n}" for n in range(2_000)]))
    assert len(splits.rows("calibration")) > 0


@given(TEXTS, st.data())
def test_what_we_carve_shares_no_group_with_any_held_out_split(texts, data):
    groups = data.draw(st.lists(CUSTOMERS, min_size=len(texts), max_size=len(texts)))
    brought = data.draw(st.lists(SPLITS, min_size=len(texts), max_size=len(texts)))
    rows = rows_of(texts, group=groups, split=brought)
    carved = {name for name in SPLIT_NAMES if name not in {"train", *brought}}
    for codes in codes_by_group(rows).values():
        names = {SPLIT_NAMES[code] for code in codes}
        assert not names & carved or len(names) == 1


@given(TEXTS, st.data())
@example(["a", "a", "b"], None)
def test_splits_that_the_data_brings_are_kept_but_for_what_is_carved_from_train(texts, data):
    brought = (
        [None, "test", "train"]
        if data is None
        else data.draw(st.lists(SPLITS, min_size=len(texts), max_size=len(texts)))
    )
    rows = rows_of(texts, split=brought)
    for row in rows:
        if row["split"] not in {None, "train"}:
            assert places(rows)[row["id"]] == row["split"]
        elif places(rows)[row["id"]] != "train":
            assert places(rows)[row["id"]] not in brought


def test_data_that_brings_every_split_is_left_as_it_came():
    rows = rows_of([f"message {n}" for n in range(40)], split=list(SPLIT_NAMES) * 10)
    assert list(places(rows).values()) == list(SPLIT_NAMES) * 10
    assert split(rows).brought == SPLIT_NAMES


def test_rows_that_are_all_called_train_bring_no_split():
    rows = rows_of([f"message {n}" for n in range(100)], split=["train"] * 100)
    assert split(rows).brought == ()
    assert places(rows) == places([row | {"split": None} for row in rows])


def test_test_rows_with_a_copy_or_a_customer_elsewhere_are_counted_and_left_where_they_are():
    assert split(LEAKY).n_leaked == {"validation": 0, "calibration": 0, "test": 2}
    assert [places(LEAKY)[f"r{n}"] for n in (1, 2, 3)] == ["test"] * 3


def test_the_test_is_the_latest_fifth():
    days = [f"2024-01-{day:02d}" for day in range(1, 31)]
    splits = split(rows_of([f"message {n}" for n in range(30)], time=days[::-1]))
    assert splits.rows("test").tolist() == [0, 1, 2, 3, 4, 5]


def test_a_thread_goes_where_its_last_row_is_and_every_test_thread_ends_after_every_other():
    rng = np.random.default_rng(0)
    days = [f"2024-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(300)]
    threads = [f"thread {n}" for n in rng.integers(0, 60, size=300)]
    splits = split(rows_of([f"message {n}" for n in range(300)], time=days, group=threads))
    ends = {group: max(np.array(days)[splits.groups == group]) for group in np.unique(splits.groups)}
    test_groups = set(splits.groups[splits.rows("test")].tolist())
    assert min(ends[g] for g in test_groups) > max(ends[g] for g in ends if g not in test_groups)
    # A fifth, and at most one thread (here of 12 rows or fewer) more.
    assert 60 <= len(splits.rows("test")) < 60 + 12


def test_rows_of_one_and_the_same_time_do_not_all_become_test():
    rows = rows_of([f"message {n}" for n in range(50)], time=["2024-01-01"] * 50)
    assert len(split(rows).rows("test")) == 10
    assert places(rows, seed=0) != places(rows, seed=1)


def test_rows_without_a_time_count_as_the_earliest():
    times = [None] * 25 + [f"2024-01-{day:02d}" for day in range(1, 6)]
    test = split(rows_of([f"message {n}" for n in range(30)], time=times)).rows("test").tolist()
    assert len(test) == 6
    assert test[-5:] == [25, 26, 27, 28, 29]


def test_a_customer_of_the_validation_that_came_with_the_data_is_not_in_the_test_that_we_carve():
    customers = [f"customer {n // 2}" for n in range(400)]
    rows = rows_of([f"message {n}" for n in range(400)], group=customers, split=["train", "validation"] * 200)
    assert split(rows).n_leaked == {"validation": 200, "calibration": 0, "test": 0}
    assert len(split(rows).rows("test")) == 0
    free = rows_of([f"free {n}" for n in range(400)], split=["train"] * 400)
    both = split([*rows, *({**row, "id": f"f{n}"} for n, row in enumerate(free))])
    assert both.n_leaked["test"] == 0
    assert min(both.rows("test")) >= 400


def test_the_latest_part_is_taken_of_the_rows_that_are_free_to_be_test():
    times = [f"2024-01-{day:02d}" for day in range(1, 21)]
    rows = rows_of([f"message {n}" for n in range(20)], time=times, split=["train"] * 10 + ["validation"] * 10)
    assert split(rows).rows("test").tolist() == [8, 9]


def test_the_test_s_hash_knows_its_texts_and_labels_and_nothing_else():
    rows = rows_of(["one", "two", "three"], split=["train", "test", "test"])
    known = split(rows).test_sha256
    renamed = [row | {"id": f"x{n}"} for n, row in enumerate(rows)]
    assert split([renamed[2], renamed[0], renamed[1]]).test_sha256 == known
    assert split([rows[0] | {"text": "changed"}, *rows[1:]]).test_sha256 == known
    assert split([*rows[:2], rows[2] | {"label": "b"}]).test_sha256 != known
    assert split([*rows[:2], rows[2] | {"text": "four"}]).test_sha256 != known


def test_the_hash_of_the_splits_changes_with_any_row_s_split():
    rows = rows_of(["one", "two"], split=["validation", "test"])
    assert split(rows).sha256 != split([rows[0] | {"split": "calibration"}, rows[1]]).sha256


def test_no_rows_stand_in_no_split():
    assert len(split([]).codes) == 0

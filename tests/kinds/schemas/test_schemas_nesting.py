import pytest

from suffice.kinds.schemas.nesting import deeper_than, n_values


@pytest.mark.parametrize(
    ("value", "levels"),
    [(1, 0), ("[[", 0), ([], 1), ({}, 1), ([1, [2]], 2), ({"a": [{"b": ()}]}, 4), ([[], {"a": 1}], 2)],
)
def test_levels_are_counted_by_hand(value, levels):
    assert not deeper_than(value, levels)
    assert levels == 0 or deeper_than(value, levels - 1)


def test_a_value_that_would_overrun_the_stack_is_measured():
    value: list = []
    for _ in range(100_000):
        value = [value]
    assert deeper_than(value, 64)


@pytest.mark.parametrize(("value", "n"), [(1, 1), ("[[", 1), ([], 2), ([1, [2]], 4), ({"a": [{"b": 1}], "c": 2}, 5)])
def test_values_are_counted_by_hand_with_an_empty_container_holding_one(value, n):
    assert n_values(value) == n

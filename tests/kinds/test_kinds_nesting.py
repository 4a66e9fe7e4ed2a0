import pytest

from suffice.kinds.nesting import deeper_than


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

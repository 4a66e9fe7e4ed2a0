import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import DataError
from suffice.records.task import TooLong
from suffice.text.token_budget import within_budget

TEN = tuple(range(10))


@pytest.mark.parametrize("policy", ["error", "head", "head_tail"])
def test_a_text_that_fits_is_left_as_it_is_under_every_policy(policy: TooLong):
    kept = within_budget(TEN, limit=10, policy=policy, text="ten")
    assert (kept.ids, kept.truncated) == (TEN, False)


def test_head_keeps_the_beginning():
    kept = within_budget(TEN, limit=4, policy="head", text="ten")
    assert (kept.ids, kept.truncated) == ((0, 1, 2, 3), True)


@pytest.mark.parametrize(
    ("limit", "ids"),
    # Three quarters to one, the smaller part rounded down.
    [(8, (0, 1, 2, 3, 4, 5, 8, 9)), (9, (0, 1, 2, 3, 4, 5, 6, 8, 9)), (4, (0, 1, 2, 9)), (3, (0, 1, 2)), (1, (0,))],
)
def test_head_tail_keeps_the_beginning_and_the_end(limit: int, ids: tuple[int, ...]):
    kept = within_budget(TEN, limit=limit, policy="head_tail", text="ten")
    assert (kept.ids, kept.truncated) == (ids, True)


def test_an_error_says_how_long_the_text_is_and_how_to_go_on():
    with pytest.raises(
        DataError, match=r"context of 4 tokens\n  got: 10 tokens: 'ten words'\n  fix: .*too_long=head_tail"
    ):
        within_budget(TEN, limit=4, policy="error", text="ten words")


@given(st.lists(st.integers(0, 9)), st.integers(1, 12), st.sampled_from(["head", "head_tail"]))
def test_nothing_is_longer_than_the_limit_or_shortened_without_being_flagged(
    ids: list[int], limit: int, policy: TooLong
):
    kept = within_budget(ids, limit=limit, policy=policy, text="")
    assert len(kept.ids) == min(len(ids), limit)
    assert kept.truncated == (len(ids) > limit)


def test_a_budget_of_nothing_is_our_own_fault():
    with pytest.raises(AssertionError, match="at least one token"):
        within_budget(TEN, limit=0, policy="head", text="ten")

import pytest

from suffice.errors import DataError, Problem, StorageError, SufficeError, nearest, quoted


def problem(n: int = 0) -> Problem:
    return Problem(where=f"messages.csv:{n}", rule="label must be known", got="'biling'", fix="correct the row")


def test_a_problem_says_where_what_must_hold_what_was_got_and_what_to_do():
    assert str(problem(18)) == "messages.csv:18: label must be known\n  got: 'biling'\n  fix: correct the row"


def test_one_problem_and_several_are_told_the_same_way():
    assert DataError(problem()).problems == DataError(iter([problem()])).problems == (problem(),)


def test_every_error_of_ours_is_caught_as_one_kind():
    with pytest.raises(SufficeError, match=r"got: 'biling'\n  fix: correct the row"):
        raise StorageError(problem())


def test_twenty_problems_are_shown_and_nothing_is_said_of_more():
    text = str(DataError([problem(n) for n in range(20)]))
    assert text.count("fix:") == 20
    assert "more problems" not in text


def test_problems_beyond_twenty_are_counted_with_those_that_were_not_kept():
    text = str(DataError([problem(n) for n in range(25)], n_more=1_995))
    assert text.count("fix:") == 20
    assert text.endswith("messages.csv:19: label must be known\n  got: 'biling'\n  fix: correct the row\n"
                         "... and 2,000 more problems like these")  # fmt: skip


def test_an_error_without_a_problem_is_our_own_fault():
    with pytest.raises(AssertionError, match="at least one problem"):
        DataError([])


def test_a_value_is_quoted_on_one_line_and_cut_at_the_limit():
    assert quoted("two\nlines") == r"'two\nlines'"
    assert quoted("a" * 78) == f"'{'a' * 78}'"
    cut = quoted("a" * 79)
    assert (len(cut), cut[-5:]) == (80, "a...'")


def test_the_nearest_known_word_is_named_and_a_far_one_is_not():
    assert nearest("biling_refund", ["billing_refund", "card_lost"]) == " (nearest: 'billing_refund')"
    assert nearest("zzz", ["billing_refund", "card_lost"]) == ""
    assert nearest("x", []) == ""

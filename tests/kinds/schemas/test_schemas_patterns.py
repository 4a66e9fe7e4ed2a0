import re
from time import perf_counter

import pytest

from suffice.kinds.schemas.patterns import MAX_CHARACTERS, fits, n_states, why_unreadable


@pytest.mark.parametrize(
    ("pattern", "text", "is_fit"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("", "", True),
        (r"^\d{4}-\d\d$", "2024-05", True),
        # ECMA-262, 22.2.2: `$` is the end alone and `\d` a digit of ASCII. Python has both otherwise.
        ("^a$", "a\n", False),
        (r"^\d$", "٣", False),
        (r"^[\u4e00-\u9fa5]+$", "中文", True),
        (r"^\\u0041$", "\\u0041", True),
        (r"^\p{L}+$", "é", True),
    ],
)
def test_a_pattern_fits_as_ecma_262_says(pattern, text, is_fit):
    assert fits(pattern, text) == is_fit
    assert why_unreadable(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", r"missing \)"),
        ("(?=a)", r"\(\?="),
        (r"(.)\1", r"\\1"),
        # Written out it would take more memory than there is.
        ("(?:(?:(?:a{1,1000}){1,1000}){1,1000}){1,1000}", "repetition size"),
        ("\ud800", "surrogates"),
        ("a" * (MAX_CHARACTERS + 1), "1,001 characters"),
    ],
)
def test_a_pattern_that_cannot_be_read_says_why_and_fits_nothing(pattern, why):
    assert re.search(why, why_unreadable(pattern) or "")
    assert len(pattern) > MAX_CHARACTERS or not fits(pattern, "a")


def test_half_a_surrogate_pair_fits_no_pattern():
    assert not fits(".", "\ud800")


@pytest.mark.parametrize("pattern", ["^(a|a)+$", "^(a+)+$", "(?:a*)*b"])
def test_what_takes_other_engines_for_ever_is_told_at_once(pattern):
    start = perf_counter()
    assert not fits(pattern, "a" * 10_000 + "!")
    assert perf_counter() - start < 10


@pytest.mark.parametrize(
    ("pattern", "n"),
    # By hand: one for the start, one for each sign or class, each as often as it is repeated.
    [
        ("", 1),
        ("ab", 3),
        ("a{5}", 6),
        ("a{2,7}b", 9),
        ("(?:ab){3}", 13),
        ("(a{2}){3}", 7),
        (r"\{{2}[{3}]", 4),
        (")", 2),
    ],
)
def test_states_are_counted_with_repetitions_written_out(pattern, n):
    assert n_states(pattern) == n

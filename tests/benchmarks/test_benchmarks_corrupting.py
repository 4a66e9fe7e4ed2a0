"""Corruptions are what their truth says: read here by hand, not by the readers that are measured with them."""

from __future__ import annotations

import random

import pytest
from answers_corrupted import corrupted, judged_corruptions
from corrupting import CORRUPTIONS, Solution, plain_completion

SOLUTION = Solution(
    question="Natalia sold clips to 48 friends in April, and half as many in May. What did she get at $20 a clip?",
    trace="She sold 48/2 = <<48/2=24>>24 clips in May.\nThat is 48+24 = <<48+24=72>>72 clips.\n"
    "She got 72 * $20 = $<<72*20=1440>>1440.",
    answer="1440",
)


def made(kind, *, n=50):
    return [CORRUPTIONS[kind](SOLUTION, random.Random(seed)) for seed in range(n)]


def test_the_completion_as_it_should_be_ends_in_the_form():
    assert plain_completion(SOLUTION).endswith("$<<72*20=1440>>1440.\n#### 1440")


def test_a_cut_ends_before_the_right_value():
    for one in made("cut_off"):
        assert SOLUTION.trace.startswith(one.text)
        assert "1440" not in one.text
        assert (one.stop_reason, one.truth) == ("length", "truncated_without_answer")


def test_an_answer_line_is_dropped_only_where_the_last_number_is_the_answer():
    [one] = made("answer_line_dropped", n=1)
    assert (one.text, one.truth) == (SOLUTION.trace, "right_value_wrong_form")
    other = Solution(question="?", trace="She got 1440 in 2 months.", answer="1440")
    assert CORRUPTIONS["answer_line_dropped"](other, random.Random(0)) is None


def test_a_unit_stands_beside_the_answer():
    lines = {one.text.splitlines()[-1] for one in made("unit_added")}
    assert {"#### $1440", "#### 1440€"} < lines
    assert all("1440" in line and line != "#### 1440" for line in lines)


def test_commas_are_the_right_form_and_blanks_another():
    found = {(one.text.splitlines()[-1], one.truth) for one in made("thousands_separators")}
    assert found == {("#### 1,440", "right"), ("#### 1 440", "right_value_wrong_form")}
    small = Solution(question="?", trace="1 + 1 = 2", answer="2")
    assert CORRUPTIONS["thousands_separators"](small, random.Random(0)) is None


def test_another_language_has_the_equations_and_the_answer_in_a_sentence():
    for one in made("other_language"):
        assert "48+24 = 72" in one.text
        assert "1440" in one.text.splitlines()[-1]
        assert "####" not in one.text
        assert one.truth == "right_value_wrong_form"


def test_a_slip_is_carried_forward_to_the_answer():
    slips = [one for one in made("arithmetic_slip") if one is not None]
    assert {one.wrong_step for one in slips} == {0, 1, 2}
    [first] = [one for one in slips if one.text.startswith("She sold 48/2 = <<48/2=25>>25")][:1]
    # 48 + 25 = 73, and 73 times 20 is 1,460.
    assert first.text.splitlines()[1:] == [
        "That is 48+25 = <<48+25=73>>73 clips.",
        "She got 73 * $20 = $<<73*20=1460>>1460.",
        "#### 1460",
    ]
    assert first.truth == "right_form_wrong_value"


def test_a_slip_in_a_number_that_stands_elsewhere_too_is_not_made():
    twice = Solution(question="He has 24.", trace="48/2 = <<48/2=24>>24\n24+24 = <<24+24=48>>48", answer="48")
    slips = [CORRUPTIONS["arithmetic_slip"](twice, random.Random(seed)) for seed in range(50)]
    assert all(one is None for one in slips)  # 24 stands in the question, and 48 in the first step


def test_swapped_steps_are_the_same_lines_in_another_order():
    for one in made("steps_swapped"):
        *lines, last = one.text.splitlines()
        assert sorted(lines) == sorted(SOLUTION.trace.splitlines())
        assert lines != SOLUTION.trace.splitlines()
        assert (last, one.truth) == ("#### 1440", "right")


def test_every_way_gets_its_share_and_the_same_seed_the_same_completions():
    solutions = [SOLUTION] * 70
    one, again = (corrupted(solutions, n=35, seed=3) for _ in range(2))
    assert one == again
    assert len(one) == 35
    assert {kind: sum(made.kind == kind for _, made in one) for kind in CORRUPTIONS} == dict.fromkeys(CORRUPTIONS, 5)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_what_cannot_be_done_to_a_solution_is_none(kind):
    nothing = Solution(question="?", trace="x", answer="Paris")
    one = CORRUPTIONS[kind](nothing, random.Random(0))
    assert one is None or kind == "unit_added"


def test_every_way_lands_in_its_class_through_the_code_that_scores_files():
    ways = [(SOLUTION, one) for kind in CORRUPTIONS for one in made(kind, n=8) if one is not None]
    rows = judged_corruptions(ways)
    # A cut behind 48+24 leaves 72, which is not the right answer here: every truth can be told.
    assert [row.class_ for row in rows] == [one.truth for _, one in ways]

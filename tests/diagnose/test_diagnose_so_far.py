from __future__ import annotations

import re
from dataclasses import replace

from suffice.diagnose.so_far import so_far
from suffice.records.task import TargetSpec


def test_before_any_rung_is_whole_there_is_nothing_to_say(cell, grid):
    assert so_far(grid([cell("tfidf", n=100, right=0.8, asked=100)]), seed=0) is None


def test_a_rung_that_does_is_told_with_what_proves_it(cell, grid):
    said = so_far(grid([cell("majority", n=800, right=0.25), cell("tfidf", n=800, right=0.95)], at_least=0.9), seed=0)
    assert said.startswith("so far tfidf is best at 0.950, where 0.9 is asked; label about ")
    assert "more held-out messages, to prove tfidf" in said


def test_a_score_on_the_target_is_told_with_the_least_that_could_prove_it_and_no_guess(cell, grid):
    cells = [cell("tfidf", n=800, right=0.95, n_rows=60)]
    made = grid(cells, at_least=0.945, n_rows=60, n_test=18)
    said = so_far(made, seed=0)
    # Between 0.945 and what is seen, 0.95, lie tens of thousands of rows; at its upper end, a few dozen.
    least = int(re.search(r"label at least ([\d,]+) more held-out messages", said)[1].replace(",", ""))
    assert least < 200
    assert said.endswith(f"at least {least:,} rows to label or look at")


def test_a_rung_far_below_the_target_leaves_nothing_likely(cell, grid):
    said = so_far(grid([cell("tfidf", n=800, right=0.5)], at_least=0.9), seed=0)
    assert said == "so far tfidf is best at 0.500, where 0.9 is asked; nothing that was looked at is likely to reach it"


def test_a_relative_target_has_a_best_rung_and_no_plan(cell, grid):
    found = grid([cell("tfidf", n=800, right=0.8), cell("embed", n=800, right=0.85)])
    assert so_far(replace(found, target=TargetSpec(within=0.02)), seed=0) == "so far embed is best at 0.850"

import numpy as np
import pytest

from suffice.diagnose.symptoms.prompt_reliance import PROMPT_RELIANCE
from suffice.records.symptoms import Clear, Found, NotApplicable, Wordings


def wordings(*n_wrong, seed=None, bare=None):
    """One wording for each number, wrong on as many rows: the first ones, or those that a seed draws."""
    rng = np.random.default_rng(seed)
    rows = [np.arange(400) if seed is None else rng.permutation(400) for _ in n_wrong]
    right = np.stack([row >= wrong for row, wrong in zip(rows, n_wrong, strict=True)])
    names = tuple(f"wording {k}" for k in range(len(n_wrong)))
    return Wordings(names=names, right=right, bare=bare, groups=None)


def test_a_wording_that_costs_much_is_found(observed):
    looked = PROMPT_RELIANCE.look(observed(wordings=wordings(20, 22, 80)))
    assert isinstance(looked, Found)
    between, spread, null, test = looked.figures
    assert spread.what == "best wording (wording 0) less worst (wording 2)"
    assert spread.value == pytest.approx(60 / 400)
    assert spread.value > null.value
    # Accuracies 0.95, 0.945 and 0.8 have a deviation of 0.0848; noise is a small part of it.
    assert between.value == pytest.approx(0.0848, abs=0.004)
    assert test.value < 1e-6
    assert (looked.threshold, looked.figures[0].unit) == (0.01, "points")


def test_wordings_that_differ_by_chance_are_clear(observed):
    looked = PROMPT_RELIANCE.look(observed(wordings=wordings(40, 40, 44, 38, seed=0)))
    assert isinstance(looked, Clear)
    assert looked.figures[1].value <= looked.figures[2].value
    assert looked.figures[0].value == 0.0
    assert looked.says.startswith("4 wordings lie 1.5 points apart at most, where chance alone stays within ")


def test_a_difference_that_is_sure_and_small_is_clear(observed):
    # Six rows lost and none won: beyond chance, and a deviation of less than a point.
    looked = PROMPT_RELIANCE.look(observed(wordings=wordings(20, 20, 26)))
    assert isinstance(looked, Clear)
    assert looked.figures[1].value > looked.figures[2].value
    assert 0.0 < looked.figures[0].value < 0.01


def test_a_drop_without_the_instruction_is_found(observed):
    looked = PROMPT_RELIANCE.look(observed(wordings=wordings(20, 20, bare=np.arange(400) >= 100)))
    assert isinstance(looked, Found)
    assert looked.figures[0].value == pytest.approx(0.2)
    assert looked.threshold == 0.02
    assert looked.says.startswith("the instruction is worth +20.0 points (")


def test_a_model_that_needs_no_instruction_is_clear(observed):
    looked = PROMPT_RELIANCE.look(observed(wordings=wordings(20, 20, bare=np.arange(400) >= 21)))
    assert isinstance(looked, Clear)
    (worth,) = [figure for figure in looked.figures if figure.what.startswith("accuracy with")]
    assert worth.value == pytest.approx(1 / 400)
    assert worth.interval.low < 0.02


def test_what_was_shown_is_told_first_with_its_threshold(observed):
    both = PROMPT_RELIANCE.look(observed(wordings=wordings(40, 40, 44, 38, seed=0, bare=np.arange(400) >= 200)))
    assert isinstance(both, Found)
    assert (both.threshold, len(both.figures)) == (0.02, 5)
    assert both.says.index("the instruction is worth") < both.says.index("4 wordings")


def test_with_neither_wordings_nor_a_bare_run_it_is_not_applicable(observed):
    assert PROMPT_RELIANCE.look(observed()) == NotApplicable(
        symptom="prompt_reliance", why="neither other wordings of the instruction nor none at all were run"
    )


def test_the_base_before_tuning_is_told_beside_and_does_not_decide(observed):
    tuned, base = wordings(20, 20, bare=np.arange(400) >= 20), wordings(100, 260, bare=np.arange(400) >= 300)
    looked = PROMPT_RELIANCE.look(observed(wordings=tuned, untuned=base))
    assert isinstance(looked, Clear)
    before = {figure.what: figure.value for figure in looked.figures if figure.what.startswith("before tuning: ")}
    # By hand: 300 right with the instruction and 100 without; 300 and 140 under either wording.
    assert before["before tuning: accuracy with the instruction less that without"] == pytest.approx(0.5)
    assert before["before tuning: best wording (wording 0) less worst (wording 1)"] == pytest.approx(0.4)
    assert looked.says.count("before tuning, ") == 2
    assert isinstance(PROMPT_RELIANCE.look(observed(wordings=base, untuned=tuned)), Found)
    assert isinstance(PROMPT_RELIANCE.look(observed(untuned=base)), NotApplicable)


def test_wordings_that_are_right_equally_often_have_no_best_one(observed):
    looked = PROMPT_RELIANCE.look(observed(wordings=wordings(20, 20, 20)))
    assert looked.figures[1].what == "best wording less worst, all right equally often"

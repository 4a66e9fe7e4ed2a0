"""The rung that a fit chooses: which tasks are asked, and what is made of the choices."""

from __future__ import annotations

import cells
import numpy as np
import pytest
import verdict_choice
from closed_tasks import Pool
from scipy.stats import norm

from suffice.diagnose import Judged, propose
from suffice.records.labels import LabelSet
from suffice.records.task import TargetSpec

LADDER = verdict_choice.LADDER


def run(chosen: str, *, exhaustive: str = "tfidf", code: str = "suffices", within: str = "tfidf") -> cells.Measured:
    """One division of a task on which `tfidf` is right: 600 rows, a target of 0.8, so that one standard error is
    sqrt(0.8 x 0.2 / 600) = 0.01633.
    """
    return {
        "n_validation": 600,
        "target": 0.8,
        "chosen": chosen,
        "code": code,
        "exhaustive": exhaustive,
        "held_out": {"majority": 0.1, "tfidf": 0.9, "embed": 0.95, "encoder": 0.96},
        "seconds": 3.0,
        "seconds_rungs_alone": 10.0,
        "seconds_all_rungs": 20.0,
        "within": {
            "chosen": within,
            "proven": True,
            "discordance": {"majority": 0.9, "tfidf": 0.1, "embed": 0.05, "encoder": 0.0},
        },
    }


def test_there_are_ten_tasks_that_name_rungs_of_the_ladder_and_no_rung_is_asked_for_in_more_than_half() -> None:
    assert len({(task.source, task.n_train) for task in verdict_choice.TASKS}) == 10
    below = [task.below for task in verdict_choice.TASKS]
    assert set(below) == set(LADDER)
    assert max(below.count(rung) for rung in LADDER) <= 5


def test_the_division_of_the_first_look_is_not_scored() -> None:
    assert verdict_choice.LOOKED_AT not in verdict_choice.SEEDS
    assert len(verdict_choice.SEEDS) == 5


def test_a_target_lies_between_what_two_rungs_came_to() -> None:
    task = verdict_choice.Task(source="x", above="tfidf", below="embed", share=0.25)
    assert verdict_choice.target_of(task, {"tfidf": 0.8, "embed": 0.9}) == 0.825
    lowest = verdict_choice.Task(source="x", above="nothing", below="majority", share=0.9)
    assert verdict_choice.target_of(lowest, {"majority": 0.5}) == 0.45


def test_a_tenth_of_the_labels_stand_against_the_rest() -> None:
    rows = Pool(name="x", texts=tuple("abcdefghij" * 2), y=np.tile(np.arange(20), 1), labels=tuple(map(str, range(20))))
    found = verdict_choice.first_against_rest(rows)
    assert found.y.tolist() == [1, 1, *[0] * 18]
    assert found.labels == ("rest", "these")


def test_flips_are_counted_over_pairs() -> None:
    # Of five reruns of which one differs, 4 of 10 pairs do.
    assert verdict_choice.flips(["a", "a", "a", "a", "b"]) == pytest.approx(0.4)
    assert verdict_choice.flips(["a"] * 5) == 0.0


def test_the_rung_that_is_true_is_the_cheapest_that_reaches_the_target() -> None:
    accuracy = {"majority": 0.1, "tfidf": 0.7, "embed": 0.9, "encoder": 0.8}
    assert verdict_choice.true_rung(accuracy, 0.75) == "embed"
    assert verdict_choice.true_rung(accuracy, 0.95) is None


def test_a_task_is_clear_where_the_bound_is_reached_with_something_to_spare() -> None:
    line = verdict_choice.line_of([run("tfidf"), run("tfidf")])
    # 0.9 lies 0.1 / 0.01633 - 1.645 = 4.48 standard errors beyond what the bound asks of an estimate.
    assert line["standard_errors"] == pytest.approx(4.48, abs=0.01)
    assert (line["clear"], line["right"], line["flips"]) == (True, "tfidf", 0.0)
    near = [one | {"held_out": one["held_out"] | {"tfidf": 0.82}} for one in (run("tfidf"), run("embed"))]
    line = verdict_choice.line_of(near)
    # 0.82 lies 0.02 / 0.01633 = 1.22 above the target, 0.42 short of what the bound asks.
    assert line["standard_errors"] == pytest.approx(-0.42, abs=0.01)
    assert (line["clear"], line["flips"], line["as_asked"]) == (False, 1.0, 0.5)


def test_a_difference_to_the_best_is_clear_beyond_the_margin_and_its_error() -> None:
    found = verdict_choice.line_of([run("tfidf", within="embed"), run("tfidf", within="tfidf")])["within"]
    # tfidf is 0.06 below the best, 0.04 beyond the margin: sqrt((0.1 - 0.06^2) / 600) = 0.0127, 3.15 times that.
    # embed is 0.01 below it, within the margin: the cheapest that is not clearly worse, and not the best.
    assert found["cheapest_not_clearly_worse"] == "embed"
    assert not found["clear"]
    assert found["as_asked"] == 0.5


def test_compute_and_agreement_are_summed_over_all_runs() -> None:
    measured = {
        "a 1 600 0.8": run("tfidf"),
        "a 2 600 0.8": run("embed"),
        "b 1 600 0.8": run("tfidf", exhaustive="embed"),
    }
    found = verdict_choice.summary(measured | {"b 2 600 0.8": run("tfidf")})
    assert found["compute_of_rungs_alone"] == pytest.approx(0.3)
    assert found["compute_of_all_rungs"] == pytest.approx(0.15)
    assert found["agreed_with_exhaustive"] == 0.5
    assert found["agreed_with_truth"] == 0.75
    assert (found["constant_guess"], found["constant_agreed_with_exhaustive"]) == ("tfidf", 0.75)


@pytest.mark.parametrize("beyond", verdict_choice.STEPS)
def test_reruns_propose_the_cheaper_rung_as_often_as_the_normal_law_says(beyond: float) -> None:
    found = verdict_choice.reruns(600, beyond, relative=False)
    # A bound at 1.645 standard errors is met with probability Phi(-beyond - 1.645), for counts within a few points.
    assert found["dearer"] == pytest.approx(1.0 - float(norm.cdf(-beyond - 1.645)), abs=0.04)
    found = verdict_choice.reruns(600, beyond, relative=True)
    # The dearer one is proposed where it is shown to be better by the margin: Phi(beyond - 1.645).
    assert found["dearer"] == pytest.approx(float(norm.cdf(beyond - 1.645)), abs=0.04)
    assert found["cheaper"] + found["undecided"] + found["dearer"] == pytest.approx(1.0, abs=2e-4)
    assert found["flips"] == pytest.approx(2.0 * found["dearer"] * found["cheaper"], abs=2e-4)
    assert found["proposals_flip"] == pytest.approx(2.0 * found["dearer"] * (1.0 - found["dearer"]), abs=2e-4)


def test_reruns_propose_as_a_fit_does() -> None:
    """Three counts on either side of the bound, as rows that `propose` reads."""
    n, labels = 600, LabelSet(names=("these", "rest"))

    def judged(rung: str, wrong: slice) -> Judged:
        y_pred = np.zeros(n, dtype=np.int64)
        y_pred[wrong] = 1
        rows = np.arange(n)
        return Judged(
            rung=rung,
            run=rung,
            ids=tuple(f"{row:03}" for row in rows),
            y_true=np.zeros(n, dtype=np.int64),
            y_pred=y_pred,
            groups=rows,
            labels=labels,
        )

    for only_cheaper, only_dearer in ((30, 29), (27, 28), (27, 40), (20, 40), (10, 50)):
        # The first `only_dearer` rows are wrong in the cheaper rung alone, the next `only_cheaper` in the dearer alone.
        pair = (
            judged("tfidf", slice(0, only_dearer)),
            judged("embed", slice(only_dearer, only_dearer + only_cheaper)),
        )
        target = TargetSpec(within=verdict_choice.WITHIN)
        proposed = propose(pair, target, labels=labels, n_test=n, seed=0).rung
        (refuted,) = verdict_choice.shown_worse(np.array([only_cheaper]), np.array([only_dearer]), n)
        assert (proposed == "tfidf") == (not refuted)

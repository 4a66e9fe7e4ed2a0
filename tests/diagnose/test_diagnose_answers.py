"""What stands in the way of free answers: right or not is what the grid knows, and how they were asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml
from asked_cells import asked_cell

from suffice.diagnose import diagnose
from suffice.diagnose.draws import Draws
from suffice.diagnose.next_cells import next_cells
from suffice.diagnose.outcomes import Outcomes
from suffice.records.grid import Asking, Grid, Measured, RungFacts
from suffice.records.next_cells import Budget, Wanted
from suffice.records.run import NO_INSTRUCTION
from suffice.records.task import CostSpec, TargetSpec

RUNG, N = "x/y@prompted", 400
OWN, HELD, OTHER = "prompt:default", "form:held", "prompt:short"
TOLD = {OWN: "Answer step by step.", OTHER: 'Be short.\nEnd with "####".', NO_INSTRUCTION: ""}


def facts(name: str = RUNG) -> RungFacts:
    askings = tuple(
        Asking(rung=name, change=change, told=TOLD.get(change), seconds=1.0)
        for change in (OWN, HELD, "shots:8", OTHER, NO_INSTRUCTION)
    )
    return RungFacts(
        name=name, cheap=False, trains=False, sweep=(), in_ladder=True, seconds_per_row=0.0, askings=askings
    )


def answered(n_right: int, *, change: str | None = None, rows: int = N, tune: float | None = None) -> Measured:
    """A cell that is right on the first rows of those that it was asked."""
    return asked_cell(RUNG, N, right=range(n_right), asked=range(rows), change=change, tune_accuracy=tune)


def grid_of(whole: Measured, *again: Measured, kind: str = "answer", **given) -> Grid:
    stated = {
        "labels": ("wrong", "right"),
        "y_true": np.ones(N, dtype=np.int64),
        "groups": np.arange(N, dtype=np.int64),
        "n_train": 100,
        "n_validation": N,
        "n_test": 400,
        "target": TargetSpec(at_least=0.7),
        "prices": CostSpec(),
        "rungs": (facts(),),
        "cells": (whole,),
        "asked_again": again,
    }
    return Grid(kind=kind, **(stated | given))


def found(grid: Grid):
    return diagnose(grid, rung=RUNG, goals=(), skipped=(), seed=0)


def test_form_is_what_to_fix_where_holding_answers_to_it_reaches_the_target() -> None:
    # Half of the answers are right as they came, nine in ten once they are made to end in the form.
    own, held = answered(50, change=OWN, rows=100), answered(90, change=HELD, rows=100)
    whole = answered(50, rows=100)
    plan = found(grid_of(whole, own, held)).plans[0]
    assert [(step.code, step.sets) for step in plan.steps] == [("fix_format", "answer.hold_form=true")]
    assert plan.probability > 0.9
    assert max(found(grid_of(whole, own, held)).chances.items(), key=lambda item: item[1])[0] == "fix_format"


def test_of_calls_the_key_that_holds_them_to_their_tools_is_named() -> None:
    own, held = answered(50, change=OWN, rows=100), answered(90, change=HELD, rows=100)
    (step,) = found(grid_of(answered(50, rows=100), own, held, kind="tools")).plans[0].steps
    assert (step.code, step.sets) == ("fix_format", "tools.form=json tools.held=true")
    assert "tools of each request" in step.what


def test_form_is_not_named_where_holding_answers_to_it_brings_nothing() -> None:
    own, held = answered(50, change=OWN, rows=100), answered(52, change=HELD, rows=100)
    chances = found(grid_of(answered(50, rows=100), own, held)).chances
    assert chances.get("fix_format", 0.0) < 0.1


def test_without_a_run_that_held_it_nothing_is_said_of_form() -> None:
    codes = {step.code for plan in found(grid_of(answered(200))).plans for step in plan.steps}
    assert "fix_format" not in codes


def test_what_form_brings_on_some_rows_is_foretold_for_the_others() -> None:
    # On the hundred rows that were asked again, errors fall from 50 to 10: to a fifth. Of all rows 300 in 400 are
    # wrong, so that a fifth of 0.75 are wrong then.
    y_pred = answered(50, rows=100).y_pred.copy()
    y_pred[100:] = 0
    y_pred[100:150] = 1
    whole = replace(answered(0), y_pred=y_pred)
    outcomes = Outcomes(draws=Draws(grid=grid_of(whole, answered(90, change=HELD, rows=100)), seed=0))
    assert outcomes.switches_of(RUNG) == ("form",)
    errors = outcomes.errors(RUNG, frozenset({"form"}))
    assert errors.predicted
    assert errors.values[0, 0] == pytest.approx(0.75 * 10 / 50)


def test_where_every_row_was_asked_again_it_is_what_it_is() -> None:
    outcomes = Outcomes(draws=Draws(grid=grid_of(answered(200), answered(300, change=HELD)), seed=0))
    errors = outcomes.errors(RUNG, frozenset({"form"}))
    assert not errors.predicted
    assert errors.values[0, 0] == pytest.approx(0.25)
    gap = found(grid_of(answered(200), answered(300, change=HELD))).gap
    assert [(share.cause, share.solo) for share in gap.shares] == [("form", pytest.approx(0.25))]


def test_a_wording_is_what_to_change_where_tune_rows_chose_another() -> None:
    own = answered(50, change=OWN, rows=100, tune=0.5)
    better = answered(90, change=OTHER, rows=100, tune=0.9)
    diagnosis = found(grid_of(answered(50, rows=100), own, better))
    (step,) = diagnosis.plans[0].steps
    assert step.code == "fix_prompt"
    # What carries it out is the whole wording, in the form in which a setting is given: the value is YAML.
    key, _, value = step.sets.partition("=")
    assert (key, yaml.safe_load(value)) == ("instruction", TOLD[OTHER])
    assert [(one.told, one.chosen) for one in diagnosis.interventions] == [(TOLD[OTHER], True)]
    # The same gain on validation alone chooses nothing.
    unchosen = found(grid_of(answered(50, rows=100), own, replace(better, tune_accuracy=0.4))).plans
    assert "fix_prompt" not in {step.code for plan in unchosen for step in plan.steps}


def test_no_instruction_at_all_is_none_to_set_however_well_it_does() -> None:
    # An empty instruction in the task file is the default one.
    own = answered(50, change=OWN, rows=100, tune=0.5)
    bare = answered(90, change=NO_INSTRUCTION, rows=100, tune=0.9)
    diagnosis = found(grid_of(answered(50, rows=100), own, bare))
    assert "fix_prompt" not in {step.code for plan in diagnosis.plans for step in plan.steps}
    assert [(one.change, one.chosen) for one in diagnosis.interventions] == [(NO_INSTRUCTION, False)]


def test_a_tuned_model_is_trained_again_where_a_key_is_set() -> None:
    # 100 rows at 1.2 seconds each are two minutes.
    own, held = answered(50, change=OWN, rows=100), answered(90, change=HELD, rows=100)
    tuned = replace(facts(), trains=True, seconds_per_row=1.2)
    (step,) = found(grid_of(answered(50, rows=100), own, held, rungs=(tuned,))).plans[0].steps
    assert (step.code, step.minutes) == ("fix_format", pytest.approx(2.0))


def test_wordings_of_labels_are_told_and_name_no_cause() -> None:
    own, better = answered(50, change=OWN, rows=100, tune=0.5), answered(90, change=OTHER, rows=100, tune=0.9)
    plans = found(grid_of(answered(50, rows=100), own, better, kind="classify")).plans
    assert "fix_prompt" not in {step.code for plan in plans for step in plan.steps}


def test_what_holds_form_is_asked_for_first_and_left_out_on_demand() -> None:
    def wanted(*skip: str) -> list[str | None]:
        budget = Budget(seconds=float("inf"), run_all=False, n_seeds=1, seed=0, skip=frozenset(skip))
        return [one.change for one in next_cells(grid_of(answered(200)), budget).wanted if isinstance(one, Wanted)]

    assert wanted() == [OWN, HELD, "shots:8", OTHER, NO_INSTRUCTION]
    assert wanted("form") == [OWN, "shots:8", OTHER, NO_INSTRUCTION]
    assert wanted("prompt") == []


def test_right_and_wrong_are_no_labels_that_gain_or_have_a_ceiling() -> None:
    diagnosis = found(grid_of(answered(200)))
    assert diagnosis.label_ceiling is None
    assert diagnosis.gains == ()


def tuned(n_wrong: int, **given) -> RungFacts:
    return replace(facts(), trains=True, askings=(), seconds_per_row=1.0, n_wrong_traces=n_wrong, **given)


def at(n_right: int, *, asked: int | None, change: str | None = None) -> Measured:
    """A cell on some of the training rows, or on all of them."""
    return replace(answered(n_right, change=change), asked=asked, n=asked or 400, subset_seed=0)


CURVE = (at(80, asked=50), at(120, asked=100), at(160, asked=None))
"""Right on 80, 120 and 160 of 400 rows with an eighth, a quarter and all of 400 training rows."""


def tuned_grid(n_wrong: int, *cells: Measured, at_least: float = 0.6, **given) -> Grid:
    target = TargetSpec(at_least=at_least)
    rungs = (tuned(n_wrong, **given),)
    return replace(grid_of(CURVE[0]), cells=(*CURVE, *cells), n_train=400, target=target, rungs=rungs)


def cells_wanted(grid: Grid, *skip: str) -> list[tuple[str | None, int | None]]:
    budget = Budget(seconds=float("inf"), run_all=False, n_seeds=1, seed=0, skip=frozenset(skip))
    return [(one.change, one.n) for one in next_cells(grid, budget).wanted]


def test_training_without_wrong_traces_is_asked_for_at_a_quarter_where_some_were_found() -> None:
    assert cells_wanted(tuned_grid(120)) == [("train_traces", 100)]
    assert cells_wanted(tuned_grid(120), "train_traces") == []
    assert cells_wanted(tuned_grid(0)) == []


@pytest.mark.parametrize(
    ("n_wrong", "why"),
    [
        (7, "the traces of 7 of 400 training rows are found wrong: so few hardly matter"),
        (301, "the traces of 301 of 400 training rows are found wrong: too few would be left"),
    ],
)
def test_too_few_wrong_traces_and_too_many_tell_nothing_and_that_is_told(n_wrong: int, why: str) -> None:
    found = next_cells(tuned_grid(n_wrong), Budget(seconds=float("inf"), run_all=False, n_seeds=1, seed=0))
    assert found.wanted == ()
    assert (why in {one.why for one in found.skipped if one.what == "train_traces"}) is True


def test_a_sure_gain_on_few_rows_is_looked_at_on_all_however_far_the_target_is() -> None:
    # At a quarter 120 of 400 are right as it is. 280 without the wrong traces are surely more, and 122 are not: the
    # difference is of two rows. What a quarter foretells is too little, so that no target is too far.
    gains, hardly, loses = (at(n, asked=100, change="train_traces") for n in (280, 122, 100))
    assert cells_wanted(tuned_grid(120, gains)) == [("train_traces", None)]
    assert cells_wanted(tuned_grid(120, gains, at_least=0.98)) == [("train_traces", None)]
    assert cells_wanted(tuned_grid(120, hardly)) == []
    assert cells_wanted(tuned_grid(120, loses)) == []


def test_wrong_traces_are_what_to_clean_and_the_key_that_leaves_them_out_is_named() -> None:
    gains = [at(280, asked=100, change="train_traces"), at(300, asked=None, change="train_traces")]
    diagnosis = found(tuned_grid(120, *gains))
    (step,) = diagnosis.plans[0].steps
    assert (step.code, step.labels, step.sets) == ("clean_train_labels", 120, "train.wrong_traces=leave_out")
    assert step.what.startswith("look at the 120 training questions whose traces are found wrong")
    assert max(diagnosis.chances.items(), key=lambda item: item[1])[0] == "clean_labels"
    assert [(one.change, one.n) for one in diagnosis.interventions] == [("train_traces", 100), ("train_traces", 400)]
    # On all rows 160 are right as it is and 300 without them.
    (share,) = [share for share in diagnosis.gap.shares if share.cause == "train_traces"]
    assert share.solo == pytest.approx(140 / 400)


def test_answers_alone_are_what_to_train_on_where_they_gain_most_of_the_sweep() -> None:
    swept = [at(120, asked=100, change="training:rate*3"), at(280, asked=100, change="training:answer_alone")]
    plan = found(tuned_grid(0, *swept, at(300, asked=None, change="training:answer_alone"))).plans[0]
    assert [(step.code, step.sets) for step in plan.steps] == [("fix_training", "train.target=answer")]
    assert plan.steps[0].what == f"train {RUNG} to write its answers alone (train.target: answer)"


def test_an_endpoint_that_reaches_the_target_is_asked_in_no_other_way() -> None:
    stub = replace(facts("hosted:stub"), price_per_message=1e-5)
    whole = replace(answered(200), rung="hosted:stub")
    assert cells_wanted(grid_of(whole, rungs=(stub,))) != []
    assert cells_wanted(grid_of(replace(whole, y_pred=answered(390).y_pred), rungs=(stub,))) == []


def test_what_an_endpoint_is_asked_twice_for_is_paid_twice() -> None:
    stub = replace(facts("hosted:stub"), price_per_message=1e-5)
    own, held = (replace(answered(n, change=c, rows=100), rung="hosted:stub") for n, c in ((50, OWN), (90, HELD)))
    whole = replace(answered(50, rows=100), rung="hosted:stub", latency_ms=0.0)
    grid = grid_of(whole, own, replace(held, price_per_message=3e-5), rungs=(stub,))
    (plan, *_) = diagnose(grid, rung="hosted:stub", goals=(), skipped=(), seed=0).plans
    assert [step.code for step in plan.steps] == ["fix_format"]
    # A million messages at 3e-5 are 30, and the step is 1.
    assert plan.money == pytest.approx(31.0)

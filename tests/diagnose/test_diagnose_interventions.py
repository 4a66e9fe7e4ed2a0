"""Every switch as a paired comparison, from made-up cells on 1,000 rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.diagnose.draws import Draws
from suffice.diagnose.gap import gap_of
from suffice.diagnose.interventions import chosen_wording, interventions_of
from suffice.diagnose.outcomes import Outcomes
from suffice.records.grid import NOT_JUDGED, Asking, ReviewedRows, RungFacts
from suffice.records.task import TargetSpec
from suffice.stats.paired import paired_counts
from suffice.stats.tango import difference_lower_bound, difference_upper_bound

TUNED, UNTUNED = "smollm2-135m", "smollm2-135m@prompted"
WAYS = {TUNED: ("prompt:default", "prompt:none"), UNTUNED: ("prompt:default", "shots:8", "prompt:none")}


def told(grid, *, rung, next_rung=None, n_draws=200):
    return interventions_of(Outcomes(draws=Draws(grid=grid, seed=0, n_draws=n_draws)), rung=rung, next_rung=next_rung)


@pytest.fixture
def wrong_on(cell):
    """A cell that is wrong on the rows from one to another."""

    def made(rung, first, last, **given):
        one = cell(rung, n=800, right=1.0, **given)
        y_pred = one.y_pred.copy()
        y_pred[first:last] = (y_pred[first:last] + 1) % 4
        return replace(one, y_pred=y_pred)

    return made


def test_a_change_is_held_against_the_cell_of_the_same_rows_and_seeds(wrong_on, grid):
    cells = [
        wrong_on("encoder", 0, 100),
        wrong_on("encoder", 0, 300, asked=200),
        wrong_on("encoder", 0, 500, asked=200, subset_seed=1),
        wrong_on("encoder", 20, 250, asked=200, change="curriculum:easy-first"),
    ]
    (one,) = told(grid(cells), rung="encoder")
    assert (one.switch, one.rung, one.change, one.against) == (
        *("curriculum", "encoder", "curriculum:easy-first"),
        "as it is",
    )
    # By hand: 20 + 50 rows won and none lost, of 1,000; draws and Tango's bounds, 5% at either end, lie close.
    counts = paired_counts(np.arange(1000) < 70, np.zeros(1000, dtype=bool))
    assert one.difference == pytest.approx(0.07)
    assert one.rows == 1_000
    assert one.interval.low == pytest.approx(difference_lower_bound(counts, alpha=0.05), abs=0.003)
    assert one.interval.high == pytest.approx(difference_upper_bound(counts, alpha=0.05), abs=0.003)


def test_runs_that_never_differ_leave_room_on_both_sides(wrong_on, grid):
    cells = [wrong_on("tfidf", 0, 100), wrong_on("tfidf", 0, 100, change="train_labels-3fa2")]
    (one,) = told(grid(cells), rung="tfidf", n_draws=4_000)
    assert (one.switch, one.change, one.difference) == ("train_labels", "train_labels", 0.0)
    # By hand: the difference of two exponential weights over 1,000 rows has its ends at ln(10) rows.
    assert (one.interval.low, one.interval.high) == pytest.approx((-0.0023, 0.0023), abs=0.0003)


def test_the_gap_and_the_table_tell_one_interval_of_one_pair(wrong_on, grid):
    cells = [wrong_on("tfidf", 0, 100), wrong_on("tfidf", 0, 100, change="train_labels-3fa2"), wrong_on("embed", 5, 95)]
    outcomes = Outcomes(draws=Draws(grid=grid(cells), seed=0, n_draws=200))
    gap = gap_of(outcomes, "tfidf", next_rung=None, n_test=500, alpha=0.04)
    (share,) = gap.shares
    (one, *_) = interventions_of(outcomes, rung="tfidf", next_rung=None)
    for told_too in (share.solo_interval, share.last_in_interval, share.shapley_interval, gap.joint_interval):
        assert (told_too.low, told_too.high) == pytest.approx((one.interval.low, one.interval.high))
    assert one.interval.low < 0.0 < one.interval.high
    networks = grid(cells[::2], rungs=tuple(replace(one, cheap=False) for one in grid(cells).rungs))
    outcomes = Outcomes(draws=Draws(grid=networks, seed=0, n_draws=200))
    (share,) = gap_of(outcomes, "tfidf", next_rung="embed", n_test=500, alpha=0.04).shares
    (one,) = interventions_of(outcomes, rung="tfidf", next_rung="embed")
    assert (share.cause, one.switch) == ("next_rung", "next_rung")
    ends = (share.solo_interval.low, share.solo_interval.high)
    assert ends == pytest.approx((one.interval.low, one.interval.high))


def test_another_seed_of_a_network_is_counted_and_a_cheap_rung_has_none(wrong_on, grid):
    cells = [wrong_on("encoder", 0, 100), wrong_on("encoder", 0, 60, change="training:rate/3")]
    cheap = grid(cells)
    network = replace(cheap, rungs=tuple(replace(one, cheap=False) for one in cheap.rungs))
    (alone,), (with_seeds,) = (told(one, rung="encoder", n_draws=4_000) for one in (cheap, network))
    assert alone.difference == with_seeds.difference == pytest.approx(0.04)
    spread = [(one.interval.high - one.interval.low) / (2 * 1.645) for one in (alone, with_seeds)]
    # By hand: a run's seeds have at least a quarter of the variance of its rows, 0.09 * 0.91 and 0.06 * 0.94 over
    # 1,000; what is usual of 800 rows, half of 0.008 ** 2 * 500 / 800 for training alone, is about as much.
    least = np.sqrt((0.1 * 0.9 + 0.06 * 0.94) / 4 / 1_000)
    assert np.sqrt(spread[1] ** 2 - spread[0] ** 2) > 0.8 * least
    assert spread[1] > 1.2 * spread[0]


def test_two_ways_to_ask_one_model_share_its_seed(asked):
    wrong = WRONG | {(TUNED, "prompt:none"): 20}
    found = {(one.switch, one.rung): one for one in told(asked(wrong), rung=TUNED, n_draws=4_000)}
    same = found["prompt", TUNED].interval
    # By hand, as above, of 200 rows: nothing but rows that were not seen.
    assert (same.low, same.high) == pytest.approx((-0.0115, 0.0115), abs=0.0015)


def test_reviewed_rows_are_compared_with_the_same_rows_as_they_were_labelled(wrong_on, grid):
    cells = [
        wrong_on("tfidf", 0, 100),
        wrong_on("tfidf", 0, 400, change="reviewed_as_given-ab12"),
        wrong_on("tfidf", 0, 350, change="reviewed_as_decided-ab12"),
    ]
    (one,) = told(grid(cells), rung="tfidf")
    assert (one.switch, one.change) == ("train_labels", "reviewed_as_decided")
    assert one.difference == pytest.approx(0.05)


def test_the_next_rung_is_one_of_them_and_one_beyond_is_compared_where_both_were_run(wrong_on, grid):
    cells = [
        wrong_on("tfidf", 0, 100),
        wrong_on("tfidf", 0, 300, asked=200),
        wrong_on("encoder", 0, 60),
        wrong_on("embed", 0, 280, asked=200),
    ]
    made = grid(cells)
    rungs = tuple(replace(one, in_ladder=one.name != "embed") for one in made.rungs)
    found = told(replace(made, rungs=rungs), rung="tfidf", next_rung="encoder")
    assert [(one.switch, one.rung, one.against) for one in found] == [
        ("next_rung", "encoder", "tfidf"),
        ("next_rung", "embed", "tfidf"),
    ]
    assert [one.difference for one in found] == pytest.approx([0.04, 0.02])


def test_labels_are_rescored_from_a_review_and_not_from_a_lead(wrong_on, grid):
    rows = np.arange(0, 1_000, 4, dtype=np.int64)
    right_label = rows % 4
    right_label[:25] = 1  # What the model answers on the rows that it misses.
    cells = [wrong_on("tfidf", 0, 100)]
    assert told(grid(cells), rung="tfidf") == ()
    reviewed = ReviewedRows(rows=rows, y=right_label)
    (one,) = told(grid(cells, reviewed=reviewed), rung="tfidf")
    assert (one.switch, one.rung) == ("eval_labels", "tfidf")
    # By hand: the 25 reviewed rows that it misses are all right: nearly all of the 10 points come back.
    assert one.interval.low > 0.07
    assert told(grid(cells, reviewed=reviewed, skip=frozenset({"eval_labels"})), rung="tfidf") == ()


def test_macro_f1_is_compared_where_the_target_speaks_of_it(wrong_on, grid):
    cells = [wrong_on("tfidf", 0, 100), wrong_on("tfidf", 0, 60, change="training:strength")]
    target = TargetSpec(at_least=0.95, metric="macro_f1")
    (one,) = told(grid(cells, target=target), rung="tfidf")
    # Labels come in turn and are missed in turn: macro F1 is accuracy.
    assert one.difference == pytest.approx(0.04, abs=1e-6)
    assert one.interval.low < 0.04 < one.interval.high


@pytest.fixture
def asked(wrong_on, grid):
    """A tuned model and its base under other words, on the first 200 rows; so many of them wrong."""

    def made(wrong, *, tune=None, ways=WAYS, **given):
        def only_some(cell, way):
            y_pred = cell.y_pred.copy()
            y_pred[200:] = NOT_JUDGED
            accuracy = None if tune is None else tune[way]
            return replace(cell, y_pred=y_pred, tune_accuracy=accuracy)

        cells = tuple(
            only_some(wrong_on(rung, 0, wrong[rung, way], change=way), way)
            for rung, of_rung in ways.items()
            for way in of_rung
        )
        askings = tuple(Asking(rung=rung, change=way, seconds=0.0) for rung in ways for way in ways[rung])
        facts = RungFacts(
            name=TUNED, cheap=False, trains=True, sweep=(), in_ladder=True, seconds_per_row=0.1, askings=askings
        )
        return grid([wrong_on(TUNED, 0, 100)], rungs=(facts,), asked_again=cells, **given)

    return made


WRONG = {
    (TUNED, "prompt:default"): 20,
    (TUNED, "prompt:none"): 40,
    (UNTUNED, "prompt:default"): 100,
    (UNTUNED, "shots:8"): 80,
    (UNTUNED, "prompt:none"): 150,
}


def test_wordings_examples_and_tuning_are_told_on_the_rows_that_were_asked(asked):
    found = {(one.switch, one.rung, one.change, one.against): one for one in told(asked(WRONG), rung=TUNED)}
    # By hand, of 200 rows.
    assert {key: one.difference for key, one in found.items()} == pytest.approx(
        {
            ("prompt", TUNED, "prompt:none", "prompt:default"): -0.1,
            ("prompt", UNTUNED, "prompt:none", "prompt:default"): -0.25,
            ("shots", UNTUNED, "shots:8", "prompt:default"): 0.1,
            ("tuning", TUNED, "tuning", UNTUNED): 0.4,
        }
    )
    assert {one.rows for one in found.values()} == {200}
    assert not any(one.chosen for one in found.values())  # Nothing to choose a wording on.


def test_tuning_is_held_against_the_base_without_examples_where_the_task_gives_some(asked):
    ways = {TUNED: ("prompt:default",), UNTUNED: ("prompt:default", "shots:0")}
    wrong = WRONG | {(UNTUNED, "prompt:default"): 60, (UNTUNED, "shots:0"): 90}
    found = {(one.switch, one.change, one.against): one.difference for one in told(asked(wrong, ways=ways), rung=TUNED)}
    assert found == pytest.approx(
        {("shots", "prompt:default", "shots:0"): 0.15, ("tuning", "tuning", UNTUNED): 0.35},
    )


def test_a_wording_is_chosen_on_tune_rows_whatever_validation_says(asked):
    ways = {TUNED: ("prompt:default", "prompt:question"), UNTUNED: ("prompt:default", "shots:8", "prompt:question")}
    wrong = {(rung, change.replace("none", "question")): n for (rung, change), n in WRONG.items()}
    tune = {"prompt:default": 0.5, "prompt:question": 0.6, "shots:8": 0.9}
    found = told(asked(wrong, ways=ways, tune=tune), rung=TUNED)
    chosen = [(one.rung, one.change, one.difference < 0) for one in found if one.chosen]
    assert chosen == [(TUNED, "prompt:question", True), (UNTUNED, "prompt:question", True)]


def test_no_instruction_at_all_is_never_chosen_since_no_task_file_can_ask_for_it(asked):
    tune = {"prompt:default": 0.5, "prompt:none": 0.6, "shots:8": 0.9}
    assert not any(one.chosen for one in told(asked(WRONG, tune=tune), rung=TUNED))


def test_of_wordings_that_do_as_well_the_one_it_is_told_stays(asked):
    tune = {"prompt:default": 0.6, "prompt:none": 0.6, "shots:8": 0.9}
    cells = [cell for cell in asked(WRONG, tune=tune).asked_again if cell.rung == TUNED]
    assert chosen_wording(cells).change == "prompt:default"
    assert chosen_wording([replace(cells[0], tune_accuracy=None), cells[1]]) is None

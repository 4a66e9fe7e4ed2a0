from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.diagnose import capability, hosted_or_own
from suffice.diagnose.break_even import SetUp, break_even
from suffice.records.diagnosis import Plan, Step
from suffice.records.evaluation import Cost, Interval
from suffice.records.task import CostSpec

SET_UP = SetUp(n_labels=2_000, label_price=0.10, review_cost=90.0, training_minutes=100.0, minute_price=0.10)
MONEY = st.floats(0, 1e4, allow_nan=False)


def found(**more):
    given_prices = {"hosted_per_message": 0.002, "local_per_message": 0.0005}
    return break_even(SET_UP, **(given_prices | {"messages_per_month": 50_000.0, "horizon_months": 6.0} | more))


def test_the_volume_is_what_is_paid_once_over_what_a_message_saves():
    # By hand: 2,000 x 0.10 + 90 + 100 x 0.10 = 300; 300 / (0.002 - 0.0005) = 200,000 messages, 4 months of 50,000;
    # over 6 months 300,000 x 0.0015 = 450 are saved, less the 300.
    result = found()
    assert result.set_up_cost == pytest.approx(300.0)
    assert result.messages == pytest.approx(200_000)
    assert result.months == pytest.approx(4.0)
    assert (result.planned_messages, result.saved) == (300_000, pytest.approx(150.0))
    assert result.keep_prompting is False


def test_a_volume_below_it_says_keep_prompting():
    # By hand: 3 months of 50,000 are 150,000 messages, which save 225 of the 300.
    result = found(horizon_months=3.0)
    assert result.keep_prompting is True
    assert result.saved == pytest.approx(-75.0)


def test_the_table_has_nine_cases_by_hand():
    cases = {(case.hosted_factor, case.label_factor): case for case in found().sensitivity}
    assert len(cases) == 9
    assert cases[1.0, 1.0].messages == found().messages
    # Half the hosted price: 300 / (0.001 - 0.0005). Labels at twice theirs: (400 + 100) / 0.0015.
    assert cases[0.5, 1.0].messages == pytest.approx(600_000)
    assert cases[1.0, 2.0].messages == pytest.approx(1e6 / 3)
    assert cases[2.0, 0.5].messages == pytest.approx(200 / 0.0035)
    assert (cases[0.5, 1.0].keep_prompting, cases[2.0, 0.5].keep_prompting) == (True, False)
    # 300,000 messages are planned. Half the hosted price: 400,000, 600,000 and 1,000,000 messages would be needed; at
    # once the price 133,333, 200,000 and 333,333; at twice it, fewer than 300,000 in all three: five of nine say no.
    assert found().n_agreeing == 5


@pytest.mark.parametrize("local", [0.002, 0.01])
def test_a_local_message_that_costs_as_much_never_pays_back(local):
    result = found(local_per_message=local)
    assert (result.messages, result.months, result.keep_prompting) == (None, None, True)


def test_without_a_volume_nothing_is_said_about_keeping_it():
    result = found(messages_per_month=None)
    assert result.messages == pytest.approx(200_000)
    assert (result.months, result.planned_messages, result.saved, result.keep_prompting) == (None, None, None, None)
    assert {case.keep_prompting for case in result.sensitivity} == {None}


def test_a_volume_of_nothing_keeps_prompting():
    result = found(messages_per_month=0.0)
    assert (result.months, result.saved, result.keep_prompting) == (None, pytest.approx(-300.0), True)


def test_a_set_up_that_is_free_pays_back_at_once():
    free = replace(SET_UP, n_labels=0, review_cost=0.0, training_minutes=0.0)
    result = break_even(
        free, hosted_per_message=0.002, local_per_message=0.0, messages_per_month=1.0, horizon_months=1.0
    )
    assert (result.messages, result.keep_prompting) == (0.0, False)


@given(MONEY, MONEY, MONEY, st.floats(0, 1e7))
def test_at_its_own_break_even_volume_both_cost_the_same(labels, hosted, local, volume):
    set_up = SetUp(n_labels=10, label_price=labels, review_cost=5.0, training_minutes=0.0, minute_price=0.0)
    prices = {"hosted_per_message": hosted, "local_per_message": local, "horizon_months": 1.0}
    result = break_even(set_up, **prices, messages_per_month=volume)
    assert result.keep_prompting == (volume * (hosted - local) <= set_up.cost())
    if result.messages is not None and hosted - local > 1e-6:
        at_it = break_even(set_up, **prices, messages_per_month=result.messages)
        assert at_it.saved == pytest.approx(0.0, abs=1e-6 * max(1.0, set_up.cost()))


def pair(cell, grid, *, price, plans=()):
    cells = [
        cell("majority", n=800, right=0.25),
        cell("tfidf", n=800, right=0.90, seconds=1_800.0),
        cell("hosted:big", n=800, right=0.95, seed=5, price_per_message=price, seconds=0.0),
    ]
    made = grid(cells, prices=CostSpec(per_label=0.2, per_step=5.0, per_hour=2.0, messages=100_000))
    rungs = tuple(replace(one, price_per_message=price or 1e-4) if ":" in one.name else one for one in made.rungs)
    made = replace(made, rungs=rungs)
    cost = Cost(
        latency_p50_ms=36.0,
        latency_p95_ms=40.0,
        n_timed=10,
        size_bytes=1_000,
        adapter_bytes=0,
        train_seconds=1.0,
        n_train=800,
    )
    table = capability(made, slices=(), costs={one.name: cost for one in made.rungs}, seed=0)
    return hosted_or_own(made, table, plans)


def test_an_endpoint_is_held_against_every_rung_that_runs_here(cell, grid):
    (one,) = pair(cell, grid, price=0.00102)
    assert (one.hosted, one.own, one.n) == ("hosted:big", "tfidf", 1_000)
    assert one.difference == pytest.approx(-0.05)
    assert one.interval.low < -0.05 < one.interval.high < 0.0
    # By hand: cells took 1,801 seconds or so at 2 an hour, and 36 ms are 0.00002 of money: 1,000 messages save 1.
    assert one.paid.saved_per_message == pytest.approx(0.001)
    assert one.paid.set_up_cost == pytest.approx(2.0 * 1_801 / 3_600)
    # 800 rows to train on, 1,000 to compare on and 500 of the test, at 0.2 each.
    assert one.n_at_hand == 2_300
    assert one.anew.set_up_cost == pytest.approx(one.paid.set_up_cost + 460.0)
    assert one.paid.keep_prompting is False
    assert one.anew.keep_prompting is True


def test_the_cheapest_plan_of_the_rung_is_paid_for_too(cell, grid):
    step = Step(code="more_data", what="label 400", labels=400, minutes=0.0)
    plans = [
        Plan(
            steps=(step,) * n,
            rung=rung,
            score=0.9,
            interval=Interval(low=0.8, high=1.0, confidence=0.9),
            probability=0.9,
            money=100.0 * n,
            predicted=True,
        )
        for n, rung in ((2, "tfidf"), (1, "tfidf"), (0, "hosted:big"))
    ]
    (one,) = pair(cell, grid, price=0.00102, plans=plans)
    assert one.n_labels == 400
    assert one.paid.set_up_cost == pytest.approx(2.0 * 1_801 / 3_600 + 80.0 + 5.0)


def test_an_endpoint_that_tells_no_price_breaks_even_nowhere(cell, grid):
    assert pair(cell, grid, price=None) == ()

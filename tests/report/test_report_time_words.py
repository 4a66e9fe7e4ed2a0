from dataclasses import replace

import pytest

from suffice.records.evaluation import Interval, MonthScore, TimeLayer
from suffice.records.time import Aging, KeepingUp
from suffice.report import aging_sentence, keeping_up_sentence, time_sentence

HELD = Interval(low=-0.012, high=-0.001, confidence=0.95)
AGING = Aging(
    rung="tfidf",
    trained_until="2024-05",
    n_train=1_200,
    mean_age_months=6.0,
    n=900,
    slope=-0.008,
    interval=Interval(low=-0.016, high=0.001, confidence=0.95),
    why_none=None,
    held_slope=-0.006,
    held_interval=HELD,
)
KEEPING = KeepingUp(
    allowed=0.01,
    months_until_lost=1.6667,
    labels_per_month=78.2,
    low=0.0,
    high=96.0,
    most=100.0,
    price_per_label=None,
)


def month(name, n):
    return MonthScore(month=name, n=n, n_correct=n, interval=Interval(low=0.5, high=1.0, confidence=0.95))


def test_months_with_rows_enough_are_counted():
    layer = TimeLayer(
        months=(month("2023-01", 3), month("2024-01", 30), month("2024-02", 40), month("2024-04", 50)),
        n_undated=0,
        slope=-0.009,
        interval=HELD,
        why_none=None,
    )
    assert time_sentence(layer) == (
        "Over 3 months with 30 messages or more, 2024-01 to 2024-04, accuracy moves by -0.9 points a month "
        "(95% interval -1.2 to -0.1 points)."
    )
    none = replace(layer, slope=None, interval=None, why_none="3 months are needed")
    said = "Over 4 months from 2023-01 to 2024-04 no change per month is measured: 3 months are needed."
    assert time_sentence(none) == said


@pytest.mark.parametrize(
    ("interval", "end"),
    [
        (HELD, "it is losing."),
        (Interval(low=-0.01, high=0.01, confidence=0.95), "a loss is not shown."),
        (Interval(low=0.001, high=0.01, confidence=0.95), "it loses nothing."),
    ],
)
def test_a_loss_is_called_one_only_where_the_interval_says_so(interval, end):
    said = aging_sentence(replace(AGING, held_interval=interval))
    assert said.startswith(
        "tfidf was fitted on messages up to 2024-05; since then accuracy moves by -0.8 points a month"
    )
    assert said.endswith(end)


def test_what_was_not_measured_has_its_reason():
    none = replace(AGING, slope=None, interval=None, why_none="there is one month", held_slope=None, held_interval=None)
    assert aging_sentence(none).endswith("What it loses with time is not measured: there is one month.")
    assert "no label has rows enough" in aging_sentence(replace(AGING, held_slope=None, held_interval=None))


def test_keeping_up_is_told_with_its_range_and_its_cost():
    assert keeping_up_sentence(replace(KEEPING, low=60.0)).startswith(
        "Left alone it is down by 1 point after 1.7 months"
    )
    assert keeping_up_sentence(KEEPING) == (
        "Were it losing as measured, it would be down by 1 point after 1.7 months. About 78 fresh labels a month "
        "in the place of the oldest would keep it within that (0 to 96 over the interval; the rows at hand came at "
        "100 a month)."
    )
    assert keeping_up_sentence(replace(KEEPING, price_per_label=0.5)).endswith(", 39.10 a month at 0.5 a label.")


def test_nothing_is_to_be_labelled_where_nothing_is_lost():
    none = replace(KEEPING, labels_per_month=0.0, months_until_lost=None)
    assert keeping_up_sentence(none) == (
        "Nothing need be labelled anew on that account; at most 96 fresh labels a month at the interval's end would "
        "keep any loss within 1 point."
    )
    assert keeping_up_sentence(replace(none, high=0.0)) == "Nothing need be labelled anew on that account."

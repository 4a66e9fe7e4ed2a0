"""Rounding: nothing is shown better than it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.records.evaluation import Interval
from suffice.text import rounding

FRACTIONS = st.floats(min_value=0.0, max_value=1.0)


@given(value=FRACTIONS, target=st.sampled_from([0.5, 0.9, 0.95, 0.9525, 0.99]))
def test_a_lower_bound_is_never_shown_higher_nor_across_the_target(value: float, target: float) -> None:
    shown = float(rounding.percent(value, bound="lower", against=target).rstrip("%"))
    assert shown <= value * 100 + 1e-12
    assert (shown >= target * 100) == (value >= target)


@given(value=FRACTIONS, target=st.sampled_from([0.5, 0.9, 0.95, 0.9525, 0.99]))
def test_an_upper_bound_is_never_shown_lower_nor_across_the_target(value: float, target: float) -> None:
    shown = float(rounding.percent(value, bound="upper", against=target).rstrip("%"))
    assert shown >= value * 100 - 1e-12
    assert (shown < target * 100) == (value < target)


@given(value=st.floats(min_value=1e-6, max_value=1.0 - 1e-6))
def test_a_hundred_percent_and_zero_are_shown_only_when_they_are_exact(value: float) -> None:
    assert 0.0 < float(rounding.percent(value).rstrip("%")) < 100.0


# By hand, from the rule: one decimal, more where one would say something untrue.
@pytest.mark.parametrize(
    ("value", "bound", "against", "shown"),
    [
        (0.995, None, None, "99.5%"),
        (1.0, None, None, "100.0%"),
        (0.9997, None, None, "99.97%"),
        (0.9496, None, 0.95, "94.96%"),
        (0.9499, "lower", 0.95, "94.9%"),
        (0.95, "lower", 0.95, "95.0%"),
        (0.9498, "upper", 0.95, "94.98%"),
        (0.9527, "lower", 0.9525, "95.27%"),
        (0.283, "lower", None, "28.3%"),
        (0.0, "lower", None, "0.0%"),
        (3e-17, None, None, "0.0%"),
    ],
)
def test_percentages_have_as_many_decimals_as_the_truth_takes(
    value: float, bound: rounding.Bound | None, against: float | None, shown: str
) -> None:
    assert rounding.percent(value, bound=bound, against=against) == shown


def test_intervals_are_rounded_outwards() -> None:
    assert rounding.percent_interval(Interval(low=0.98434, high=0.99921, confidence=0.95)) == "98.4 to 99.93%"
    assert rounding.fraction_interval(Interval(low=0.98157, high=0.99611, confidence=0.95)) == "0.981 to 0.997"
    assert rounding.signed_points(Interval(low=-0.02331, high=0.01005, confidence=0.95)) == "-2.4 to +1.1 points"
    assert rounding.signed_points(Interval(low=0.0, high=0.0, confidence=0.95)) == "+0.0 to +0.0 points"


def test_one_point_is_singular_and_a_margin_is_written_as_it_was_asked() -> None:
    assert rounding.points(-0.01) == "1.0 point"
    assert rounding.points(-0.0199, bound="upper", against=0.02) == "1.99 points"
    assert rounding.asked_points(0.01) == "1 point"
    assert rounding.asked_points(0.025) == "2.5 points"


def test_what_was_asked_for_has_no_idle_zeros() -> None:
    assert [rounding.asked_percent(t) for t in (0.95, 0.9, 0.955, 0.9725)] == ["95%", "90%", "95.5%", "97.25%"]


def test_confidence_is_rounded_down_so_that_later_openings_do_not_reach_certainty() -> None:
    assert [rounding.confidence(a) for a in (0.05, 0.04, 0.005, 0.0025)] == ["95%", "96%", "99.5%", "99.75%"]
    # 0.01 / 2^19, the twentieth opening: 99.99999...% in full.
    assert rounding.confidence(0.01 / 2**19) == "99.999%"


def test_a_small_p_value_is_not_shown_as_zero() -> None:
    assert rounding.p_value(1e-60) == "p < 0.001"
    assert rounding.p_value(0.0419) == "p = 0.042"
    assert rounding.p_value(1.0) == "p = 1.000"
    assert rounding.q_value(0.0419) == "q = 0.042"
    assert rounding.q_value(1e-60) == "q < 0.001"


def test_times_and_sizes_are_written_in_units_that_a_person_reads() -> None:
    latencies = [rounding.milliseconds(ms) for ms in (0.0421, 0.42, 3.14, 9.97, 12.4, 1250.0)]
    assert latencies == ["0.042 ms", "0.42 ms", "3.1 ms", "10 ms", "12 ms", "1,250 ms"]
    sizes = [rounding.megabytes(n) for n in (0, 700, 2_310_000, 99_960_000, 1_543_000_000)]
    assert sizes == ["0.0 MB", "<0.1 MB", "2.3 MB", "100 MB", "1,543 MB"]
    times = [rounding.duration(s) for s in (0.0, 0.01, 0.4, 48.2, 119.6, 900.0, 11_500.0)]
    assert times == ["0.0 s", "<0.1 s", "0.4 s", "48 s", "2 min", "15 min", "3.2 h"]


def test_rows_to_be_labelled_are_rounded_up() -> None:
    assert [rounding.about_rows(n) for n in (1, 7, 99, 101, 1_153, 28_001)] == [
        "1",
        "7",
        "99",
        "110",
        "1,200",
        "29,000",
    ]


# By hand: a lower bound goes down and an upper one up, whatever the sign.
def test_a_difference_has_its_sign_and_its_bounds_are_rounded_outwards() -> None:
    assert rounding.difference(-0.01234, bound="lower") == "-1.3 points"
    assert rounding.difference(-0.01234, bound="upper") == "-1.2 points"
    assert rounding.difference(0.01234, bound="lower") == "+1.2 points"
    assert rounding.difference(0.01234) == "+1.2 points"
    assert rounding.difference(0.0) == "0.0 points"


def test_a_margin_between_labels_is_told_in_whole_points_and_is_never_a_certainty() -> None:
    shown = [rounding.margin_points(margin) for margin in (0.99996, 0.83, 0.995, 0.835, 0.014, 0.004)]
    assert shown == ["over 99 points", "83 points", "over 99 points", "84 points", "1 point", "under 1 point"]


# By hand: Clopper and Pearson's ends for 1 and for 199 of 200 in groups, and ends that one more decimal tells.
@pytest.mark.parametrize(
    ("low", "high", "percents", "fractions"),
    [
        (5e-6, 0.0443, "<0.01 to 4.5%", "<0.0001 to 0.045"),
        (0.955, 0.999995, "95.5 to >99.99%", "0.955 to >0.9999"),
        (0.0004, 0.9996, "0.04 to 99.96%", "0.0004 to 0.9996"),
        (0.0, 1.0, "0.0 to 100.0%", "0.000 to 1.000"),
    ],
)
def test_an_end_of_an_interval_has_one_more_decimal_at_most(
    low: float, high: float, percents: str, fractions: str
) -> None:
    found = Interval(low=low, high=high, confidence=0.95)
    assert rounding.percent_interval(found) == percents
    assert rounding.fraction_interval(found) == fractions


def test_powers_of_ten_are_written_so_that_their_zeros_need_not_be_counted() -> None:
    shown = [rounding.power_words(10.0**power) for power in (-7, -4, -3, 0, 1, 4, 5, 12)]
    assert shown == ["10⁻⁷", "10⁻⁴", "0.001", "1", "10", "10,000", "10⁵", "10¹²"]

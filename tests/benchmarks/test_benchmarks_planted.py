"""What the planted cases are summed up to, on hand-made ones; and that recipes spoil what they say and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from closed_tasks import Pool
from planted_cases import FAMILIES, case_of, evaluated, trained
from planted_summary import (
    calibration,
    clustered_interval,
    fixed_ladder,
    right_of,
    summary,
    symptoms,
    temperature,
    tuned,
)
from verdict_planted import names_of

N = 4_000
WORDS = ("red", "green", "blue", "warm", "cold", "loud", "quiet", "round")


@pytest.fixture(scope="module")
def pool() -> Pool:
    """Four labels whose messages hold their own words."""
    generator = np.random.default_rng(0)
    y = generator.integers(4, size=N)
    texts = [f"{WORDS[2 * k + i % 2]} {WORDS[generator.integers(8)]} {i}" for i, k in enumerate(y)]
    return Pool(name="made/4/0", texts=tuple(texts), y=y, labels=("a", "b", "c", "d"))


def case(
    code: str, *, right: tuple[str, ...] = ("more_data",), probability: float = 0.8, **more: Any
) -> dict[str, Any]:
    drawn = {code: probability, "undecided" if code != "undecided" else "more_data": 1.0 - probability}
    told: dict[str, Any] = {
        "family": "few_rows",
        "source": "made/4/0",
        "near": False,
        "validation": 0.7,
        "target": 0.9,
        "best": {},
    }
    told["symptoms"] = {}
    return told | {"code": code, "right": list(right), "probability": probability, "drawn": drawn} | more


def test_a_verdict_is_right_where_it_is_among_the_right_ones():
    cases = [case("more_data"), case("scale_up"), case("undecided", right=("undecided", "suffices"))]
    assert right_of(cases).tolist() == [True, False, True]


def test_whole_clusters_are_drawn_so_that_alike_cases_count_as_one():
    alone = [case("more_data" if i % 2 else "scale_up", family=f"f{i}") for i in range(40)]
    together = [case("more_data" if i < 20 else "scale_up", family="a" if i < 20 else "b") for i in range(40)]
    narrow, wide = (clustered_interval(cases, right_of(cases)) for cases in (alone, together))
    assert 0.5 - narrow[0] < 0.2
    assert wide == [0.0, 1.0]


def test_a_probability_that_is_right_as_often_as_it_says_has_slope_one():
    cases = [
        case("more_data" if i < round(100 * share) else "scale_up", probability=share)
        for share in (0.2, 0.5, 0.9)
        for i in range(100)
    ]
    found = calibration(cases, right_of(cases))
    assert found["slope"] == pytest.approx(1.0, abs=0.05)
    assert found["skill"] > 0.3


def test_symptoms_are_counted_where_size_was_the_cause_and_where_not():
    cases = [
        case(
            "scale_up",
            right=("scale_up", "more_data"),
            symptoms={"repetition": "found", "poor_logic": "not applicable"},
        ),
        case("scale_up", right=("scale_up",), symptoms={"repetition": "clear"}),
        case("more_data", symptoms={"repetition": "found"}),
    ]
    assert symptoms(cases) == {"repetition": {"size": [1, 2], "not_size": [1, 1]}}


def test_chances_that_say_too_much_are_flattened():
    boasting = [case("more_data" if i < 60 else "scale_up", probability=0.95) for i in range(100)]
    for one in boasting:
        one["drawn"] = {one["code"]: 0.95, "undecided": 0.05}
    assert temperature(boasting) > 1.5


def test_folklore_is_tuned_where_it_is_right_most_often():
    cases = [case("x", right=("suffices",), validation=0.9), case("x", right=("more_data",), validation=0.7)]
    high, low = tuned(cases)
    assert 0.7 < high <= 0.9
    assert low <= 0.7
    assert fixed_ladder(case("x", validation=0.2), 0.8, 0.6) == "scale_up"


def test_the_summary_counts_by_what_was_planted():
    cases = [case("more_data"), case("scale_up", family="hard"), case("more_data", near=True)]
    found = summary(cases, thresholds=(0.8, 0.6))
    assert found["by_family"] == {"few_rows": [2, 2], "hard": [0, 1]}
    assert (found["far_from_the_boundary"], found["near_the_boundary"]) == ([1, 2], [1, 1])
    assert [one["code"] for one in found["wrong"]] == ["scale_up"]


@pytest.mark.parametrize("part", ["development", "scored"])
def test_every_family_has_eight_cases_and_a_fifth_of_all_are_healthy(part):
    families = [name.split(":")[0] for name in names_of(part)]
    counts = {family: families.count(family) for family in FAMILIES}
    assert min(counts.values()) >= 8
    assert counts["healthy"] == len(families) / 5
    assert len(families) >= 120


def test_no_source_is_in_both_parts():
    sets = [{name.split(":")[1].partition("/")[0] for name in names_of(part)} for part in ("development", "scored")]
    assert not sets[0] & sets[1]


def test_train_noise_leaves_what_models_are_judged_on_as_it_was(pool):
    made = case_of("train_noise", pool, 0)
    rows = evaluated(made)
    assert (made.given[rows] == made.clean[rows]).all()
    assert 0.15 < (made.given != made.clean)[trained(made)].mean() < 0.25


def test_test_noise_leaves_training_rows_as_they_were(pool):
    made = case_of("test_noise", pool, 0)
    rows = trained(made)
    assert (made.given[rows] == made.clean[rows]).all()
    assert 0.03 < (made.given != made.clean)[evaluated(made)].mean() < 0.1


def test_what_is_held_out_is_in_no_split(pool):
    for family in FAMILIES:
        made = case_of(family, pool, 3)
        seen = np.concatenate([made.train, made.more, made.validation, made.test])
        assert not np.isin(made.held_out, seen).any(), family
        assert len(made.held_out) >= 1_000

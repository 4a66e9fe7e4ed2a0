"""How far off forecasts are: which curves are run, what is foretold of one, and what is made of them."""

from __future__ import annotations

from pathlib import Path

import bench
import numpy as np
import pytest
import verdict_forecast
from verdict_forecast import Answers, Model, figures, foretold, loss, names_of, summary


def answers(rate: float, *, n_validation: int = 1_000, fresh: int = 1_000) -> Answers:
    """A curve that errs as rows**-rate says, on three subsets of 64 to 256 rows, and on 512, 1,024 and 2,048."""
    generator = np.random.default_rng(0)
    n_rows = n_validation + fresh
    y_true = np.arange(n_rows) % 4
    n = np.array([*np.repeat([64, 128, 256], 3), 512, 1_024, 2_048])
    hard = generator.random(n_rows)
    y_pred = np.stack(
        [np.where(hard + generator.normal(0, 0.01) < 2.0 * rows**-rate, y_true + 1, y_true) for rows in n]
    )
    seeds = np.array([*np.tile([0, 1, 2], 3), -1, -1, -1])
    return Answers(n=n, subset_seed=seeds, y_pred=y_pred % 4, y_true=y_true, n_validation=n_validation, n_labels=4)


def forecast(**given: float) -> dict[str, float]:
    at = {"foretold": 0.8, "truth": 0.8, "last": 0.7, "low": 0.75, "high": 0.85, "fresh": None, "n_validation": 2_000}
    return at | {"n": 4_000, "ratio": 4, "of_seen": True} | given


def test_its_minutes_are_declared() -> None:
    assert bench.minutes_of(Path(verdict_forecast.__file__)) == verdict_forecast.MINUTES


def test_sixty_curves_are_scored_and_no_set_of_theirs_is_fitted_on() -> None:
    kinds = {part: {name.split(":")[1].partition("/")[0] for name in names_of(part)} for part in verdict_forecast.SETS}
    assert not kinds["development"] & kinds["scored"]
    for part in verdict_forecast.SETS:
        assert len(set(names_of(part))) == len(names_of(part))
    assert len(names_of("scored")) >= 60


def test_a_curve_is_foretold_from_a_quarter_an_eighth_and_less() -> None:
    found = list(foretold(answers(0.5), rung="tfidf", model=Model()))
    assert [(one["seen"], one["n"], one["ratio"]) for one in found] == [
        *((512, 1_024, 2), (512, 2_048, 4), (256, 1_024, 4), (256, 2_048, 8), (128, 1_024, 8), (128, 2_048, 16))
    ]
    (asked,) = (one for one in found if one["of_seen"] and one["ratio"] == 4)
    # By the law: 2 / sqrt(2,048) = 0.044 wrong, where 0.088 were on a quarter.
    assert asked["truth"] == pytest.approx(0.956, abs=0.02)
    assert asked["last"] == pytest.approx(0.912, abs=0.02)
    assert asked["foretold"] == pytest.approx(asked["truth"], abs=0.025)
    assert asked["low"] < asked["foretold"] < asked["high"]


def test_the_errors_are_those_of_validation_rows_and_fresh_ones_are_told_beside() -> None:
    found = answers(0.5, fresh=500)
    found.y_pred[-1, 1_000:] = (found.y_true[1_000:] + 1) % 4
    last = list(foretold(found, rung="tfidf", model=Model()))[1]
    assert last["truth"] > 0.9
    assert last["fresh"] == 0.0
    assert list(foretold(answers(0.5, fresh=499), rung="tfidf", model=Model()))[1]["fresh"] is None


def test_the_summary_by_hand() -> None:
    found = [
        forecast(foretold=0.81, fresh=0.74),
        forecast(foretold=0.78, truth=0.86),
        # Gains one point: not among those held against the last point.
        forecast(foretold=0.80, truth=0.80, last=0.79, n_validation=500),
    ]
    said = summary(found)
    assert said["median_error"] == pytest.approx(0.01)
    assert said["median_error_on_2000"] == pytest.approx(0.045)
    assert said["median_error_on_fewer"] == 0.0
    assert said["bias"] == pytest.approx((0.01 - 0.08) / 3)
    assert said["climbing"] == 2
    # (0.01 + 0.08) / (0.10 + 0.16).
    assert said["to_last_point"] == pytest.approx(0.09 / 0.26)
    assert said["truth"]["covered"] == pytest.approx(2 / 3)
    assert said["fresh"] == {"n": 1, "covered": 0.0, "band": [0.0, 1.0]}


def test_no_curve_is_no_figure_and_not_a_zero() -> None:
    said = summary([])
    assert said["curves"] == 0
    assert said["median_error"] is said["to_last_point"] is said["bias"] is said["truth"]["covered"] is None


def test_only_forecasts_from_a_quarter_to_all_are_asked_about() -> None:
    others = [forecast(ratio=2), forecast(of_seen=False), forecast(ratio=8, of_seen=False)]
    said = figures({"tfidf:gcd:0": {"forecasts": [forecast(), *others]}})
    assert said["all"]["curves"] == 1
    assert set(said["by"]) == {"generators", "tfidf"}
    assert {ratio: one["curves"] for ratio, one in said["ratios"].items()} == {"2": 1, "4": 2, "8": 1}


def test_the_interval_score_by_hand() -> None:
    # Width 10 points, and 20 times the one point that the truth lies above.
    assert loss([forecast(truth=0.86)]) == pytest.approx(10.0 + 20.0)
    assert loss([forecast(), forecast(truth=0.86)]) == pytest.approx(20.0)


def test_answers_are_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []
    monkeypatch.setattr(verdict_forecast, "_run", lambda name, *, data: ran.append(name) or answers(0.5))
    first, again = (verdict_forecast.answers("tfidf:clinc150/20/0:1", data=tmp_path, kept=tmp_path) for _ in range(2))
    assert ran == ["tfidf:clinc150/20/0:1"]
    assert (first.y_pred == again.y_pred).all()
    assert again.n_validation == first.n_validation == 1_000

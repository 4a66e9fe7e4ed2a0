"""What the planted cases come to: how many verdicts are right, how sure that is, and what they knew of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from suffice.diagnose.winners import sharpened

Case = dict[str, Any]
"""A case as `verdict_planted.run` gives it."""
N_BOOTSTRAP = 10_000
LEAST = 1e-3
"""Chances are held this far from 0 and 1: a thousand draws tell no more."""
STEPS = np.round(np.arange(0.30, 1.0, 0.05), 2)
"""Thresholds that the ladder of fixed ones is tuned over."""


def summary(cases: Sequence[Case], *, thresholds: tuple[float, float] | None) -> dict[str, Any]:
    """Right verdicts, over all and by what was planted, their calibration, and the ladder of fixed thresholds beside.

    Args:
        cases: of one part.
        thresholds: of that ladder, tuned on the other part; None tunes them here.
    """
    right = right_of(cases)
    thresholds = thresholds or tuned(cases)
    fixed = np.array([fixed_ladder(case, *thresholds) in case["right"] for case in cases])
    far = np.array([not case["near"] for case in cases])
    return {
        "n": len(cases),
        "right": float(right.mean()),
        "interval": clustered_interval(cases, right),
        "far_from_the_boundary": [int(right[far].sum()), int(far.sum())],
        "near_the_boundary": [int(right[~far].sum()), int((~far).sum())],
        "by_family": _shares(right, [case["family"] for case in cases]),
        "recall": _shares(right, [" or ".join(case["right"]) for case in cases]),
        "told": _shares(right, [case["code"] for case in cases]),
        "calibration": calibration(cases, right),
        "fixed_thresholds": {
            "thresholds": list(thresholds),
            "right": float(fixed.mean()),
            "interval": clustered_interval(cases, fixed),
        },
        "temperature": temperature(cases),
        "symptoms": symptoms(cases),
        "wrong": [
            {key: case[key] for key in ("family", "source", "code", "probability", "right", "target", "best")}
            for case, ok in zip(cases, right, strict=True)
            if not ok
        ],
    }


def right_of(cases: Sequence[Case]) -> NDArray[np.bool_]:
    """Whether each first verdict is among the right ones, shape [C]."""
    return np.array([case["code"] in case["right"] for case in cases])


def clustered_interval(cases: Sequence[Case], right: NDArray[np.bool_]) -> list[float]:
    """90% of bootstrap draws of the share that is right: whole clusters of one data set and family are drawn.

    Args:
        cases: C of them.
        right: shape [C].

    Source: Field and Welsh (2007), Bootstrapping clustered data, Journal of the Royal Statistical Society B 69.
    """
    names = [(case["family"], case["source"].partition("/")[0]) for case in cases]
    codes = {name: code for code, name in enumerate(dict.fromkeys(names))}
    of_case = np.array([codes[name] for name in names])
    n_right, n = (np.bincount(of_case, weights=w, minlength=len(codes)) for w in (right, np.ones(len(right))))
    drawn = np.random.default_rng(0).integers(0, len(codes), size=(N_BOOTSTRAP, len(codes)))
    low, high = np.quantile(n_right[drawn].sum(axis=1) / n[drawn].sum(axis=1), [0.05, 0.95])
    return [float(low), float(high)]


def calibration(cases: Sequence[Case], right: NDArray[np.bool_]) -> dict[str, float]:
    """Of the probability that the verdict states of itself: Brier's skill over the constant share, and the slope.

    Source: Brier (1950), Monthly Weather Review 78; Cox (1958), Two further applications of a model for binary
        regression, Biometrika 45, for the slope.
    """
    stated = np.clip([case["probability"] or 0.0 for case in cases], LEAST, 1.0 - LEAST)
    constant = float(((right.mean() - right) ** 2).mean())
    found = {"brier": float(((stated - right) ** 2).mean()), "constant": constant, "mean_stated": float(stated.mean())}
    if right.all() or not right.any():
        return found
    logit = np.log(stated / (1.0 - stated))[:, None]
    slope = LogisticRegression(C=np.inf).fit(logit, right).coef_[0, 0]
    return found | {"skill": 1.0 - found["brier"] / constant, "slope": float(slope)}


def temperature(cases: Sequence[Case]) -> float:
    """By which chances of codes are flattened (above 1) or sharpened so that they say most of which verdicts are right.

    Cases whose rung the test proved do not take part: their probability is that of the test.

    Source: Guo et al. (2017), On Calibration of Modern Neural Networks, ICML, with shares of draws for the softmax.
    """
    left = [case for case in cases if case["code"] not in {"suffices", "as_good_as_best"} and case["drawn"]]

    def loss(log_temperature: float) -> float:
        found = []
        for case in left:
            code = "undecided" if case["code"] == "not_learnable" else case["code"]
            chance = sharpened(case["drawn"], temperature=float(np.exp(log_temperature))).get(code, 0.0)
            found.append(np.clip(chance if case["code"] in case["right"] else 1.0 - chance, LEAST, 1.0))
        return float(-np.log(found).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 3.0), method="bounded").x))


def symptoms(cases: Sequence[Case]) -> dict[str, dict[str, list[int]]]:
    """How often each symptom is found on the proposed rung where size was the cause, and where it was not.

    Cases in which it could not be looked for do not count. Size was the cause where `scale_up` is among the right
    codes.

    Args:
        cases: of one part.
    """
    found: dict[str, dict[str, list[int]]] = {}
    for case in cases:
        side = "size" if "scale_up" in case["right"] else "not_size"
        for name, state in case["symptoms"].items():
            if state != "not applicable":
                counts = found.setdefault(name, {"size": [0, 0], "not_size": [0, 0]})[side]
                counts[0] += state == "found"
                counts[1] += 1
    return found


def fixed_ladder(case: Case, enough: float, some: float) -> str:
    """What folklore says of a score.

    Args:
        case: any.
        enough: from this on it suffices.
        some: from this on more data are wanted; below, a larger model.
    """
    if case["validation"] >= enough:
        return "suffices"
    return "more_data" if case["validation"] >= some else "scale_up"


def tuned(cases: Sequence[Case]) -> tuple[float, float]:
    """The two thresholds under which that ladder is right most often."""
    pairs = [(float(high), float(low)) for high, low in product(STEPS, STEPS) if low <= high]
    return max(pairs, key=lambda pair: sum(fixed_ladder(case, *pair) in case["right"] for case in cases))


def _shares(right: NDArray[np.bool_], names: Sequence[str]) -> dict[str, list[int]]:
    of = np.array(names)
    return {str(name): [int(right[of == name].sum()), int((of == name).sum())] for name in sorted(set(names))}

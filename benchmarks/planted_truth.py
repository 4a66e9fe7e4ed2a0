"""The truth of a planted case: every plan of up to two steps carried out, and scored on held-out rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from planted_cases import MORE, Case
from planted_right import (
    CarriedOut,
    Truth,
    best_of,
    by_chance,
    concluded,
    fresh_rows,
    left_to_train,
    of_cheapest,
    proven_as_it_is,
)
from scipy.stats import norm

from suffice.records.diagnosis import STEP_ORDER, StepCode
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import CostSpec, TrainSpec
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.ladder import base_of, describe
from suffice.rungs.out_of_fold import out_of_fold_scores
from suffice.split import Strata, folds, tune_rows
from suffice.stats.suspicion import judge

LOOKED_AT = (0.15, 0.3, 0.6, 1.0)
"""Shares of the training rows, most suspect first, that a person may look at."""
LEAST_GAIN = 0.02
"""What a task must let a model gain over its commonest label to be called learnable."""


class Carrier:
    """Carries plans out, each fit once."""

    def __init__(self, case: Case) -> None:
        """
        Args:
            case: the spoiled task.
        """
        self.case, self.labels, self.train = case, LabelSet(names=case.labels), left_to_train(case)
        self.strata = Strata(y=case.given, groups=np.arange(len(case.texts)), keys=case.texts)
        self._predicted: dict[tuple[object, ...], NDArray[np.int64]] = {}
        self._suspects: dict[tuple[object, ...], NDArray[np.int64]] = {}
        self.prices = CostSpec()

    @cached_property
    def is_train_noisy(self) -> bool:
        """Whether any label of a training row is wrong."""
        rows = np.concatenate([self.case.train, self.case.more])
        return bool((self.case.given[rows] != self.case.clean[rows]).any())

    @cached_property
    def is_eval_noisy(self) -> bool:
        """Whether any label of a held-out row is wrong."""
        return bool((self.case.given[self.case.held_out] != self.case.clean[self.case.held_out]).any())

    def every(self) -> list[CarriedOut]:
        """All plans of up to two steps."""
        return list(self._every())

    def differ(self) -> float:
        """Share of the held-out rows that the best rung as it is has right and the commonest label has not, or the
        other way round.
        """
        case, y = self.case, self.case.given[self.case.held_out]
        common = y == np.bincount(case.given[case.train]).argmax()
        rungs = [rung for rung in case.ladder if rung != "majority"]
        right = [self.predicted(rung, look=0.0, repair=False, more=1.0) == y for rung in rungs]
        return float((max(right, key=lambda one: float(one.mean())) != common).mean())

    def score(self, y_pred: NDArray[np.int64], y_true: NDArray[np.int64]) -> float:
        """The case's metric."""
        if self.case.metric == "accuracy":
            return float((y_pred == y_true).mean())
        from suffice.stats.f1 import macro_f1  # noqa: PLC0415

        return macro_f1(y_true, y_pred, n_labels=len(self.case.labels))

    def _every(self) -> Iterator[CarriedOut]:
        case = self.case
        y = case.given[case.held_out]
        commonest = np.full(len(y), np.bincount(case.given[case.train]).argmax())
        yield CarriedOut(rung="majority", steps=(), score=self.score(commonest, y), n_labels=0, money=0.0)
        n_train, rungs = len(self.train), [rung for rung in (*case.ladder, *case.rungs_beyond) if rung != "majority"]
        looks = (0.0, *LOOKED_AT) if self.is_train_noisy else (0.0,)
        repairs = (False, True) if "strength" in case.train_spec else (False,)
        evals = (False, True) if self.is_eval_noisy else (False,)
        merges = (False, True) if case.merges else (False,)
        mores = tuple(more for more in (1.0, *MORE) if (more - 1.0) * n_train <= len(case.more))
        for rung, look, repair, clean, merge, more in product(rungs, looks, repairs, evals, merges, mores):
            steps = self._steps(rung, look=look, repair=repair, clean=clean, merge=merge, more=more)
            if len(steps) > 2 or (look not in {0.0, 1.0} and more != 1.0):
                continue
            y_pred = self.predicted(rung, look=look, repair=repair, more=more)
            y_true = (case.clean if clean else case.given)[case.held_out]
            if merge:
                y_pred, y_true = self._merged(y_pred), self._merged(y_true)
            n_labels = round(look * n_train) + round((more - 1.0) * n_train)
            n_labels += (len(case.validation) + len(case.test)) if clean else 0
            yield CarriedOut(
                rung=rung,
                steps=steps,
                score=self.score(y_pred, y_true),
                n_labels=n_labels,
                money=n_labels * self.prices.per_label + len(steps) * self.prices.per_step,
            )
        if case.hosted_accuracy is not None:
            yield CarriedOut(
                rung="hosted:stub",
                steps=("keep_prompting",),
                score=case.hosted_accuracy,
                n_labels=0,
                money=case.hosted_price * self.prices.messages + self.prices.per_step,
            )

    def _steps(
        self, rung: str, *, look: float, repair: bool, clean: bool, merge: bool, more: float
    ) -> tuple[StepCode, ...]:
        taken: dict[StepCode, bool] = {
            "fix_training": repair,
            "clean_eval_labels": clean,
            "clean_train_labels": look > 0,
            "merge_labels": merge,
            "scale_up": rung in self.case.rungs_beyond,
            "more_data": more > 1.0,
        }
        return tuple(code for code in STEP_ORDER if taken.get(code))

    def _merged(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        codes = np.arange(len(self.case.labels))
        for one, other in self.case.merges:
            codes[codes == max(one, other)] = min(one, other)
        return np.asarray(codes[y])

    def predicted(self, rung: str, *, look: float, repair: bool, more: float) -> NDArray[np.int64]:
        """Answers on the held-out rows after the steps that take a run, shape [H]."""
        key = (rung, look, repair, more)
        if key not in self._predicted:
            case = self.case
            rows = np.concatenate([self.train, case.more[: round((more - 1.0) * len(self.train))]])
            y = case.given.copy()
            if look == 1.0:
                y[rows] = case.clean[rows]
            elif look:
                looked = self._most_suspect(rung, rows, repair=repair)[: round(look * len(rows))]
                y[looked] = case.clean[looked]
            fitted = self._fit(rung, rows, y, repair=repair)
            texts = [case.texts[i] for i in case.held_out]
            scores = fitted.scores_of(fitted.read(texts)) if hasattr(fitted, "read") else fitted.scores(texts)
            self._predicted[key] = scores.logits.argmax(axis=1)
        return self._predicted[key]

    def _most_suspect(self, rung: str, rows: NDArray[np.int64], *, repair: bool) -> NDArray[np.int64]:
        key = (rung, len(rows), repair)
        if key not in self._suspects:
            scores = out_of_fold_scores(
                describe(rung).load_class(),
                [self.case.texts[i] for i in rows],
                training=lambda positions: self._data(rows[positions], self.case.given),
                folds=[folds(rows, self.strata, n_folds=5, seed=0)],
                settings=self._settings(repair=repair),
                base=base_of(rung, TrainSpec()) or "",
                progress=SILENT,
            )
            probs = np.exp(scores.logits) / np.exp(scores.logits).sum(axis=1, keepdims=True)
            self._suspects[key] = rows[np.argsort(-judge(probs, self.case.given[rows]).score, kind="stable")]
        return self._suspects[key]

    def _fit(self, rung: str, rows: NDArray[np.int64], y: NDArray[np.int64], *, repair: bool):  # type: ignore[no-untyped-def]
        return (
            describe(rung)
            .load_class()
            .fit(
                self._data(rows, y),
                self._settings(repair=repair),
                base=base_of(rung, TrainSpec()) or "",
                checkpoints=Path(),
                progress=SILENT,
            )
        )

    def _data(self, rows: NDArray[np.int64], y: NDArray[np.int64]) -> TrainingData:
        tune = tune_rows(rows, self.strata, seed=0)
        by_folds = len(rows) < 500
        return TrainingData(
            texts=[self.case.texts[i] for i in rows],
            y=y[rows],
            labels=self.labels,
            tune=None if by_folds else np.flatnonzero(np.isin(rows, tune)),
            folds=folds(rows, self.strata, n_folds=3, seed=0) if by_folds else None,
        )

    def _settings(self, *, repair: bool) -> Settings:
        given = {key: value for key, value in self.case.train_spec.items() if not (repair and key == "strength")}
        return Settings(
            seed=0,
            train=TrainSpec(**given),
            instruction="",
            context_tokens=512,
            too_long="head_tail",
            label_output="tokens",
        )


def _seen_not_to_gain(case: Case, *, differ: float, gained: float) -> float:
    """How likely the rows that compare rungs bound the gain over the commonest label under two points (95%).

    Args:
        case: the spoiled task.
        differ: share of held-out rows that one of the two has right and the other has not.
        gained: how much more often the best rung is right.
    """
    n = fresh_rows(case, case.validation, beside=case.train)
    deviation = np.sqrt(max(differ, 1.0 / n) / n)
    return float(norm.cdf((LEAST_GAIN - gained) / deviation - norm.ppf(0.95)))


def truth_of(case: Case, plans: list[CarriedOut], *, target: float, differ: float) -> Truth:
    """The right codes.

    Args:
        case: the spoiled task.
        plans: carried out.
        target: what is to be reached.
        differ: as `Carrier.differ` gives it.
    """
    best = best_of(plans)
    y = case.given[case.held_out]
    majority = float((y == np.bincount(case.given[case.train]).argmax()).mean())
    gained = max(plan.score for plan in plans if not plan.steps) - majority
    enough = [plan for plan in plans if plan.score >= target]
    if best["suffices"] >= target:
        chance = proven_as_it_is(case, [plan.score for plan in plans if not plan.steps], target=target)
        codes = by_chance("suffices", chance)
    elif enough:
        codes = of_cheapest(plans, target=target)
    elif case.metric == "accuracy" and gained < LEAST_GAIN:
        codes = by_chance("not_learnable", _seen_not_to_gain(case, differ=differ, gained=gained))
    else:
        codes = {"undecided"}
    return concluded(codes, best=best, target=target)

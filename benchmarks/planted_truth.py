"""The truth of a planted case: every plan of up to two steps carried out, and scored on held-out rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from planted_cases import MORE, Case
from scipy.stats import norm

from suffice.copies import find_copies, group_rows
from suffice.diagnose.choice import CHOICE_ALPHA
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.diagnosis import CODE_OF_STEP, STEP_ORDER, StepCode
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES
from suffice.records.task import CostSpec, SplitSpec, TrainSpec
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.ladder import base_of, describe
from suffice.rungs.out_of_fold import out_of_fold_scores
from suffice.split import Strata, assign_splits, folds, tune_rows
from suffice.stats.openings import FIRST_ALPHA
from suffice.stats.planning import power
from suffice.stats.suspicion import judge

LOOKED_AT = (0.15, 0.3, 0.6, 1.0)
"""Shares of the training rows, most suspect first, that a person may look at."""
NEAR = 0.01
"""A truth nearer to the target than this may also be called undecided."""
SLACK, COST_SLACK = 0.005, 1.2
"""A plan is right within half a point of the target and a fifth of the cheapest cost."""
GAP_LEFT = 0.02
HEALTHY = 3.5
"""Standard errors of the test that a healthy case lies above its target: the test then proves it 19 times in 20."""
LEAST_GAIN = 0.02
"""What a task must let a model gain over its commonest label to be called learnable."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CarriedOut:
    """One plan and what it came to."""

    rung: str
    steps: tuple[StepCode, ...]
    score: float
    """On held-out rows, by the labels that the evaluation then has."""
    n_labels: int
    money: float

    @property
    def code(self) -> str:
        """The verdict that begins with this plan."""
        return CODE_OF_STEP[self.steps[0]] if self.steps else "suffices"


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """What the right verdict of a case is."""

    target: float
    codes: tuple[str, ...]
    """Right ones."""
    near: bool
    """Within a point of the boundary: `undecided` is right as well, and the case is reported apart."""
    best: dict[str, float]
    """Best score of each code, and of nothing done (`suffices`)."""


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


def left_to_train(case: Case) -> NDArray[np.int64]:
    """The training rows that a fit trains on: it keeps some for calibration, by a draw that its split decides.

    Args:
        case: the spoiled task.
    """
    named = (("train", case.train), ("validation", case.validation), ("test", case.test))
    rows = np.concatenate([of for _, of in named])
    texts = [case.texts[i] for i in rows]
    told = [
        {"id": str(i), "source": "", "row": i, "text": text, "label": "", "split": split}
        for i, (text, split) in enumerate(zip(texts, [name for name, of in named for _ in of], strict=True))
    ]
    data = Dataset(table=pa.Table.from_pylist(told, schema=SCHEMA), name="case")
    near = find_copies(texts, progress=SILENT).near
    splits = assign_splits(data, group_rows(texts, data.groups, near), seed=SplitSpec().seed)
    return rows[splits.codes == SPLIT_NAMES.index("train")]


def fresh_rows(case: Case, rows: NDArray[np.int64], *, beside: NDArray[np.int64]) -> int:
    """How many of some rows have no copy and no near-copy among others, as a fit counts them; all where all have one.

    Args:
        case: the spoiled task.
        rows: positions of the rows.
        beside: positions of the others.
    """
    near = find_copies([case.texts[i] for i in (*rows, *beside)], progress=SILENT).near
    return int((~np.isin(near[: len(rows)], near[len(rows) :])).sum()) or len(rows)


def tested_rows(case: Case) -> int:
    """Test rows that a target is held against.

    Args:
        case: the spoiled task.
    """
    test = case.test if case.n_test_shown is None else case.test[: case.n_test_shown]
    return fresh_rows(case, test, beside=np.concatenate([case.train, case.validation]))


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


def proven_as_it_is(case: Case, scores: list[float], *, target: float) -> float:
    """How likely a rung as it is comes to be proven: the cheapest whose bound on validation reaches the target is put
    to the test, or the best where none does.

    Args:
        case: the spoiled task.
        scores: of its rungs as they are, the cheapest first.
        target: what is to be reached.

    Source: STATISTICS of the project, section 2, with validation and test as two independent draws of rows.
    """
    n_validation, n_test = fresh_rows(case, case.validation, beside=case.train), tested_rows(case)
    passed_over, proven = 1.0, 0.0
    for score in scores:
        proposed = power(n_validation, score, target=target, alpha=CHOICE_ALPHA)
        proven += passed_over * proposed * power(n_test, score, target=target, alpha=FIRST_ALPHA)
        passed_over *= 1.0 - proposed
    return proven + passed_over * power(n_test, max(scores), target=target, alpha=FIRST_ALPHA)


AIMED_AT: dict[str, StepCode] = {
    "train_noise": "clean_train_labels",
    "test_noise": "clean_eval_labels",
    "systematic": "clean_train_labels",
    "few_rows": "more_data",
    "merged": "merge_labels",
    "under_trained": "fix_training",
    "small_rung": "scale_up",
    "imbalance": "more_data",
    "leakage": "more_data",
}
"""The step that the target of a family is put between: where it brings under two points, nothing is to reach it."""


def target_of(case: Case, plans: list[CarriedOut], *, seen: float) -> float:
    """Where the target lies, by the recipe's aim and what the plans came to.

    Args:
        case: the spoiled task.
        plans: carried out.
        seen: score of the best rung on the validation rows of the case, copies included.
    """
    nothing = max(plan.score for plan in plans if not plan.steps)
    top = max(plan.score for plan in plans)
    if case.aim == "below":
        target = nothing - 0.045
    elif case.aim == "well_below":
        target = nothing - max(0.045, HEALTHY * np.sqrt(nothing * (1.0 - nothing) / tested_rows(case)))
    elif case.aim == "above":
        target = top + 0.03
    elif case.aim == "hosted":
        target = (case.hosted_accuracy or 0.0) - 0.03
    elif case.aim == "middle_of_leak":
        target = nothing + 0.5 * max(seen - nothing, 0.04)
    else:
        single = max(plan.score for plan in plans if len(plan.steps) == 1)
        wanted = AIMED_AT.get(case.family)
        reached = [plan.score for plan in plans if plan.steps == (wanted,)]
        if case.aim == "both":
            low, high = single, top
        else:
            low, high = nothing, max(reached, default=nothing)
        target = low + 0.6 * (high - low) if high - low >= GAP_LEFT else top + GAP_LEFT
    return float(np.clip(round(target, 3), 0.02, 0.995))


def truth_of(case: Case, plans: list[CarriedOut], *, target: float, differ: float) -> Truth:
    """The right codes.

    Args:
        case: the spoiled task.
        plans: carried out.
        target: what is to be reached.
        differ: as `Carrier.differ` gives it.
    """
    best: dict[str, float] = {}
    for plan in plans:
        best[plan.code] = max(best.get(plan.code, 0.0), plan.score)
    y = case.given[case.held_out]
    majority = float((y == np.bincount(case.given[case.train]).argmax()).mean())
    gained = max(plan.score for plan in plans if not plan.steps) - majority
    enough = [plan for plan in plans if plan.score >= target]
    if best["suffices"] >= target:
        chance = proven_as_it_is(case, [plan.score for plan in plans if not plan.steps], target=target)
        codes = {"suffices"} if chance >= 0.8 else {"undecided"} if chance <= 0.2 else {"suffices", "undecided"}
    elif enough:
        cheapest = min(plan.money for plan in enough)
        right = [
            plan
            for plan in plans
            if plan.steps and plan.score >= target - SLACK and plan.money <= COST_SLACK * cheapest
        ]
        codes = {plan.code for plan in right}
    elif case.metric == "accuracy" and gained < LEAST_GAIN:
        chance = _seen_not_to_gain(case, differ=differ, gained=gained)
        codes = (
            {"not_learnable"} if chance >= 0.8 else {"undecided"} if chance <= 0.2 else {"not_learnable", "undecided"}
        )
    else:
        codes = {"undecided"}
    near = abs(best["suffices"] - target) < NEAR or (not enough and max(best.values()) > target - NEAR)
    return Truth(target=target, codes=tuple(sorted(codes | ({"undecided"} if near else set()))), near=near, best=best)

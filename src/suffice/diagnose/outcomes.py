"""What a rung comes to with some switches on: as run, as rescored, or as the runs that there are foretell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.curves import Curve
from suffice.diagnose.draws import Draws
from suffice.diagnose.seeds import Seeds
from suffice.records.grid import NOT_JUDGED, Grid, Measured
from suffice.records.run import (
    FORM,
    FOUND,
    NO_INSTRUCTION,
    PROMPT,
    RETRIEVAL,
    REVIEWED_AS_DECIDED,
    REVIEWED_AS_GIVEN,
    TRAIN_LABELS,
    TRAIN_TRACES,
)
from suffice.stats.binomial import lower_bound
from suffice.stats.groups import codes_or_rows
from suffice.stats.stratified import PRIOR

TRAINING = "training"
EVAL_LABELS = "eval_labels"
MERGE_LABELS = "merge_labels"
RETRAINED = (TRAIN_LABELS, TRAIN_TRACES, TRAINING)
"""Switches that take a run."""
ASKED = (RETRIEVAL, FORM, PROMPT)
"""Switches of rungs that write their answers: asked another way, and nothing is trained."""
MIN_REVIEWED = 20
"""Reviewed validation rows below which nothing is said of evaluation labels."""
SUREST_PART, MIN_SUREST, LEAST_LEAD = 3, 60, 0.02
"""The surest third of answers, if that is so many rows, and at least so large a share of them misses (95% sure)."""
LEAST_OF_LEAD = 0.6
"""Least part of a lead that may be wrong labels: the rest may be hard rows. Set by hand, not fitted yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Errors:
    """Errors of a rung after some changes, in each draw."""

    values: NDArray[np.float64]
    """One less each goal's score, shape [G, D]."""
    predicted: bool
    """Whether any part of it is a forecast."""


@dataclass(eq=False, kw_only=True)
class Outcomes:
    """Every rung under every set of switches, from the cells that were run."""

    draws: Draws
    _repaired: dict[str, Curve] = field(default_factory=dict)
    _changed: dict[tuple[str, str], Measured | None] = field(default_factory=dict)

    @cached_property
    def seeds(self) -> Seeds:
        """How far runs of each rung lie apart."""
        return Seeds(draws=self.draws)

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """Of every rung that was run."""
        rungs = dict.fromkeys(cell.rung for cell in self.draws.grid.cells)
        return {rung: Curve(rung=rung, draws=self.draws, seeds=self.seeds) for rung in rungs}

    @cached_property
    def merged(self) -> NDArray[np.int64]:
        """Code of each label once labels that cannot be told apart are one, shape [K + 1]; the last is for none."""
        codes = list(range(len(self.draws.grid.labels)))
        for one, other in self.draws.grid.pairs:
            first, second = (codes[self.draws.grid.labels.index(name)] for name in (one, other))
            codes = [min(first, second) if code in {first, second} else code for code in codes]
        return np.array([*codes, -1], dtype=np.int64)

    def switches_of(self, rung: str) -> tuple[str, ...]:
        """The switches that can be turned on for a rung.

        Args:
            rung: as in the ladder.
        """
        found = [name for name in RETRAINED if self.changed(rung, name)]
        if TRAIN_LABELS in found and not self.draws.grid.n_flagged:
            found.remove(TRAIN_LABELS)  # Nothing is suspect: there is no row to look at.
        if self._is_reviewed or self._surest_errors(rung) is not None:
            found.append(EVAL_LABELS)
        if self.draws.grid.pairs:
            found.append(MERGE_LABELS)
        found += [name for name in ASKED if self.asked(rung, name) is not None]
        return tuple(name for name in found if name not in self.draws.grid.skip)

    def asked(self, rung: str, switch: str) -> Measured | None:
        """The cell in which a rung that writes its answers was asked another way; None where it was not, and where
        another wording did no better on the rows that one is chosen on.

        Args:
            rung: as in the ladder.
            switch: `retrieval`, `form` or `prompt`.
        """
        grid = self.draws.grid
        if grid.kind == "classify" or grid.whole(rung) is None:
            return None
        cells = [cell for cell in grid.asked_again if cell.rung == rung and kind_of(cell.change or "") == switch]
        if switch == RETRIEVAL:  # Gold passages are at hand for rows of the data alone: nothing ships with them.
            return next((cell for cell in cells if cell.change == FOUND), None)
        if switch == FORM:
            return next(iter(cells), None)
        chosen = chosen_wording(cells)
        return None if chosen is None or chosen is cells[0] else chosen

    def wording(self, rung: str) -> str:
        """The instruction that `asked` chose for a rung, whole.

        Args:
            rung: one whose `prompt` can be turned on.
        """
        cell = self.asked(rung, PROMPT)
        assert cell is not None, "a switch that cannot be turned on has no wording"
        return told(self.draws.grid, cell) or ""

    @property
    def _is_reviewed(self) -> bool:
        """Of macro-F1 nothing is said: what right labels make of it, turned rows alone do not tell."""
        reviewed, metric = self.draws.grid.reviewed, self.draws.grid.target.metric
        return metric == "accuracy" and reviewed is not None and len(reviewed.rows) >= MIN_REVIEWED

    def _surest_errors(self, rung: str) -> tuple[int, int] | None:
        """Wrong ones among the surest third of a rung's answers, and how many these are; None where there is no lead.

        A model errs where it is unsure; labels that are wrong by chance are wrong anywhere. What it misses where it is
        surest is therefore a lead to the share of wrong labels, and no more than that: systematic errors are learned,
        and rows may be hard for no reason that a model sees.

        Source: the idea of anchor points in label-noise estimation: Patrini et al. (2017), Making Deep Neural Networks
            Robust to Label Noise, CVPR, section 4.
        """
        whole = self.draws.grid.whole(rung)
        if whole is None or self.draws.grid.target.metric != "accuracy":
            return None
        asked = np.flatnonzero(whole.judged)
        if not whole.confidence[asked].any():
            return None  # Where it is surest, it did not say.
        surest = asked[np.argsort(-whole.confidence[asked], kind="stable")][: len(asked) // SUREST_PART]
        if len(surest) < MIN_SUREST:
            return None
        wrong = int((whole.y_pred != self.draws.grid.y_true)[surest].sum())
        return (wrong, len(surest)) if lower_bound(wrong, len(surest), alpha=0.05) >= LEAST_LEAD else None

    def changed(self, rung: str, change: str) -> Measured | None:
        """The cell of a rung with a thing changed, on all rows if there is one; of a sweep the best.

        The best of several settings looks better on the rows that it is chosen by than it is. Its answers to each half
        of the rows are therefore those of the setting that is best on the other half.

        Args:
            rung: as in the ladder.
            change: `train_labels`, `train_traces`, `training`, or two of them with a plus between them.

        Source: two-fold cross-validation of the choice: Stone (1974), Cross-Validatory Choice and Assessment of
            Statistical Predictions, Journal of the Royal Statistical Society B 36.
        """
        if (rung, change) not in self._changed:
            cells = [
                cell
                for cell in self.draws.grid.cells
                if cell.rung == rung and cell.change is not None and kind_of(cell.change) == change
            ]
            self._changed[rung, change] = self._best([cell for cell in cells if cell.whole] or cells)
        return self._changed[rung, change]

    def _best(self, cells: Sequence[Measured]) -> Measured | None:
        if len(cells) < 2:
            return next(iter(cells), None)
        best, here, there = (
            max(cells, key=partial(self._score, rows=rows)) for rows in (None, ~self._half, self._half)
        )
        return replace(
            best,
            y_pred=np.where(self._half, here.y_pred, there.y_pred),
            confidence=np.where(self._half, here.confidence, there.confidence),
        )

    @cached_property
    def _half(self) -> NDArray[np.bool_]:
        """One half of the groups of rows, drawn by chance, shape [R]."""
        codes, n_groups = codes_or_rows(len(self.draws.grid.y_true), self.draws.grid.groups)
        drawn = np.random.default_rng(self.draws.seed + 79).permutation(n_groups)
        return np.asarray(drawn[codes] < n_groups / 2)

    def _score(self, cell: Measured, *, rows: NDArray[np.bool_] | None) -> float:
        """Score of the first goal on some of the rows; on all of them for None."""
        y_pred = cell.y_pred if rows is None else np.where(rows, cell.y_pred, NOT_JUDGED)
        return float(1.0 - self.draws.errors_of(y_pred, self.draws.grid.y_true)[0, 0])

    def errors(self, rung: str, switches: frozenset[str] = frozenset(), *, more: float = 1.0) -> Errors | None:
        """Errors of a rung under some switches and with more rows; None where nothing foretells them.

        A set of switches that was run is read from its run. Otherwise relative reductions of the error multiply: what
        each switch leaves of it alone is taken to be what it leaves beside the others.

        Args:
            rung: as in the ladder.
            switches: those that are on.
            more: training rows over those at hand.
        """
        start = self._as_asked(rung, switches)
        if start is None:
            return None
        base, errors, predicted = start
        retrained = [name for name in RETRAINED if name in switches]
        together = self.changed(rung, "+".join(retrained)) if retrained else None
        if TRAIN_LABELS in retrained and self._reviewed_pair(rung) is not None:
            together = None  # A person's labels tell more than a rung's own.
        if together is not None and together.whole and base is not None:
            base, errors = together, self.draws.errors(together)
        elif retrained:
            ratio = np.ones_like(errors)
            for name in retrained:
                one = self._ratio(rung, name)
                if one is None:
                    return None
                ratio *= one
            errors, base, predicted = errors * ratio, None, True
        if MERGE_LABELS in switches:
            if base is None:
                return None
            errors = self._rescored(base, merge=True)
        if EVAL_LABELS in switches:
            merge = MERGE_LABELS in switches
            found = (
                self._reviewed(rung, base, errors, merge=merge) if self._is_reviewed else self._by_lead(rung, errors)
            )
            if found is None:
                return None
            errors, predicted = found, predicted or not self._is_reviewed
        if more != 1.0:
            climbed = self._climb(self._curve_with(rung, retrained), more)
            if climbed is None:
                return None
            errors, predicted = np.clip(errors * climbed, 0.0, 1.0), True
        return Errors(values=errors, predicted=predicted)

    def _as_asked(
        self, rung: str, switches: frozenset[str]
    ) -> tuple[Measured | None, NDArray[np.float64], bool] | None:
        """What is changed on from: the rung as it is, or asked another way."""
        start = self._unchanged(rung)
        for name in ASKED:
            if name in switches and start is not None:
                base, errors, predicted = start
                again = self._asked_again(rung, name, base, errors)
                start = None if again is None else (again[0], again[1], predicted or again[2])
        return start

    def _unchanged(self, rung: str) -> tuple[Measured | None, NDArray[np.float64], bool] | None:
        """The cell on all rows, its errors, and whether these are a forecast."""
        whole = self.draws.grid.whole(rung)
        if whole is not None:
            return whole, self.draws.errors(whole), False
        curve = self.curves.get(rung)
        if curve is None:
            return None
        at = curve.at(float(self.draws.grid.n_train))
        if at is not None:
            return None, at, True
        return self._beside(curve)

    def _beside(self, curve: Curve) -> tuple[Measured | None, NDArray[np.float64], bool] | None:
        """From too few sizes for a curve: the error in proportion to that of a cheaper rung run on all rows.

        Source: the ratio estimator: Cochran (1977), Sampling Techniques, 3rd ed., chapter 6, with rungs for samples.
        """
        n = int(curve.sizes[-1])
        for facts in reversed(self.draws.grid.rungs):
            beside = self.curves.get(facts.name)
            whole = self.draws.grid.whole(facts.name)
            if beside is None or whole is None or facts.name in {curve.rung, "majority"}:
                continue
            there = beside.at(float(n), noisy=False)
            if there is not None:
                ratio = curve.errors[-1] / np.maximum(there, 1e-3)
                return None, np.clip(self.draws.errors(whole) * ratio, 0.0, 1.0), True
        return None, curve.errors[-1], True  # More rows seldom make a rung worse.

    def _asked_again(
        self, rung: str, switch: str, base: Measured | None, errors: NDArray[np.float64]
    ) -> tuple[Measured | None, NDArray[np.float64], bool] | None:
        """The cell, the errors under a switch of asking, and whether these are a forecast.

        Where it was asked about every row that the rung answered, its answers are what they are. Otherwise what it
        leaves of the error on its rows is taken to be what it leaves of it on the others.

        Source: as `_ratio`.
        """
        cell, whole = self.asked(rung, switch), self.draws.grid.whole(rung)
        if cell is None or whole is None:
            return None
        if base is whole and bool((cell.judged | ~whole.judged).all()):
            return cell, self.draws.errors(cell), False
        same_rows = np.where(cell.judged, whole.y_pred, NOT_JUDGED)
        before = self.draws.errors_of(same_rows, self.draws.grid.y_true)
        ratio = self.draws.errors(cell) / np.maximum(before, 1e-3)
        return None, np.clip(errors * ratio, 0.0, 1.0), True

    def _ratio(self, rung: str, change: str) -> NDArray[np.float64] | None:
        """What a change leaves of the error, shape [G, D], from runs on the same rows.

        Source: a ratio of two risks on the same rows, in each draw of the Bayesian bootstrap: Rubin (1981), The Annals
            of Statistics 9.
        """
        if change == TRAIN_LABELS and self._reviewed_pair(rung) is not None:
            return self._reviewed_ratio(rung)
        cell = self.changed(rung, change)
        if cell is None:
            return None
        same = [one for one in self.draws.grid.of(rung) if abs(one.n - cell.n) <= 0.25 * cell.n] or list(
            self.draws.grid.of(rung)
        )
        near = min(same, key=lambda one: (one.subset_seed != cell.subset_seed, abs(one.n - cell.n)), default=None)
        if near is None:
            return None
        return np.asarray(self.draws.errors(cell) / np.maximum(self.draws.errors(near), 1e-3))

    def _reviewed_pair(self, rung: str) -> tuple[Measured, Measured] | None:
        """The cells on reviewed rows, with the data's labels and with the person's."""
        given, decided = (self.changed(rung, name) for name in (REVIEWED_AS_GIVEN, REVIEWED_AS_DECIDED))
        return None if given is None or decided is None else (given, decided)

    def _reviewed_ratio(self, rung: str) -> NDArray[np.float64]:
        """What right labels leave of the error, by training on the same reviewed rows with either label."""
        pair = self._reviewed_pair(rung)
        assert pair is not None, "asked for where it was run"
        given, decided = (self.draws.errors(cell) for cell in pair)
        return np.asarray(np.minimum(decided / np.maximum(given, 1e-3), 1.0))

    def _curve_with(self, rung: str, retrained: list[str]) -> Curve:
        """The curve that a rung climbs after some switches: a repaired one its own, where it was run at some sizes."""
        curve, repaired = self.curves[rung], self.changed(rung, TRAINING) if TRAINING in retrained else None
        if repaired is None:
            return curve
        if rung not in self._repaired:
            self._repaired[rung] = replace(curve, change=repaired.change)
        own = self._repaired[rung]
        return own if own.laws is not None else curve

    def _climb(self, curve: Curve, more: float) -> NDArray[np.float64] | None:
        """What more rows leave of the error, shape [G, D]. Source: the laws of `stats.power_law`, as `Curve.at`."""
        n = float(self.draws.grid.n_train)
        if curve.laws is None:
            return None
        here = curve.at(n, noisy=False)
        there = curve.at(n * more)
        if here is None or there is None:
            return None
        return np.asarray(there / np.maximum(here, 1e-3))

    def _rescored(self, cell: Measured, *, merge: bool) -> NDArray[np.float64]:
        """Errors of a cell's answers where labels that cannot be told apart count as one."""
        if not merge:
            return self.draws.errors(cell)
        asked = cell.judged
        y_pred = np.where(asked, self.merged[cell.y_pred], cell.y_pred)
        return self.draws.errors_of(y_pred, self.merged[self.draws.grid.y_true])

    def _reviewed(
        self, rung: str, base: Measured | None, errors: NDArray[np.float64], *, merge: bool
    ) -> NDArray[np.float64] | None:
        """Errors as right labels would have them, by reviewed rows; labels that were merged count as one.

        The rows fall into those where answer and label agree and those where they do not; in each the reviewed ones
        are a random sample. Of the first, those whose label is wrong turn to errors; of the second, those whose right
        label is the answer turn to right ones.

        Source: post-stratification: Cochran (1977), Sampling Techniques, 3rd ed., section 5A.9; shares as in
        `stats.stratified`.
        """
        grid = self.draws.grid
        cell = base or grid.whole(rung)
        if cell is None or grid.reviewed is None:
            return None
        rows, right_label = grid.reviewed.rows, grid.reviewed.y
        asked = cell.judged[rows]
        rows, right_label = rows[asked], right_label[asked]
        answer, label = cell.y_pred[rows], grid.y_true[rows]
        if merge:
            answer, label, right_label = (self.merged[codes] for codes in (answer, label, right_label))
        agree = answer == label
        generator = np.random.default_rng(self.draws.seed + 71)
        size = errors.shape[1]
        turned_wrong = _posterior(int((agree & (right_label != label)).sum()), int(agree.sum()), generator, size)
        turned_right = _posterior(int((~agree & (right_label == answer)).sum()), int((~agree).sum()), generator, size)
        moved = errors.copy()
        moved[0] = np.clip(errors[0] + (1.0 - errors[0]) * turned_wrong - errors[0] * turned_right, 0.0, 1.0)
        return moved

    def _by_lead(self, rung: str, errors: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Errors as right labels would have them, if labels are wrong by chance as often as the surest answers miss.

        With a share q of wrong labels, each of the K - 1 others equally often, an accuracy A is observed as
        A (1 - q) + (1 - A) q / (K - 1).

        Source: STATISTICS of the project, section 5, solved for A.
        """
        lead = self._surest_errors(rung)
        if lead is None:
            return None
        generator = np.random.default_rng(self.draws.seed + 73)
        q = _posterior(*lead, generator, errors.shape[1]) * generator.uniform(LEAST_OF_LEAD, 1.0, errors.shape[1])
        by_chance = q / (len(self.draws.grid.labels) - 1)
        moved = errors.copy()
        moved[0] = 1.0 - np.clip((1.0 - errors[0] - by_chance) / (1.0 - q - by_chance), 0.0, 1.0)
        return moved


def told(grid: Grid, cell: Measured) -> str | None:
    """The instruction of a cell in which a model was asked another way; None where that was not what was changed.

    Args:
        grid: with every way to ask a rung.
        cell: one of its `asked_again`.
    """
    ways = (one for facts in grid.rungs for one in facts.askings)
    return next((one.told for one in ways if (one.rung, one.change) == (cell.rung, cell.change)), None)


def chosen_wording(cells: Sequence[Measured]) -> Measured | None:
    """The wording that did best on tune rows, the first of equals; None where there are no such rows.

    Validation, on which it is reported, has no part in the choice; nor has being told nothing, which no task file can
    ask for: it is told the default then. Source: STATISTICS of the project, sections 2 and 8.

    Args:
        cells: of one rung, the wording that it is told as it is first.
    """
    known = [cell for cell in cells if cell.tune_accuracy is not None]
    if len(known) < len(cells):
        return None
    said = [cell for cell in known if cell.change != NO_INSTRUCTION]
    return max(said, key=lambda cell: cell.tune_accuracy or 0.0, default=None)


def _posterior(found: int, seen: int, generator: np.random.Generator, size: int) -> NDArray[np.float64]:
    return generator.beta(found + PRIOR, seen - found + PRIOR, size=size)


def kind_of(change: str) -> str:
    """`training:rate/3` is one of `training`; `train_labels-3fa2` one of `train_labels`.

    Args:
        change: of a cell; two with a plus between them where both were made.
    """
    return "+".join(part.partition(":")[0].partition("-")[0] for part in change.split("+"))

"""What is right of a planted case whose plans were carried out: where its target lies, and which codes may be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from cells import Measured
from numpy.typing import NDArray

from suffice.copies import find_copies, group_rows
from suffice.diagnose.choice import CHOICE_ALPHA
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.diagnosis import CODE_OF_STEP, StepCode
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES
from suffice.records.task import SplitSpec
from suffice.split import assign_splits
from suffice.stats.openings import FIRST_ALPHA
from suffice.stats.planning import power

NEAR = 0.01
"""A truth nearer to the target than this may also be called undecided."""
SLACK, COST_SLACK = 0.005, 1.2
"""A plan is right within half a point of the target and a fifth of the cheapest cost."""
GAP_LEFT = 0.02
HEALTHY = 3.5
"""Standard errors of the test that a healthy case lies above its target: the test then proves it 19 times in 20."""


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


class Divided(Protocol):
    """A case, whatever kind of task it is of."""

    @property
    def family(self) -> str:
        """What was planted."""
        ...

    @property
    def aim(self) -> str:
        """Where its target lies."""
        ...

    @property
    def texts(self) -> Sequence[str]:
        """All its texts."""
        ...

    @property
    def train(self) -> NDArray[np.int64]:
        """Positions of training rows."""
        ...

    @property
    def validation(self) -> NDArray[np.int64]:
        """Positions of the rows that compare rungs."""
        ...

    @property
    def test(self) -> NDArray[np.int64]:
        """Positions of the sealed rows."""
        ...

    @property
    def n_test_shown(self) -> int | None:
        """Test rows that it has; None for all."""
        ...


def left_to_train(case: Divided) -> NDArray[np.int64]:
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


def fresh_rows(case: Divided, rows: NDArray[np.int64], *, beside: NDArray[np.int64]) -> int:
    """How many of some rows have no copy and no near-copy among others, as a fit counts them; all where all have one.

    Args:
        case: the spoiled task.
        rows: positions of the rows.
        beside: positions of the others.
    """
    near = find_copies([case.texts[i] for i in (*rows, *beside)], progress=SILENT).near
    return int((~np.isin(near[: len(rows)], near[len(rows) :])).sum()) or len(rows)


def tested_rows(case: Divided) -> int:
    """Test rows that a target is held against.

    Args:
        case: the spoiled task.
    """
    test = case.test if case.n_test_shown is None else case.test[: case.n_test_shown]
    return fresh_rows(case, test, beside=np.concatenate([case.train, case.validation]))


def proven_as_it_is(case: Divided, scores: list[float], *, target: float) -> float:
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
    "form": "fix_format",
    "wording": "fix_prompt",
    "knowledge": "add_retrieval",
    "few_examples": "more_data",
    "too_small": "scale_up",
    "wrong_traces": "clean_train_labels",
}
"""The step that the target of a family is put between: where it brings under two points, nothing is to reach it."""


def target_of(case: Divided, plans: list[CarriedOut], *, seen: float) -> float:
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
        target = max(plan.score for plan in plans if plan.steps == ("keep_prompting",)) - 0.03
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


def best_of(plans: Sequence[CarriedOut]) -> dict[str, float]:
    """Best score of each code, and of nothing done (`suffices`).

    Args:
        plans: carried out.
    """
    best: dict[str, float] = {}
    for plan in plans:
        best[plan.code] = max(best.get(plan.code, 0.0), plan.score)
    return best


def by_chance(code: str, chance: float) -> set[str]:
    """What is right where rows show something with a chance: the code, that nobody can tell, or either.

    Args:
        code: that they show.
        chance: that they show it.
    """
    return {code} if chance >= 0.8 else {"undecided"} if chance <= 0.2 else {code, "undecided"}


def of_cheapest(plans: Sequence[CarriedOut], *, target: float) -> set[str]:
    """The codes of the cheapest plans that reach the target, and of those within half a point and a fifth of the cost.

    Args:
        plans: carried out; one at least reaches the target, and none with nothing done.
        target: what is to be reached.
    """
    cheapest = min(plan.money for plan in plans if plan.score >= target)
    return {
        plan.code
        for plan in plans
        if plan.steps and plan.score >= target - SLACK and plan.money <= COST_SLACK * cheapest
    }


def concluded(codes: set[str], *, best: dict[str, float], target: float) -> Truth:
    """The truth of a case; near the boundary, that nobody can tell is right as well.

    Args:
        codes: right ones.
        best: as `best_of` gives it.
        target: what is to be reached.
    """
    reached = max(best.values()) >= target
    near = abs(best["suffices"] - target) < NEAR or (not reached and max(best.values()) > target - NEAR)
    return Truth(target=target, codes=tuple(sorted(codes | ({"undecided"} if near else set()))), near=near, best=best)


def kept_truth(found: Truth, plans: Sequence[CarriedOut]) -> Measured:
    """What is kept of a truth, and hashed.

    Args:
        found: what is right.
        plans: every plan that was carried out.
    """
    return {
        "target": found.target,
        "right": list(found.codes),
        "near": found.near,
        "best": found.best,
        "plans": [
            {"rung": p.rung, "steps": p.steps, "score": round(p.score, 4), "money": round(p.money, 2)} for p in plans
        ],
    }

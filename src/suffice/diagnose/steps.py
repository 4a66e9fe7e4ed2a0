"""What a person does to turn switches on, in words: the steps of a plan, what they cost, and the keys that do them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import ceil

from suffice.diagnose.outcomes import EVAL_LABELS, MERGE_LABELS, TRAINING, Outcomes
from suffice.records.diagnosis import STEP_ORDER, Step, StepCode
from suffice.records.grid import Grid
from suffice.records.run import FORM, LEARNS, PROMPT, RETRIEVAL, TRAIN_LABELS, TRAIN_TRACES
from suffice.records.task import Learned
from suffice.stats.openings import FIRST_ALPHA
from suffice.stats.planning import MAX_ROWS, rows_at_least, rows_needed
from suffice.text.counted import counted
from suffice.text.kind_words import ANSWERED, ASKED
from suffice.text.rounding import about_rows

MIN_ROWS_TO_PROVE = 10
LOOK_AT = 1.5
"""Training rows that a person looks at for each that the repair of labels would change."""
LEARNED: Mapping[Learned, str] = {"trace": "the traces that lead to its answers", "answer": "its answers alone"}
"""What a model is trained to write, in words."""


def steps_of(
    outcomes: Outcomes,
    rung: str,
    on: frozenset[str],
    up: tuple[StepCode, ...],
    *,
    more: float,
    score: float,
    highest: float,
) -> tuple[Step, ...]:
    """The steps in the order in which to take them; what would prove a rung that needs none.

    Args:
        outcomes: rungs under switches.
        rung: that would ship.
        on: switches.
        up: `scale_up` where the rung was not run on all rows; empty otherwise.
        more: training rows over those at hand.
        score: what the metric of the target then is, the middle of the draws.
        highest: its upper end.
    """
    grid = outcomes.draws.grid
    minutes = grid.facts(rung).seconds_per_row * grid.n_train * more / 60.0
    found = [
        *_of_training(outcomes, rung, on, minutes=minutes),
        *_of_asking(outcomes, rung, on, minutes=minutes),
        *_of_labels(grid, rung, on, minutes=minutes, score=score),
        *_of_size(grid, rung, up, more=more, minutes=minutes),
    ]
    if not found and grid.facts(rung).price_per_message:
        found = [Step(code="keep_prompting", what=f"keep prompting {rung}", labels=0, minutes=0.0)]
    elif not found:
        found = [_more_test_rows(grid, rung, score=score, highest=highest)]
    return tuple(sorted(found, key=lambda step: STEP_ORDER.index(step.code)))


def _of_training(outcomes: Outcomes, rung: str, on: frozenset[str], *, minutes: float) -> Iterator[Step]:
    if TRAINING in on:
        best = outcomes.changed(rung, TRAINING)
        learns = None if best is None or best.change is None else LEARNS.get(best.change.partition(":")[2])
        if learns is None:
            yield Step(code="fix_training", what=f"train {rung} with other settings", labels=0, minutes=minutes)
        else:
            what = f"train {rung} to write {LEARNED[learns]} (train.target: {learns})"
            yield Step(code="fix_training", what=what, labels=0, minutes=minutes, sets=f"train.target={learns}")


def _of_asking(outcomes: Outcomes, rung: str, on: frozenset[str], *, minutes: float) -> Iterator[Step]:
    grid = outcomes.draws.grid
    if FORM in on:
        what = f"make {rung} end its answers in the form that is asked for (answer.hold_form)"
        sets = "answer.hold_form=true"
        if grid.kind == "tools":
            what = f"hold {rung} to the tools of each request (tools.held, which goes with tools.form: json)"
            sets = "tools.form=json tools.held=true"
        yield Step(code="fix_format", what=what, labels=0, minutes=minutes, sets=sets)
    if PROMPT in on:
        what = f"tell {rung} what to do in other words (instruction)"
        sets = f"instruction={json.dumps(outcomes.wording(rung), ensure_ascii=False)}"  # Which is YAML as well.
        yield Step(code="fix_prompt", what=what, labels=0, minutes=minutes, sets=sets)
    if RETRIEVAL in on:
        what = f"let {rung} read what the knowledge has for a {ASKED[grid.kind]} (knowledge.use: always)"
        trained = minutes if grid.facts(rung).trains else 0.0
        yield Step(code="add_retrieval", what=what, labels=0, minutes=trained, sets="knowledge.use=always")


def _of_labels(grid: Grid, rung: str, on: frozenset[str], *, minutes: float, score: float) -> Iterator[Step]:
    """What is wrong in the data's own answers, labels or traces, is looked at by a person."""
    if EVAL_LABELS in on:
        yield _clean_eval_labels(grid, score=score)
    if TRAIN_LABELS in on:
        n_rows = min(grid.n_train, ceil(LOOK_AT * grid.n_flagged))
        what = f"look at the labels of the {counted(n_rows, 'most suspect training message')}"
        yield Step(code="clean_train_labels", what=what, labels=n_rows, minutes=minutes)
    if TRAIN_TRACES in on:
        n_rows = grid.facts(rung).n_wrong_traces
        what = (
            f"look at the {counted(n_rows, 'training question')} whose traces are found wrong, put these right, and "
            "leave out what cannot be (train.wrong_traces: leave_out)"
        )
        sets = "train.wrong_traces=leave_out"
        yield Step(code="clean_train_labels", what=what, labels=n_rows, minutes=minutes, sets=sets)
    if MERGE_LABELS in on:
        names = "; ".join(f"{one} and {other}" for one, other in grid.pairs)
        yield Step(code="merge_labels", what=f"make one label of {names}", labels=0, minutes=minutes)


def _clean_eval_labels(grid: Grid, *, score: float) -> Step:
    """A person's look at the validation rows, and fresh test rows: the sealed ones have labels of the same kind, and
    once they are looked at they are spent.

    Source: STATISTICS of the project, sections 2 (shown or relabelled test rows prove nothing) and 5 (labels of
        evaluation change by a person's decision that is made without seeing predictions);
        `docs/decisions/0050-a-fresh-test-behind-cleaned-labels.md`.
    """
    asked, answered = ASKED[grid.kind], ANSWERED[grid.kind]
    what = f"look at the {answered}s of the {counted(grid.n_validation, f'validation {asked}')}, predictions unseen"
    n_fresh = _fresh_rows(grid, score)
    if n_fresh:
        why = "as many as the sealed test has" if n_fresh == grid.n_test else f"enough to prove {grid.target.at_least}"
        what = (
            f"{what}, and {_labelling(grid)} {counted(n_fresh, f'fresh test {asked}')} ({why}; the sealed ones have "
            "the same fault, and prove nothing once they are looked at)"
        )
    return Step(code="clean_eval_labels", what=what, labels=grid.n_validation + n_fresh, minutes=0.0)


def _fresh_rows(grid: Grid, score: float) -> int:
    """Rows of a test that takes the sealed one's place: those that prove the target, if its score is the truth, and no
    more than the sealed one has, since every other plan is content with a test of that size.
    """
    assert grid.target.at_least is not None, "plans are made for a target of its own"
    needed = rows_needed(target=grid.target.at_least, true_accuracy=min(score, 1.0), alpha=FIRST_ALPHA)
    return grid.n_test if needed is None else min(needed, grid.n_test)


def _of_size(grid: Grid, rung: str, up: tuple[StepCode, ...], *, more: float, minutes: float) -> Iterator[Step]:
    asked = ASKED[grid.kind]
    if up:
        what = f"train {rung} on all {grid.n_train:,} {asked}s"
        yield Step(code="scale_up", what=what, labels=0, minutes=minutes)
    if more != 1.0:
        n_rows = round(grid.n_train * (more - 1.0))
        what = f"{_labelling(grid)} about {about_rows(n_rows)} more training {asked}s"
        yield Step(code="more_data", what=what, labels=n_rows, minutes=minutes)


def _labelling(grid: Grid) -> str:
    return "label" if grid.kind == "classify" else "write the right answers of"


def _more_test_rows(grid: Grid, rung: str, *, score: float, highest: float) -> Step:
    asked, does = ASKED[grid.kind], _labelling(grid)
    n_rows, target, at_least = _rows_to_prove(grid, score), grid.target.at_least, None
    if target is not None:
        known = len(grid.y_true) + grid.n_test
        at_least = rows_at_least(n_rows, n=known, target=target, highest=min(highest, 1.0), alpha=FIRST_ALPHA)
    if at_least is None:
        what = f"{does} about {about_rows(n_rows)} more held-out {asked}s, to prove {rung}"
    else:
        what = (
            f"{does} at least {about_rows(at_least)} more held-out {asked}s, to prove {rung}; they tell how many more"
        )
    return Step(code="more_test_rows", what=what, labels=n_rows, minutes=0.0, at_least=at_least)


def _rows_to_prove(grid: Grid, score: float) -> int:
    """Further test rows that prove the target of a rung as it is, if its score is the truth."""
    target = grid.target.at_least
    if target is None:
        return 0
    needed = rows_needed(target=target, true_accuracy=min(score, 1.0), alpha=FIRST_ALPHA)
    return max(MIN_ROWS_TO_PROVE, (needed or MAX_ROWS) - grid.n_test)

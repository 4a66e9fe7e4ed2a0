"""Names of interventions to cells: the one thing that each changes."""

from __future__ import annotations

from dataclasses import replace

from suffice.records.run import LEARNS, TRAIN_TRACES, Cell
from suffice.records.task import TrainSpec
from suffice.rungs.ladder import describe
from suffice.train.schedule import encoder_schedule, lora_schedule, rate_of

LEARNING_RATE_FACTORS = {"rate/3": 1.0 / 3.0, "rate*3": 3.0}
SWEEP_OF_NETWORKS = (*LEARNING_RATE_FACTORS, "steps*2")
RANK_FACTOR, STEPS_FACTOR = 4, 2
PACE = ("learning_rate", "epochs", "batch_size")
"""Settings that are the project's own where the task leaves them open."""


def sweep_of(rung: str, train: TrainSpec, *, explains: bool) -> tuple[str, ...]:
    """The settings that a repair sweep changes for a rung.

    A cheap rung chooses its one setting on tune rows: there is something to repair only where the task took the choice
    from it. A network whose pace the task sets is also run at the pace that the project found. A language model that is
    tuned on answers with traces is also tuned on the other of the two: answers alone, or with their traces.

    Args:
        rung: as in `ladder`.
        train: the task's training section.
        explains: whether rows have traces that lead to their answers.
    """
    facts = describe(rung)
    if not (facts.cheap or facts.trains):
        return ()
    if facts.cheap:
        return ("strength",) if train.strength is not None and rung != "majority" else ()
    is_set = any(getattr(train, name) is not None for name in PACE)
    other = [name for name, learned in LEARNS.items() if explains and facts.method and learned != train.target]
    return (*(["defaults"] if is_set else []), *SWEEP_OF_NETWORKS, *(["rank*4"] if facts.method else []), *other)


def orders_of(rung: str, train: TrainSpec) -> tuple[str, ...]:
    """The orders of rows that a rung can be fitted in beside the task's; none where it sees all rows at once.

    Args:
        rung: as in `ladder`.
        train: the task's training section.
    """
    if not describe(rung).trains:
        return ()
    return ("easy-first",) if train.curriculum == "random" else ("random",)


def changed(cell: Cell, change: str, *, n_train: int) -> Cell:
    """The cell with one thing changed, and the change's name on it.

    Args:
        cell: with nothing changed.
        change: `training:rate/3`, `curriculum:easy-first`, `shots:8`, `train_traces`, `train_labels-3fa2`; several with
            a plus between them. `prompt:question` says of itself what is read.
        n_train: rows that it is fitted on, which its schedule depends on.
    """
    train = cell.train
    for part in change.split("+"):
        kind, _, setting = part.partition(":")
        if kind == "training":
            train = _retrained(train, setting, cell=cell, n_train=n_train)
        elif kind == "curriculum":
            by_chance = {"difficulty": "loss"} if setting == "random" else {}  # Then no row is hard.
            train = train.model_copy(update={"curriculum": setting, **by_chance})
        elif kind == "shots":
            train = train.model_copy(update={"shots": int(setting)})
        elif kind == TRAIN_TRACES:
            train = train.model_copy(update={"wrong_traces": "leave_out"})
    return replace(cell, train=train, change=change)


def _retrained(train: TrainSpec, setting: str, *, cell: Cell, n_train: int) -> TrainSpec:
    if setting == "strength":
        return train.model_copy(update={"strength": None})
    if setting == "defaults":
        return train.model_copy(update=dict.fromkeys(PACE))
    if setting in LEARNS:
        return train.model_copy(update={"target": LEARNS[setting]})
    if setting == "rank*4":
        return train.model_copy(update={"rank": RANK_FACTOR * train.rank, "alpha": RANK_FACTOR * train.alpha})
    causal = bool(describe(cell.rung).method)
    if causal:
        rate = rate_of(cell.base or "", cell.label_output or "tokens")
        schedule = lora_schedule(n_train, train, rate=rate)
    else:
        schedule = encoder_schedule(n_train, train)
    if setting == "steps*2":
        return train.model_copy(update={"epochs": STEPS_FACTOR * schedule.epochs})
    return train.model_copy(update={"learning_rate": LEARNING_RATE_FACTORS[setting] * schedule.learning_rate})

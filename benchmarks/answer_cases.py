"""Cases of free answers with a known cause in the way: recipes that plant one thing, or nothing.

What the right verdict is stands nowhere in a recipe: `answer_truth` finds it by carrying every plan out. Language
models are players (`played`): form, wordings and knowledge can be changed in those that run here, and an endpoint
answers as it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from answer_pools import DEVELOPMENT, SCORED, WORLDS, Known, pool
from numpy.typing import NDArray
from played import Player, another_number, chance

from suffice.rungs.ladder import PROMPTED

N_HELD_OUT, N_VALIDATION, N_TEST, N_TRAIN = 2_000, 800, 600, 400
N_OF_STORED = {"held_out": 499, "test": 300, "validation": 400, "train": 120}
"""Of the 1,319 questions that real systems answered: as many as there are, and fewer held-out rows than elsewhere."""
HURRY = "Give the result alone, with nothing before it. Your reply must be one line that reads: #### <the number>"
"""An instruction under which a player that needs the working has none."""
SMALL, LARGE, STUB = "small", "large", "stub"
WHOLE_SECONDS, BUDGET_SECONDS = 7_200.0, 4_500.0
"""What the larger model's training is said to take on all rows, and what there is: enough for an eighth and a quarter
of the rows (2,700 seconds), and too little for the whole besides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A player and how it is asked."""

    player: Player
    tuned: bool

    @property
    def ending(self) -> str:
        """What stands behind its base model in the ladder."""
        return "" if self.tuned else PROMPTED


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerCase:
    """One spoiled task."""

    family: str
    source: str
    known: tuple[Known, ...]
    """All questions with what is right: train, more training rows, validation, test, held-out rows."""
    train: NDArray[np.int64]
    """Positions of the training rows."""
    more: NDArray[np.int64]
    """Positions of rows that could be labelled as well, in the order in which they would come."""
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    held_out: NDArray[np.int64]
    cheap: tuple[str, ...] = ("majority",)
    """Rungs of the ladder below its players."""
    seats: tuple[Seat, ...] = ()
    """Players that run here, the cheaper first."""
    beyond: tuple[str, ...] = ()
    """Players of the ladder for whose training on all rows there is not the time."""
    budget_seconds: float = float("inf")
    wrong: dict[int, Known] = field(default_factory=dict)
    """Training rows with another answer and trace than the right one, by position."""
    instruction: str = ""
    train_spec: dict[str, Any] = field(default_factory=dict)
    """Keys of `train` in the task file."""
    documented: tuple[Known, ...] = ()
    """Questions whose facts stand in the knowledge of the task; empty where it has none."""
    hosted: Player | None = None
    """Who answers behind the endpoint; None where there is none."""
    hosted_price: float = 0.0
    """Money for each of its answers."""
    aim: str = "middle"
    """Where the target lies, as in `planted_cases`."""
    n_test_shown: int | None = None

    @property
    def texts(self) -> Sequence[str]:
        """All questions."""
        return [one.question for one in self.known]


def base_case(source: str, *, data: Path, seed: int) -> AnswerCase:
    """A clean case.

    Args:
        source: of `answer_pools`.
        data: folder of the real sets.
        seed: of the division.
    """
    known = pool(source, data=data)
    if source == "gsm8k":
        n = N_OF_STORED
        sizes = [n["held_out"], n["test"], n["validation"], n["train"]]
    else:
        sizes = [min(N_HELD_OUT, len(known) // 3), N_TEST, N_VALIDATION, N_TRAIN]
    order = np.random.default_rng([seed, 5]).permutation(len(known))
    held, test, validation, train, more = np.split(order, np.cumsum(sizes))
    return AnswerCase(
        family="",
        source=source,
        known=known,
        train=train,
        more=more,
        validation=validation,
        test=test,
        held_out=held,
    )


def _stored(case: AnswerCase) -> bool:
    return case.source == "gsm8k"


def form(case: AnswerCase, seed: int) -> AnswerCase:
    """A share of the completions ends in another form than was asked for, and the value cannot be read off them."""
    system = "175b_verification" if _stored(case) else None
    player = Player(
        name=f"form-{seed}",
        untrained=(0.75, 0.85, 0.92)[seed % 3],
        in_form=(0.4, 0.6, 0.75)[seed // 3 % 3],
        stored=system,
    )
    return replace(case, seats=(Seat(player=player, tuned=False),))


def wording(case: AnswerCase, seed: int) -> AnswerCase:
    """The instruction asks for the result alone, and the player needs its working."""
    system = "175b_verification" if _stored(case) else None
    player = Player(
        name=f"wording-{seed}",
        untrained=(0.7, 0.8, 0.9)[seed % 3],
        hurried=(0.4, 0.6, 0.75)[seed // 3 % 3],
        stored=system,
    )
    return replace(case, seats=(Seat(player=player, tuned=False),), instruction=HURRY)


def knowledge(case: AnswerCase, seed: int) -> AnswerCase:
    """What is asked stands in no question: the documents have it, or a part of it; every fifth player cannot read."""
    cannot_read, documented_share = seed % 5 == 4, (1.0, 1.0, 0.6)[seed % 3]
    player = Player(
        name=f"knowledge-{seed}",
        untrained=0.0,
        knows=(0.1, 0.3, 0.5)[seed // 2 % 3],
        reads=0.2 if cannot_read else (0.85, 0.95)[seed % 2],
    )
    documented = tuple(one for one in case.known if chance(str(seed), str(one.fact)) < documented_share)
    return replace(case, seats=(Seat(player=player, tuned=False),), documented=documented)


def few_examples(case: AnswerCase, seed: int) -> AnswerCase:
    """Nothing wrong but that there are few rows: of facts the answer of the question most alike is given."""
    if case.source in WORLDS:
        return replace(case, cheap=("majority", "embed"))
    player = Player(name=f"few-{seed}", untrained=0.1, trained=0.96, needs=(4.0, 7.0, 12.0)[seed % 3])
    return replace(case, seats=(Seat(player=player, tuned=True),))


def too_small(case: AnswerCase, seed: int) -> AnswerCase:
    """There is not the time to train the larger model on all rows; every fifth is no better than the small one."""
    gains = seed % 5 != 4
    small = Player(name=f"small-{seed}", untrained=0.15, trained=(0.55, 0.65, 0.75)[seed % 3], needs=1.0)
    large = replace(small, name=f"large-{seed}", trained=0.95 if gains else small.trained)
    if _stored(case):
        small = replace(small, stored="6b_finetuning")
        large = replace(large, stored="175b_verification" if gains else "6b_finetuning")
    large = replace(large, seconds_per_row=WHOLE_SECONDS / len(case.train))
    seats = (Seat(player=small, tuned=True), Seat(player=large, tuned=True))
    return replace(case, seats=seats, beyond=(large.name,), budget_seconds=BUDGET_SECONDS)


def wrong_traces(case: AnswerCase, seed: int) -> AnswerCase:
    """A share of the training rows has a wrong answer, and a trace that goes wrong with it, or one that comes to
    another number where it computes nothing.
    """
    share = (0.25, 0.4, 0.55)[seed % 3]
    rows = np.concatenate([case.train, case.more]).tolist()
    hit = [row for row in rows if chance(str(seed), case.known[row].question, "wrong") < share]
    player = Player(name=f"traces-{seed}", untrained=0.1, trained=0.95, needs=1.0)
    return replace(
        case,
        seats=(Seat(player=player, tuned=True),),
        wrong={row: _with_wrong_trace(case.known[row]) for row in hit},
    )


def _with_wrong_trace(known: Known) -> Known:
    wrong = another_number(known.answer, known.question)
    trace = known.trace.replace(known.answer, wrong) if "=" in known.trace else known.trace
    return replace(known, answer=wrong, trace=trace)


def under_trained(case: AnswerCase, seed: int) -> AnswerCase:
    """The task sets a learning rate at which little is learned."""
    player = Player(name=f"under-{seed}", untrained=0.1, trained=0.95, needs=1.0)
    rate = (3e-5, 1e-4, 2e-4)[seed % 3]
    return replace(case, seats=(Seat(player=player, tuned=True),), train_spec={"learning_rate": rate})


def keep_prompting(case: AnswerCase, seed: int) -> AnswerCase:
    """A hosted model is right more often than anything local could be for the price."""
    best = Player(name=f"hosted-{seed}", untrained=(0.93, 0.95, 0.97)[seed % 3])
    small = Player(name=f"small-{seed}", untrained=0.1, trained=(0.7, 0.8)[seed % 2], needs=3.0)
    if _stored(case):
        best, small = replace(best, stored="175b_verification"), replace(small, stored="6b_finetuning")
    return replace(case, seats=(Seat(player=small, tuned=True),), hosted=best, hosted_price=1e-4, aim="hosted")


def healthy(case: AnswerCase, seed: int) -> AnswerCase:
    """Nothing is wrong: a prompted player, which knows most facts by heart, or a tuned one."""
    system = ("6b_verification", "175b_verification")[seed % 2] if _stored(case) else None
    tuned = seed % 2 == 1 and case.source not in WORLDS
    player = Player(
        name=f"healthy-{seed}",
        untrained=0.1 if tuned else (0.7, 0.8, 0.9)[seed % 3],
        trained=(0.8, 0.9, 0.97)[seed % 3],
        needs=1.0,
        knows=(0.7, 0.8, 0.9)[seed % 3],
        stored=system,
    )
    return replace(case, seats=(Seat(player=player, tuned=tuned),), aim="well_below")


FAMILIES: dict[str, Callable[[AnswerCase, int], AnswerCase]] = {
    "form": form,
    "wording": wording,
    "knowledge": knowledge,
    "few_examples": few_examples,
    "too_small": too_small,
    "wrong_traces": wrong_traces,
    "under_trained": under_trained,
    "keep_prompting": keep_prompting,
    "healthy": healthy,
}
N_OF_FAMILY, N_HEALTHY = 10, 20
LEARNED_BY_ROWS = ("few_examples", "wrong_traces", "under_trained")
"""Families in which a player learns from rows: what real systems answered was learned elsewhere."""
WORKED_OUT = ("form", "wording", "too_small", "wrong_traces", "under_trained", "keep_prompting")
"""Families whose questions can be worked out: a fact is known or it is not."""


def sources_of(family: str, part: str) -> tuple[str, ...]:
    """The sources that a family is planted in.

    Args:
        family: one of `FAMILIES`.
        part: `development` or `scored`.
    """
    every = DEVELOPMENT if part == "development" else SCORED
    if family == "knowledge":
        return tuple(one for one in every if one in WORLDS)
    return tuple(
        one
        for one in every
        if not (family in WORKED_OUT and one in WORLDS) and not (family in LEARNED_BY_ROWS and one == "gsm8k")
    )


def names_of(part: str) -> list[str]:
    """Cases by name, `FAMILY:SOURCE:SEED`.

    Args:
        part: `development` or `scored`.
    """
    first = 0 if part == "development" else 100
    names = []
    for f, family in enumerate(FAMILIES):
        sources = sources_of(family, part)
        n = N_HEALTHY if family == "healthy" else N_OF_FAMILY
        names += [f"{family}:{sources[(f + i) % len(sources)]}:{first + i}" for i in range(n)]
    return names


def case_of(name: str, *, data: Path) -> AnswerCase:
    """A case by its name.

    Args:
        name: `FAMILY:SOURCE:SEED`; the seed also says which severity it has.
        data: folder of the real sets.
    """
    family, source, seed = name.split(":")
    made = FAMILIES[family](base_case(source, data=data, seed=int(seed)), int(seed))
    return replace(made, family=family)

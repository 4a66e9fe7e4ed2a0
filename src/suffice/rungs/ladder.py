"""The ladder: which rungs there are, in order of cost, and where each one's class is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from suffice.records.task import TrainSpec

if TYPE_CHECKING:
    from suffice.rungs.interface import Rung

PROMPTED = "@prompted"
"""Behind the name of a base model: it is told what to do, and not tuned."""

HOSTED = "hosted:"
"""How the name of a rung begins that asks an endpoint; the endpoint's name in the task file follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Descriptor:
    """One kind of rung."""

    name: str
    """What it is called in `ladder`; `NAME` stands for any base model, `ID` for any endpoint of the task."""
    kinds: tuple[str, ...]
    """Kinds of task that it can do."""
    cost_rank: int
    """Cheaper rungs have lower ranks."""
    cheap: bool
    """Fitted in seconds: judged out of fold where validation is small, and refitted on train plus validation."""
    module: str
    """Where its class is."""
    class_name: str
    """The class, in the shape of `rungs.interface.Rung`."""
    method: str
    """Stands in run names where the method is a choice: `lora16`, `prompted8`; empty where the rung is no language
    model."""
    trains: bool
    """Whether a network is trained: it sees a few rows at a time, in an order, for minutes."""

    @property
    def tunes_causal(self) -> bool:
        """Whether a language model is tuned: there is an adapter, and a choice of what to answer with."""
        return bool(self.method) and self.trains

    def load_class(self) -> type[Rung]:
        """Imports the rung's class; torch comes with it where it needs torch."""
        return cast("type[Rung]", getattr(import_module(self.module), self.class_name))


RUNGS: tuple[Descriptor, ...] = (
    Descriptor(
        name="majority",
        kinds=("classify",),
        cost_rank=0,
        cheap=True,
        module="suffice.rungs.majority",
        class_name="Majority",
        method="",
        trains=False,
    ),
    Descriptor(
        name="tfidf",
        kinds=("classify",),
        cost_rank=1,
        cheap=True,
        module="suffice.rungs.tfidf",
        class_name="Tfidf",
        method="",
        trains=False,
    ),
    Descriptor(
        name="embed",
        kinds=("classify",),
        cost_rank=2,
        cheap=True,
        module="suffice.rungs.embed",
        class_name="Embed",
        method="",
        trains=False,
    ),
    Descriptor(
        name="encoder",
        kinds=("classify",),
        cost_rank=3,
        cheap=False,
        module="suffice.rungs.encoder",
        class_name="Encoder",
        method="",
        trains=True,
    ),
    Descriptor(
        name="NAME",
        kinds=("classify",),
        cost_rank=4,
        cheap=False,
        module="suffice.rungs.causal",
        class_name="TunedCausal",
        method="lora",
        trains=True,
    ),
    Descriptor(
        name="NAME@prompted",
        kinds=("classify",),
        cost_rank=5,
        cheap=False,
        module="suffice.rungs.prompted",
        class_name="PromptedCausal",
        method="prompted",
        trains=False,
    ),
    Descriptor(
        name="hosted:ID",
        kinds=("classify",),
        cost_rank=9,
        cheap=False,
        module="suffice.rungs.hosted",
        class_name="Hosted",
        method="",
        trains=False,
    ),
)
"""In order of cost. Any name that is not one of the first four and does not begin with `hosted:` is a base model: to be
tuned, or to be prompted where `@prompted` stands behind it. Prompted models are ready at once and come last of those
that run here all the same: a tuned one of the same base reads a shorter prompt and answers with one token, so that
whoever climbs for a cheap answer gets to it first."""


def describe(name: str) -> Descriptor:
    """The descriptor of a rung.

    Args:
        name: as in `ladder`.
    """
    known = {rung.name: rung for rung in RUNGS}
    if endpoint_of(name) is not None:
        return known["hosted:ID"]
    general = "NAME@prompted" if name.endswith(PROMPTED) else "NAME"
    return known.get(name, known[general])


def endpoint_of(name: str) -> str | None:
    """The endpoint that a rung asks, by its name in the task file; None for rungs that run here.

    Args:
        name: as in `ladder`.
    """
    return name.removeprefix(HOSTED) if name.startswith(HOSTED) else None


def base_of(name: str, train: TrainSpec) -> str | None:
    """The base model that a rung stands on.

    Args:
        name: as in `ladder`.
        train: names the encoder.
    """
    if name in {"majority", "tfidf"} or endpoint_of(name) is not None:
        return None
    return train.encoder if name in {"embed", "encoder"} else name.removesuffix(PROMPTED)


def in_order_of_cost(names: Sequence[str], *, parameters: dict[str, int]) -> tuple[str, ...]:
    """Rungs from cheap to dear; base models by their number of parameters, unknown ones last in the order given, those
    that are prompted behind all that are tuned.

    Args:
        names: as in `ladder`.
        parameters: of the base models that are known.
    """
    unknown = max(parameters.values(), default=0) + 1
    return tuple(
        sorted(
            dict.fromkeys(names),
            key=lambda name: (describe(name).cost_rank, parameters.get(name.removesuffix(PROMPTED), unknown)),
        )
    )

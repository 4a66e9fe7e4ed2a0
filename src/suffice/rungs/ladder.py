"""The ladder: which rungs there are, in order of cost, and where each one's class is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from suffice.records.task import TrainSpec

if TYPE_CHECKING:
    from suffice.rungs.interface import Rung


@dataclass(frozen=True, kw_only=True, slots=True)
class Descriptor:
    """One kind of rung."""

    name: str
    """What it is called in `ladder`; `NAME` stands for any base model."""
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
    """Stands in run names where the method is a choice: `lora16`."""

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
    ),
    Descriptor(
        name="tfidf",
        kinds=("classify",),
        cost_rank=1,
        cheap=True,
        module="suffice.rungs.tfidf",
        class_name="Tfidf",
        method="",
    ),
    Descriptor(
        name="embed",
        kinds=("classify",),
        cost_rank=2,
        cheap=True,
        module="suffice.rungs.embed",
        class_name="Embed",
        method="",
    ),
    Descriptor(
        name="encoder",
        kinds=("classify",),
        cost_rank=3,
        cheap=False,
        module="suffice.rungs.encoder",
        class_name="Encoder",
        method="",
    ),
    Descriptor(
        name="NAME",
        kinds=("classify",),
        cost_rank=4,
        cheap=False,
        module="suffice.rungs.causal",
        class_name="TunedCausal",
        method="lora",
    ),
)
"""In order of cost. Any name that is not one of the first four is a base model to be tuned."""


def describe(name: str) -> Descriptor:
    """The descriptor of a rung.

    Args:
        name: as in `ladder`.
    """
    return next((rung for rung in RUNGS if rung.name == name), RUNGS[-1])


def base_of(name: str, train: TrainSpec) -> str | None:
    """The base model that a rung stands on.

    Args:
        name: as in `ladder`.
        train: names the encoder.
    """
    if name in {"majority", "tfidf"}:
        return None
    return train.encoder if name in {"embed", "encoder"} else name


def in_order_of_cost(names: Sequence[str], *, parameters: dict[str, int]) -> tuple[str, ...]:
    """Rungs from cheap to dear; base models by their number of parameters, unknown ones last in the order given.

    Args:
        names: as in `ladder`.
        parameters: of the base models that are known.
    """
    unknown = max(parameters.values(), default=0) + 1
    return tuple(
        sorted(dict.fromkeys(names), key=lambda name: (describe(name).cost_rank, parameters.get(name, unknown)))
    )

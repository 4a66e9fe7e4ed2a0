"""The ladder: which rungs there are, in order of cost, and where each one's class is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from suffice.records.task import Kind, TrainSpec

if TYPE_CHECKING:
    from suffice.rungs.answering import AnswerRung
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
    classes: Mapping[Kind, str]
    """The kinds of task that it can do, and where its class for each is: `suffice.rungs.majority:Majority`, in the
    shape of `rungs.interface.Rung` for `classify`, of `rungs.answering.AnswerRung` for the others."""
    cost_rank: int
    """Cheaper rungs have lower ranks."""
    cheap: bool
    """Fitted in seconds: judged out of fold where validation is small, and refitted on train plus validation."""
    method: str
    """Stands in run names where the method is a choice: `lora16`, `prompted8`; empty where the rung is no language
    model."""
    trains: bool
    """Whether a network is trained: it sees a few rows at a time, in an order, for minutes."""

    @property
    def tunes_causal(self) -> bool:
        """Whether a language model is tuned: there is an adapter, and a choice of what to answer with."""
        return bool(self.method) and self.trains

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of task that it can do."""
        return tuple(self.classes)

    def load_class(self) -> type[Rung]:
        """Imports the class that gives labels; torch comes with it where it needs torch."""
        return cast("type[Rung]", self._class("classify"))

    def load_answer_class(self, kind: Kind = "answer") -> type[AnswerRung]:
        """Imports the class that answers freely; torch comes with it where it needs torch.

        Args:
            kind: `answer` or `tools`.
        """
        return cast("type[AnswerRung]", self._class(kind))

    def _class(self, kind: Kind) -> object:
        module, _, name = self.classes[kind].partition(":")
        return getattr(import_module(module), name)


RUNGS: tuple[Descriptor, ...] = (
    Descriptor(
        name="majority",
        classes={
            "classify": "suffice.rungs.majority:Majority",
            "answer": "suffice.rungs.commonest:Commonest",
            "tools": "suffice.rungs.commonest_calls:CommonestCalls",
        },
        cost_rank=0,
        cheap=True,
        method="",
        trains=False,
    ),
    Descriptor(
        name="tfidf",
        classes={"classify": "suffice.rungs.tfidf:Tfidf"},
        cost_rank=1,
        cheap=True,
        method="",
        trains=False,
    ),
    Descriptor(
        name="embed",
        classes={
            "classify": "suffice.rungs.embed:Embed",
            "answer": "suffice.rungs.alike:Alike",
            "tools": "suffice.rungs.alike_calls:AlikeCalls",
        },
        cost_rank=2,
        cheap=True,
        method="",
        trains=False,
    ),
    Descriptor(
        name="encoder",
        classes={"classify": "suffice.rungs.encoder:Encoder"},
        cost_rank=3,
        cheap=False,
        method="",
        trains=True,
    ),
    Descriptor(
        name="NAME",
        classes={
            "classify": "suffice.rungs.causal:TunedCausal",
            "answer": "suffice.rungs.written_tuned:WrittenByTuned",
            "tools": "suffice.rungs.written_tuned:WrittenByTuned",
        },
        cost_rank=4,
        cheap=False,
        method="lora",
        trains=True,
    ),
    Descriptor(
        name="NAME@prompted",
        classes={
            "classify": "suffice.rungs.prompted:PromptedCausal",
            "answer": "suffice.rungs.written_prompted:WrittenByPrompted",
            "tools": "suffice.rungs.written_prompted:WrittenByPrompted",
        },
        cost_rank=5,
        cheap=False,
        method="prompted",
        trains=False,
    ),
    Descriptor(
        name="hosted:ID",
        classes={
            "classify": "suffice.rungs.hosted:Hosted",
            "answer": "suffice.rungs.hosted_answers:HostedAnswers",
            "tools": "suffice.rungs.hosted_answers:HostedAnswers",
        },
        cost_rank=9,
        cheap=False,
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


def looks_up(name: str, *, kind: Kind) -> bool:
    """Whether a rung gives what training rows have, word for word: it is no model, so that none of it is too small.

    Args:
        name: as in `ladder`.
        kind: of the task.
    """
    return name == "majority" or (name == "embed" and kind != "classify")


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

"""The ladder: listed without torch, ordered by cost."""

from __future__ import annotations

import subprocess
import sys

import pytest

from suffice.records.task import DEFAULT_LADDER, TrainSpec
from suffice.rungs import RUNGS, describe, in_order_of_cost
from suffice.rungs.ladder import base_of, endpoint_of

METHODS = {"fit", "load", "scores", "save", "size"}


def test_listing_the_rungs_loads_nothing_heavy() -> None:
    code = (
        "import sys; from suffice.rungs import RUNGS; print(len(RUNGS));"
        "print(sorted({'torch', 'transformers', 'peft', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[:2] == [str(len(RUNGS)), "[]"]


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
def test_every_descriptor_leads_to_a_class_of_the_rung_shape(rung: object) -> None:
    # An endpoint gives labels and states no probabilities.
    needed = METHODS if rung.name != "hosted:ID" else METHODS - {"scores"} | {"replies"}
    assert set(dir(rung.load_class())) >= needed


def test_the_ladder_is_climbed_from_cheap_to_dear() -> None:
    assert [rung.cost_rank for rung in RUNGS] == sorted(rung.cost_rank for rung in RUNGS)
    assert in_order_of_cost(DEFAULT_LADDER[::-1], parameters={}) == DEFAULT_LADDER
    # A model that is not known may be of any size: last, in the order given.
    names = ("other", "big", "tfidf", "small", "another", "majority", "tfidf")
    assert in_order_of_cost(names, parameters={"big": 1_500, "small": 135}) == (
        "majority",
        "tfidf",
        "small",
        "big",
        "other",
        "another",
    )


def test_a_name_that_is_no_rung_is_a_base_model_to_tune() -> None:
    assert describe("tfidf").name == "tfidf"
    assert describe("smollm2-135m").load_class().__name__ == "TunedCausal"
    train = TrainSpec(encoder="my-encoder")
    assert [base_of(name, train) for name in ("majority", "tfidf", "embed", "encoder", "x/y")] == [
        None,
        None,
        "my-encoder",
        "my-encoder",
        "x/y",
    ]


def test_a_base_model_with_prompted_behind_it_is_not_tuned() -> None:
    for name in ("smollm2-135m@prompted", "owner/model@prompted", "models/my model.gguf@prompted"):
        assert (describe(name).name, describe(name).load_class().__name__) == ("NAME@prompted", "PromptedCausal")
        assert base_of(name, TrainSpec()) == name.removesuffix("@prompted")
    assert describe("tfidf@prompted").name == "NAME@prompted"  # Which is refused: there is no such base model.
    names = ("big@prompted", "small@prompted", "other@prompted", "big", "tfidf", "small")
    assert in_order_of_cost(names, parameters={"big": 1_500, "small": 135}) == (
        "tfidf",
        "small",
        "big",
        "small@prompted",
        "big@prompted",
        "other@prompted",
    )


def test_what_is_trained_and_what_is_tuned() -> None:
    assert [rung.name for rung in RUNGS if rung.trains] == ["encoder", "NAME"]
    assert [rung.name for rung in RUNGS if rung.tunes_causal] == ["NAME"]


def test_an_endpoint_is_the_dearest_rung_and_stands_on_no_base():
    names = ("hosted:big", "x/y", "hosted:other", "majority")
    assert in_order_of_cost(names, parameters={}) == ("majority", "x/y", "hosted:big", "hosted:other")
    assert (describe("hosted:big").load_class().__name__, base_of("hosted:big", TrainSpec())) == ("Hosted", None)
    assert [endpoint_of(name) for name in names] == ["big", None, "other", None]


def test_only_rungs_of_seconds_are_cheap() -> None:
    assert [rung.name for rung in RUNGS if rung.cheap] == ["majority", "tfidf", "embed"]

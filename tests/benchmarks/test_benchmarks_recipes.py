"""The experiment over recipes: pairs that differ in one thing, and what one gains over the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import recipes
import torch

from tiny_scorers import disturb, tiny_causal


def test_every_recipe_is_held_against_one_that_is_there() -> None:
    assert {recipe.against for recipe in recipes.RECIPES.values()} <= set(recipes.RECIPES)


def test_a_gain_is_of_the_same_seeds_and_rows_and_none_of_a_recipe_against_itself() -> None:
    right = np.random.default_rng(0).integers(0, 2, size=(3, 200)).astype(float)
    assert recipes.difference(right, right) == {"difference": 0.0, "interval": [0.0, 0.0], "by_seed": [0.0] * 3}
    better = right.copy()
    better[1] = 1.0
    gained = recipes.difference(better, right)
    assert gained["by_seed"] == pytest.approx([0.0, 1.0 - right[1].mean(), 0.0], abs=1e-4)
    assert gained["difference"] == pytest.approx((1.0 - right[1].mean()) / 3, abs=1e-4)
    # One seed of three gains, and (2/3)^3 of all draws of seeds are without it.
    assert gained["interval"][0] == 0.0 < gained["difference"] < gained["interval"][1]


def test_of_the_lower_layers_nothing_is_trained(tiny_llama: Path) -> None:
    tiny = tiny_causal(tiny_llama)
    disturb(tiny.scorer)
    every = dict(tiny.scorer.adapters)
    numbers = {name: int(name.split(".")[1]) for name in every}
    recipes._leave_upper_third(tiny.scorer)
    upper = {name for name, number in numbers.items() if number == max(numbers.values())}
    assert set(tiny.scorer.adapters) == upper != set(every)
    tiny.scorer.train_mode(True)
    tiny.scorer.logits([row.ids for row in tiny.scorer.tokenise(["Where is my card?"])]).sum().backward()
    for name, adapter in every.items():
        gradient = adapter.lora_B.grad
        assert (gradient is not None and bool(torch.any(gradient != 0))) == (name in upper), name

"""Shapes of language models, from what their configurations state."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suffice.base_models import CATALOGUE
from suffice.base_models.shape import Shape, shape_of

CAUSAL = [entry for entry in CATALOGUE if entry.kind == "causal"]
LLAMA = {
    "num_hidden_layers": 2,
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_attention_heads": 4,
    "vocab_size": 100,
}


@pytest.mark.parametrize("entry", CAUSAL, ids=lambda entry: entry.name)
def test_the_catalogue_s_shapes_have_the_catalogue_s_numbers_of_parameters(entry) -> None:
    # What is missing are norms and biases: under a thousandth.
    shape = entry.shape
    assert shape.n_linear == pytest.approx(entry.n_body, rel=1e-3)
    assert shape.n_linear + shape.n_embedded == pytest.approx(entry.n_total, rel=1e-3)


def test_only_language_models_have_one() -> None:
    assert [entry.name for entry in CATALOGUE if entry.shape is None] == ["minilm-l6"]


@pytest.mark.parametrize("name", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_a_folder_s_configuration_tells_the_shape(name: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    shape = shape_of(json.loads((folder / "config.json").read_text()))
    assert shape is not None
    assert (shape.hidden, shape.intermediate, shape.head_width, shape.tied) == (64, 96, 16, True)
    assert (shape.n_layers, shape.n_key_heads) == ((3, 1) if "gemma" in name else (2, 2))
    assert shape.stored == "float32"


def test_what_is_left_out_is_worked_out() -> None:
    shape = shape_of(LLAMA)
    assert shape is not None
    assert (shape.n_key_heads, shape.head_width, shape.tied) == (4, 2, False)
    # By hand: q, k, v, o of 8 x 8 each, gate, up and down of 8 x 16 each, in two layers; two tables of 100 x 8.
    assert (shape.n_linear, shape.n_embedded) == (2 * (4 * 64 + 3 * 128), 1_600)
    # By hand: 2 x (8 + 8) for each of the four, 2 x (8 + 16) for each of the three, in two layers.
    assert shape.n_adapted(2) == 2 * 2 * (4 * 16 + 3 * 24)


@pytest.mark.parametrize(
    "config", [{}, LLAMA | {"num_local_experts": 8}, LLAMA | {"hidden_size": None}, LLAMA | {"num_attention_heads": 0}]
)
def test_another_kind_of_model_has_none(config: dict[str, object]) -> None:
    assert shape_of(config) is None


def test_gemma_ties_its_embeddings_without_saying_so() -> None:
    shape = shape_of(LLAMA | {"model_type": "gemma3_text"})
    assert isinstance(shape, Shape)
    assert shape.tied

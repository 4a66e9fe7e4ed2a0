"""The plan of memory against what layers hold, and how it moves with each setting."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from suffice.base_models import CATALOGUE
from suffice.base_models.shape import shape_of
from suffice.predict.lora import LoraShape
from suffice.predict.memory_plan import HEAP, Means, Rows, heaviest, to_answer, to_train
from tiny_scorers import LORA, tiny_causal

CAUSAL = ["tiny_llama", "tiny_qwen2", "tiny_gemma3"]
TEXTS = ["My card was declined in the shop this morning. Please help me.", "Why?", "Where is my refund?"] * 4
MEANS = Means(precision="fp32", weights="full", rank=LORA.rank, dropout=False, keeps_inputs_alone=False)
(SMOLLM,) = (entry.shape for entry in CATALOGUE if entry.name == "smollm2-135m")
assert SMOLLM is not None
ROWS = Rows(n_before=400, lengths=(20,) * 16)


def held(node: object) -> int:
    """Bytes that our layers hold for the backward pass behind `node`, each storage once."""
    seen: set[object] = set()
    storages: dict[int, int] = {}
    todo = [node]
    while todo:
        here = todo.pop()
        if here is None or here in seen:
            continue
        seen.add(here)
        for tensor in _tensors(getattr(here, "saved", ())):
            storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        todo += [further for further, _ in here.next_functions]
    return sum(storages.values())


def _tensors(what: object) -> list[torch.Tensor]:
    if isinstance(what, torch.Tensor):
        return [what]
    return [t for one in what for t in _tensors(one)] if isinstance(what, tuple) else []


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("name", CAUSAL)
def test_what_layers_keep_is_what_was_planned(name: str, dropout: float, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(name)
    tiny = tiny_causal(folder, lora=LoraShape(rank=LORA.rank, alpha=8.0, dropout=dropout))
    tiny.scorer.train_mode(True)
    rows = [row.ids for row in tiny.scorer.tokenise(TEXTS)]
    shape = shape_of(json.loads((folder / "config.json").read_text()))
    assert shape is not None
    planned = to_train(
        replace(shape, n_layers=shape.n_layers - 1),
        replace(MEANS, dropout=dropout > 0),
        Rows(n_before=tiny.scorer.n_prefix_tokens, lengths=tuple(map(len, rows))),
    )
    # The last layer goes on with the last tokens alone: of its share, the half before attention.
    last = planned.kept / HEAP / (shape.n_layers - 1)
    kept = held(tiny.scorer.logits(rows).grad_fn)
    assert 0.97 <= kept / (planned.kept / HEAP + 0.55 * last) <= 1.12


def test_accumulation_and_computing_again_need_less_in_this_order() -> None:
    whole = to_train(SMOLLM, MEANS, ROWS)
    halved = to_train(SMOLLM, MEANS, Rows(n_before=400, lengths=(20,) * 8))
    again = to_train(SMOLLM, replace(MEANS, keeps_inputs_alone=True), ROWS)
    assert again.kept < halved.kept < whole.kept
    assert (again.weights, again.trained) == (whole.weights, whole.trained)
    assert again.kept < whole.kept / 5


def test_four_bits_need_less_for_weights_and_more_for_unpacking() -> None:
    full, packed = (to_train(SMOLLM, replace(MEANS, weights=w), ROWS) for w in ("full", "4bit"))
    assert packed.weights < full.weights / 2
    assert packed.passing > full.passing
    assert packed.kept == full.kept


def test_weights_of_another_format_than_their_file_s_are_all_in_memory() -> None:
    from_file = to_train(SMOLLM, replace(MEANS, precision="bf16"), ROWS)
    converted = to_train(replace(SMOLLM, stored="float32"), replace(MEANS, precision="bf16"), ROWS)
    # The embeddings: 49,152 x 576 numbers of two bytes.
    assert converted.weights - from_file.weights == 49_152 * 576 * 2


def test_in_bfloat16_on_a_processor_weights_lie_twice_for_training_and_products_have_code() -> None:
    bf16 = replace(MEANS, precision="bf16")
    trained, answering = to_train(SMOLLM, bf16, ROWS), to_answer(SMOLLM, bf16, ROWS)
    # By hand: 106,168,320 weights of two bytes, and 64 MB of code.
    assert trained.weights - answering.weights == 106_168_320 * 2
    assert trained.process - to_train(SMOLLM, MEANS, ROWS).process == 64_000_000
    assert to_train(SMOLLM, MEANS, ROWS).weights == to_answer(SMOLLM, MEANS, ROWS).weights
    four_bit = replace(bf16, weights="4bit")
    assert to_train(SMOLLM, four_bit, ROWS).weights == to_answer(SMOLLM, four_bit, ROWS).weights


def test_a_graphics_card_holds_all_weights_and_no_libraries() -> None:
    here, there = (to_train(SMOLLM, replace(MEANS, precision="bf16", device=d), ROWS) for d in ("cpu", "cuda"))
    assert there.process == 0
    # By hand: all 49,152 embeddings, and the 106,168,320 weights of linear layers once instead of twice.
    assert there.weights - here.weights == (49_152 * 576 - 106_168_320) * 2
    assert (there.kept, there.trained) == (here.kept, here.trained)


def test_a_trained_parameter_takes_sixteen_bytes_and_its_copy_in_the_base_s_precision() -> None:
    # By hand, of SmolLM2-135M: 16 x 30 x (2 x (576 + 576) + 2 x (576 + 192) + 3 x (576 + 1,536)) = 4,884,480.
    means = replace(MEANS, rank=16, precision="bf16")
    assert to_train(SMOLLM, means, ROWS).trained == 4_884_480 * 18


def test_answering_needs_less_than_training_the_same_rows() -> None:
    assert to_answer(SMOLLM, MEANS, ROWS).total < to_train(SMOLLM, MEANS, ROWS).total


def test_the_total_is_the_sum() -> None:
    needs = to_train(SMOLLM, MEANS, ROWS)
    assert needs.total == needs.weights + needs.trained + needs.kept + needs.passing + needs.process


def test_the_heaviest_part_has_the_most_tokens() -> None:
    assert heaviest([[5, 5], [1, 8], [2]]) == (5, 5)


@pytest.mark.parametrize("larger", ["n_layers", "hidden", "intermediate", "n_heads", "n_key_heads"])
def test_a_model_that_is_larger_in_one_way_needs_more(larger: str) -> None:
    twice = replace(SMOLLM, **{larger: 2 * getattr(SMOLLM, larger)})
    small, large = (to_train(shape, MEANS, ROWS) for shape in (SMOLLM, twice))
    assert large.weights > small.weights
    assert large.kept > small.kept
    assert large.passing >= small.passing

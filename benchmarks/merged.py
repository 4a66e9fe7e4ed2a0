"""One tuned specialist in the forms that other engines read: Hugging Face folders, and GGUF files for llama.cpp.

The merged weights are those that we answer with: base and adapter added in float32 and rounded once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from cells import measured_under
from safetensors.torch import load_file
from tasks import LORA, SHORT, Banking77, Prompted

from suffice.base_models import Causal
from suffice.predict.causal import CausalScorer
from suffice.records.progress import SILENT
from suffice.rungs.adapter_files import load_adapter, load_updates, save_adapter
from suffice.train.loop import train
from suffice.train.rows import TokenRows
from suffice.train.schedule import Schedule

BASE = "smollm2-135m"
N_TRAIN = 1_500
SCHEDULE = Schedule(epochs=2, batch_size=16, learning_rate=1e-3, warmup=0.06, patience=2)
FOLDER = "merged"
"""Config, tokenizer and weights, in the precision of the base."""
CLOSED = "closed"
"""The same with an output layer of its own that is zero but for the labels' tokens: an engine that cannot be held to
tokens answers with a label then, since the largest logit of a label is well above zero."""
TYPES = ("q8_0", "bf16", "f16")
"""GGUF files, each named for its type."""
_BLOCK = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
Updates = Mapping[str, tuple[torch.Tensor, torch.Tensor]]


def specialist(folder: Path, data: Path) -> Path:
    """Tunes the specialist and writes all its forms, once.

    Args:
        folder: where to; what is there whole is kept, unless other code made it.
        data: folder of the data sets.

    Returns:
        The same folder.
    """
    done, under = folder / "done", json.dumps(measured_under())
    if not done.exists() or done.read_text(encoding="utf-8") != under:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        save_adapter(folder, _tuned(data, checkpoints=folder / "checkpoints"), lora=LORA, base=BASE)
        write_forms(folder, load_updates(folder), labels_of=data)
        done.write_text(under, encoding="utf-8")
    return folder


def frozen(folder: Path, data: Path) -> CausalScorer:
    """The specialist as the product answers with it.

    Args:
        folder: what `specialist` wrote.
        data: folder of the data sets.
    """
    labels = Banking77.read(data, "test").labels
    scorer = Prompted.load(BASE, SHORT, labels, precision="bf16").scorer()
    load_adapter(folder, scorer)
    scorer.freeze()
    return scorer


def write_forms(folder: Path, updates: Updates, *, labels_of: Path) -> None:
    """The base with an adapter added, or alone, as folders and as GGUF files.

    Args:
        folder: where to.
        updates: A and B by the name of their layer; empty for the base alone.
        labels_of: folder of the data sets.
    """
    labels = Banking77.read(labels_of, "test").labels
    prompted = Prompted.load(BASE, SHORT, labels, precision="bf16")
    loaded = prompted.loaded
    body = loaded.model.get_decoder()
    with torch.no_grad():
        for name, (a, b) in updates.items():
            weight = body.get_submodule(name).weight
            weight.copy_(weight.float() + (b * LORA.scale) @ a)
    _write_folder(folder / FOLDER, loaded)
    for kind in TYPES:
        write_gguf(folder / FOLDER, folder / f"{kind}.gguf", kind=kind)
    _leave_answers(loaded.model, prompted.tokens.ids)
    _write_folder(folder / CLOSED, loaded)


def _write_folder(folder: Path, loaded: Causal) -> None:
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)


def _leave_answers(model: Any, answers: Sequence[int]) -> None:
    """Gives the model an output layer of its own, zero but for the rows of these tokens."""
    tied = model.get_output_embeddings().weight
    own = torch.zeros_like(tied)
    own[list(answers)] = tied[list(answers)]
    model.get_output_embeddings().weight = torch.nn.Parameter(own, requires_grad=False)
    model.config.tie_word_embeddings = False


def _tuned(data: Path, *, checkpoints: Path) -> CausalScorer:
    bank = Banking77.read(data, "train")
    some = np.random.default_rng(0).permutation(len(bank.texts))[:N_TRAIN].tolist()
    scorer = Prompted.load(BASE, SHORT, bank.labels, precision="bf16").scorer()
    tokens = [row.ids for row in scorer.tokenise([bank.texts[i] for i in some])]
    train(
        scorer,
        TokenRows(tokens=tokens, y=np.array([bank.y[i] for i in some])),
        tune=None,
        schedule=SCHEDULE,
        seed=0,
        stop_after=None,
        checkpoints=checkpoints,
        progress=SILENT,
        what="specialist",
    )
    return scorer


def write_gguf(folder: Path, file: Path, *, kind: str) -> None:
    """A folder of the Llama architecture as llama.cpp reads it.

    Source: llama.cpp, conversion of LlamaForCausalLM: rows of q and k are reordered, because its rotary embedding turns
    neighbouring dimensions; vectors stay float32.

    Args:
        folder: config, tokenizer and weights.
        file: where to.
        kind: number format of the matrices: `q8_0`, `bf16`, `f16`.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    part = file.with_suffix(".part")
    writer = gguf.GGUFWriter(part, "llama")
    _write_shape(writer, config)
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{kind.upper()}"])
    _write_tokenizer(writer, folder, config)
    of_type = gguf.GGMLQuantizationType[kind.upper()]
    tensors = {_named(name): tensor.float().numpy() for name, tensor in load_file(folder / "model.safetensors").items()}
    for name, matrix in tensors.items():
        if matrix.ndim == 1:
            writer.add_tensor(name, matrix)
        else:
            writer.add_tensor(name, gguf.quantize(_turned(name, matrix, config), of_type), raw_dtype=of_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(file)


def _turned(name: str, matrix: Any, config: dict[str, int]) -> Any:
    """Rows as llama.cpp's rotary embedding wants them."""
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    if (n_heads := heads.get(name.split(".")[-2])) is None:
        return matrix
    return matrix.reshape(n_heads, 2, -1, matrix.shape[1]).swapaxes(1, 2).reshape(matrix.shape)


def _named(name: str) -> str:
    """llama.cpp's name of a tensor."""
    if not name.startswith("model.layers."):
        return {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}[name]
    layer, of = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
    return f"blk.{layer}.{_BLOCK[of]}.weight"


def _write_shape(writer: gguf.GGUFWriter, config: dict[str, int]) -> None:
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])  # type: ignore[index]
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])


def _write_tokenizer(writer: gguf.GGUFWriter, folder: Path, config: dict[str, int]) -> None:
    described = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    added = {entry["id"]: entry["content"] for entry in described["added_tokens"] if entry["special"]}
    by_id = {i: token for token, i in described["model"]["vocab"].items()} | added
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([by_id[i] for i in range(config["vocab_size"])])
    writer.add_token_types([control if i in added else normal for i in range(config["vocab_size"])])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in described["model"]["merges"]])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)

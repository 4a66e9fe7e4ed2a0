"""Tiny GGUF files made from the tiny model folders, the way llama.cpp's converter makes real ones."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray
from safetensors.numpy import load_file

ARCHITECTURES = {
    "llama": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "gemma3_text": gguf.MODEL_ARCH.GEMMA3,
}


def write_gguf(
    source: Path,
    file: Path,
    *,
    weights: GGMLQuantizationType = GGMLQuantizationType.F32,
    pre_tokenizer: str = "gpt-2",
    architecture: str | None = None,
    n_parts: int = 1,
) -> Path:
    """Writes the model of a folder as a GGUF file.

    Args:
        source: a tiny model's folder.
        file: where to write.
        weights: type of the matrices; norms and biases are float32, as in real files.
        pre_tokenizer: what the file says of how texts are split.
        architecture: a name to write instead of the model's own.
        n_parts: what the file says of how many parts it has.
    """
    config = json.loads((source / "config.json").read_text())
    arch = ARCHITECTURES[config["model_type"]]
    writer = gguf.GGUFWriter(file, architecture or gguf.MODEL_ARCH_NAMES[arch])
    _shape(writer, config)
    _vocabulary(writer, source, config, pre_tokenizer=pre_tokenizer)
    if n_parts > 1:
        writer.add_uint16("split.count", n_parts)
    names = gguf.get_tensor_name_map(arch, config["num_hidden_layers"])
    for name, values in load_file(source / "model.safetensors").items():
        stem, _, end = name.rpartition(".")
        kind = weights if values.ndim == 2 else GGMLQuantizationType.F32
        packed = gguf.quants.quantize(_as_in_llama_cpp(name, values, config), kind)
        writer.add_tensor(f"{names.get_name(stem)}.{end}", packed, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _shape(writer: gguf.GGUFWriter, config: dict[str, object]) -> None:
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    rope = config["rope_parameters"]
    writer.add_rope_freq_base(rope.get("full_attention", rope)["rope_theta"])
    if config["model_type"] == "gemma3_text":
        writer.add_key_length(config["head_dim"])
        writer.add_value_length(config["head_dim"])
        writer.add_sliding_window(config["sliding_window"])


def _vocabulary(writer: gguf.GGUFWriter, source: Path, config: dict[str, object], *, pre_tokenizer: str) -> None:
    tokenizer = json.loads((source / "tokenizer.json").read_text())
    special = {token["content"] for token in tokenizer["added_tokens"]}
    tokens = sorted(tokenizer["model"]["vocab"], key=tokenizer["model"]["vocab"].get)
    kinds = [gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    if config["bos_token_id"] is not None:
        writer.add_bos_token_id(config["bos_token_id"])
    writer.add_add_bos_token(config["model_type"] == "gemma3_text")


def _as_in_llama_cpp(name: str, values: NDArray[np.float32], config: dict[str, object]) -> NDArray[np.float32]:
    """llama.cpp turns Llama's queries and keys round for its own rotation, and stores Gemma's norms plus one."""
    if config["model_type"] == "gemma3_text" and name.endswith("norm.weight"):
        return values + 1
    if config["model_type"] == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
        heads = config["num_attention_heads" if "q_proj" in name else "num_key_value_heads"]
        return values.reshape(heads, 2, -1, values.shape[1]).swapaxes(1, 2).reshape(values.shape)
    return values

"""A model folder: what it must hold, and the record of a base model's files on this machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from suffice.base_models.catalogue import Kind
from suffice.base_models.fingerprint import fingerprint
from suffice.errors import ModelError, Problem, quoted

Source = Literal["hub", "package", "path"]
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib")
"""Endings of files that are programs: reading them can run anything."""
CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
TOKENIZERS = (
    ("tokenizer.json",),
    ("vocab.json", "merges.txt"),
    ("vocab.txt",),
    ("tokenizer.model",),
    ("spiece.model",),
)
"""Sets of files that a tokenizer can be read from, the preferred one first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseModelFiles:
    """A base model's files on this machine, checked and hashed, not loaded."""

    name: str
    """Catalogue name, hub id or absolute path: what finds it again on this machine."""
    source: Source
    """Where the files came from."""
    origin: str
    """Hub id and commit (`owner/name@1f3a...`), package requirement, or the path as it was given."""
    folder: Path
    """Folder with `config.json`, safetensors and tokenizer; a GGUF file's conversion lies in the cache."""
    fingerprint: str
    """sha256 over the hashes of the weights and the tokenizer."""
    size_bytes: int
    """Size of the weights."""
    kind: Kind
    """What the model gives: embeddings or the next token."""


def described(folder: Path, *, name: str, source: Source, origin: str) -> BaseModelFiles:
    """Checks a model folder and describes it.

    Raises:
        ModelError: something is missing, damaged, or would run code; all of it at once.
    """
    problems = problems_of(folder, where=origin)
    if problems:
        raise ModelError(problems)
    weights = _weights(folder)
    return BaseModelFiles(
        name=name,
        source=source,
        origin=origin,
        folder=folder,
        fingerprint=fingerprint([*weights, *_tokenizer(folder)]),
        size_bytes=sum(file.stat().st_size for file in weights),
        kind=_kind(folder, where=origin),
    )


def problems_of(folder: Path, *, where: str) -> list[Problem]:
    """What keeps a folder from being a model folder; nothing when it is one."""
    problems = _config_problems(folder, where=where)
    if not _tokenizer(folder):
        one_of = "; ".join(" and ".join(files) for files in TOKENIZERS)
        problems.append(
            _missing(where, "a tokenizer", folder=folder, fix=f"add the tokenizer's files (one of {one_of})")
        )
    return problems + _weight_problems(folder, where=where)


def _config_problems(folder: Path, *, where: str) -> list[Problem]:
    if not (folder / CONFIG).is_file():
        fix = "give the folder that has config.json, the weights and the tokenizer side by side"
        return [_missing(where, CONFIG, folder=folder, fix=fix)]
    config = _json(folder / CONFIG)
    if config is None or not isinstance(config.get("model_type"), str):
        rule = "config.json must be a JSON object that names its model_type"
        got = quoted((folder / CONFIG).read_bytes()[:60])
        return [Problem(where=where, rule=rule, got=got, fix="fetch config.json again from where the model came from")]
    if (method := config.get("quantization_config")) is not None:
        method = method.get("quant_method", "unnamed") if isinstance(method, dict) else method
        rule = "a base model must have plain weights: packed ones cannot be trained on here"
        fix = "give the same model without quantisation, or as a GGUF file"
        return [Problem(where=where, rule=rule, got=f"quantization_config of method {quoted(method)}", fix=fix)]
    return []


def _weight_problems(folder: Path, *, where: str) -> list[Problem]:
    if (folder / INDEX).is_file() and not (folder / WEIGHTS).is_file() and not _shards(folder):
        fix = "fetch the index and all files that it names again"
        return [Problem(where=where, rule=f"{INDEX} must name the weight files", got="none named", fix=fix)]
    weights = _weights(folder)
    if weights:
        return [problem for file in weights for problem in _file_problems(file, where=where)]
    pickles = sorted(file.name for file in folder.iterdir() if file.suffix in PICKLES)
    if pickles:
        rule = "weights must be safetensors: a pickled file can run any code when it is read, and is never opened"
        fix = "convert it where it can be trusted (transformers: save_pretrained), and give the folder that results"
        return [Problem(where=where, rule=rule, got=", ".join(pickles), fix=fix)]
    return [_missing(where, WEIGHTS, folder=folder, fix="give the folder with the weights, or the whole GGUF file")]


def _file_problems(file: Path, *, where: str) -> list[Problem]:
    if not file.is_file():
        fix = "fetch the folder again: every file that the index names has to be there"
        return [_missing(where, file.name, folder=file.parent, fix=fix)]
    try:
        with safe_open(file, framework="numpy"):
            return []
    except (SafetensorError, OSError) as error:
        rule = f"{file.name} must be a whole safetensors file"
        got = f"{file.stat().st_size:,} bytes; {error}"
        return [Problem(where=where, rule=rule, got=got, fix="fetch the file again")]


def _weights(folder: Path) -> list[Path]:
    return [folder / WEIGHTS] if (folder / WEIGHTS).is_file() else _shards(folder)


def _shards(folder: Path) -> list[Path]:
    index = _json(folder / INDEX) if (folder / INDEX).is_file() else None
    named = index.get("weight_map") if index else None
    # Only the name counts: an index must not lead out of its folder.
    return [folder / name for name in sorted({Path(str(value)).name for value in named.values()})] if named else []


def _tokenizer(folder: Path) -> list[Path]:
    for names in TOKENIZERS:
        files = [folder / name for name in names]
        if all(file.is_file() for file in files):
            return files
    return []


def _kind(folder: Path, *, where: str) -> Kind:
    """An encoder or a causal model, by the class that the weights were saved from.

    Raises:
        ModelError: neither.
    """
    config = _json(folder / CONFIG) or {}
    named = [str(name) for name in config.get("architectures") or []]
    if any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in named):
        return "causal"
    if any(name.endswith(("Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification")) for name in named):
        return "encoder"
    raise ModelError(
        Problem(
            where=where,
            rule="a base model must be an encoder or a causal language model",
            got=f"architectures {quoted(named)} of model_type {quoted(config.get('model_type'))} in config.json",
            fix="give a text model with an architecture that ends in ForCausalLM, or in Model for an encoder",
        )
    )


def _json(file: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _missing(where: str, what: str, *, folder: Path, fix: str) -> Problem:
    there = sorted(file.name for file in folder.iterdir())
    return Problem(
        where=where, rule=f"a model folder must have {what}", got=f"only {quoted(there, limit=200)}", fix=fix
    )

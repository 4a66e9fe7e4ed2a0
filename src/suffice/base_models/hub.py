"""A repository of the model hub to a folder in the hub's own cache: safetensors, configuration and tokenizer only."""

from __future__ import annotations

import json
import os
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import (  # type: ignore[attr-defined]
    GatedRepoError,
    HTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from tqdm import tqdm  # type: ignore[import-untyped]

from suffice.base_models.cache import require_space
from suffice.base_models.download import Unavailable, growth
from suffice.records.progress import Progress

WANTED = (
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "model-*-of-*.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "tokenizer.model",
    "spiece.model",
    "chat_template.jinja",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
)
"""Nothing that can run code is fetched: no pickle, no Python file."""
REACH_SECONDS = 4.0
"""How long the first word of the hub may take; the hub's own client waits and retries for minutes."""


def is_offline() -> bool:
    """Whether `HF_HUB_OFFLINE` (or transformers' name for it) forbids the network; read at every call."""
    return any(
        os.environ.get(name, "").upper() in {"1", "ON", "YES", "TRUE"}
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    )


def hub_cache() -> Path:
    """The hub's cache: `HF_HUB_CACHE`, `HF_HOME/hub`, or its default; read at every call."""
    if given := os.environ.get("HF_HUB_CACHE"):
        return Path(given).expanduser()
    default = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HOME") or default).expanduser() / "hub"


def cached_snapshot(repo: str, *, revision: str | None) -> Path | None:
    """The repository's folder in the hub's cache, or None; its completeness is for the caller to check."""
    try:
        return Path(snapshot_download(repo, revision=revision, cache_dir=hub_cache(), local_files_only=True))
    except (OSError, ValueError) as error:
        # A snapshot that lacks some file of the repository (its pickles, say) comes as an error that names the folder.
        partial = getattr(error, "snapshot_path", None)
    return Path(partial) if partial else None


def stated_config(repo: str) -> dict[str, Any] | None:
    """What `config.json` of a repository on the hub states, for plans made before the rest is fetched; nothing is kept.

    None where the hub does not give it: whoever fetches the model says why.

    Args:
        repo: `owner/name`.
    """
    if is_offline():
        return None
    endpoint = os.environ.get("HF_ENDPOINT") or None
    with tempfile.TemporaryDirectory() as folder:
        try:
            HfApi(endpoint=endpoint).model_info(repo, timeout=REACH_SECONDS)
            file = hf_hub_download(
                repo, "config.json", local_dir=folder, endpoint=endpoint, etag_timeout=REACH_SECONDS, tqdm_class=_NoBar
            )
            content = json.loads(Path(file).read_text(encoding="utf-8"))
        except (HTTPError, OSError, ValueError):
            return None
    return content if isinstance(content, dict) else None


def download(repo: str, *, revision: str | None, progress: Progress) -> Path:
    """Brings a repository's model files into the hub's cache; `HF_TOKEN` and `HF_ENDPOINT` are honoured.

    Args:
        repo: `owner/name`.
        revision: commit, tag or branch; None is the main branch.
        progress: told of the bytes received.

    Raises:
        Unavailable: the hub cannot be reached, does not let us in, or the repository has no safetensors.
        StorageError: the disk has no room.
    """
    endpoint = os.environ.get("HF_ENDPOINT") or None
    cache = hub_cache()
    try:
        info = HfApi(endpoint=endpoint).model_info(repo, revision=revision, timeout=REACH_SECONDS, files_metadata=True)
        total = _size_of_wanted(info)
        require_space(cache, needed_bytes=total)
        with growth(_folder(cache, repo), f"downloading {repo}", total=total, progress=progress):
            found = snapshot_download(
                repo,
                revision=revision,
                cache_dir=cache,
                endpoint=endpoint,
                allow_patterns=list(WANTED),
                etag_timeout=REACH_SECONDS,
                tqdm_class=_NoBar,
            )
    except (HTTPError, OSError, ValueError) as error:
        raise Unavailable(_why(error, repo=repo)) from error
    return Path(found)


class _NoBar(tqdm):  # type: ignore[misc]
    """The hub's bars, not shown: the person sees ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("name", None)
        super().__init__(*args, **{**kwargs, "disable": True})


def _size_of_wanted(info: Any) -> int:
    wanted = [file for file in info.siblings if any(fnmatch(file.rfilename, pattern) for pattern in WANTED)]
    if not any(file.rfilename.endswith(".safetensors") for file in wanted):
        raise Unavailable(
            "the repository has no model.safetensors, and a pickled file is never fetched: it can run code"
        )
    return sum(file.size or 0 for file in wanted)


def _folder(cache: Path, repo: str) -> Path:
    return cache / f"models--{repo.replace('/', '--')}" / "blobs"


def _why(error: Exception, *, repo: str) -> str:
    if isinstance(error, GatedRepoError):
        return f"the hub asks to accept the terms of {repo} on its page first, and for HF_TOKEN of who accepted them"
    if isinstance(error, RepositoryNotFoundError):
        return "the hub has no such repository, or it is private and HF_TOKEN is not set to a token that may read it"
    if isinstance(error, RevisionNotFoundError):
        return "the repository has no such revision"
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"

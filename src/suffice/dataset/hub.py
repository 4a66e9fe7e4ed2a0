"""A hub data set id to files on this machine, from the hub or from its cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from suffice.dataset.formats.known import FORMATS, Format, format_of
from suffice.dataset.splits import split_of_file
from suffice.errors import DataError, Problem
from suffice.records.progress import Progress


@dataclass(frozen=True, kw_only=True, slots=True)
class HubFile:
    """A data file of a hub repository, in the cache."""

    path: Path
    """Where it lies."""
    name: str
    """Its path in the repository."""
    split: str | None
    """The split that its name says, or None where no file's name says one."""


def fetch(repo: str, *, folder: Path, progress: Progress) -> list[HubFile]:
    """Brings the data files of one format of a hub data set here.

    `HF_HUB_OFFLINE`, `HF_HOME`, `HF_TOKEN` and `HF_ENDPOINT` are honoured by huggingface_hub, which keeps the files in
    its cache: what was fetched once is found again without a network.

    Args:
        repo: `owner/name`.
        folder: where a file of that name was looked for, for errors.
        progress: told what is fetched and what is left out.

    Raises:
        DataError: neither hub nor cache have it, or it is not plain what its files are; says what was tried.
    """
    # Importing huggingface_hub takes a third of a second, which tasks with a local file need not pay.
    from huggingface_hub import constants  # noqa: PLC0415

    tried = [f"a file {repo!r} in {str(folder)!r}: none"]
    root = None
    progress.say(f"no file {repo!r} here: looking for a data set of that name on {constants.ENDPOINT}")
    for look in (_from_hub, _from_cache):
        try:
            root, format_ = look(repo)
        except _NotThere as error:
            tried.append(str(error))
        else:
            return _files(root, repo=repo, format_=format_, progress=progress)
    fix = "correct the path or the id; for a private or gated data set set HF_TOKEN; or download it and name the file"
    raise DataError(Problem(where=repo, rule="the data must be there", got="; ".join(tried), fix=fix))


class _NotThere(Exception):
    """One place that was tried."""


def _from_hub(repo: str) -> tuple[Path, Format]:
    from huggingface_hub import HfApi, constants, errors, snapshot_download  # noqa: PLC0415

    try:
        # Asked for in one request: huggingface_hub tries half a minute to list the files where there is no network.
        names = [sibling.rfilename for sibling in HfApi().dataset_info(repo).siblings or []]
        format_ = next((one for one in FORMATS if one in map(format_of, names)), None)
        if format_ is None:
            raise _NotThere(f"{constants.ENDPOINT}: a data set without Parquet, CSV, TSV or JSON files")
        _one_part([name for name in names if format_of(name) is format_], repo=repo)
        return Path(snapshot_download(repo, repo_type="dataset", allow_patterns=_patterns(format_))), format_
    except (OSError, ValueError, errors.HTTPError) as error:  # type: ignore[attr-defined]
        # The first line says what happened; the rest of the hub's messages is about its Python interface.
        why = str(error).strip().partition("\n")[0]
        raise _NotThere(f"{constants.ENDPOINT}: {type(error).__name__}: {why}") from error


def _from_cache(repo: str) -> tuple[Path, Format]:
    from huggingface_hub import constants, snapshot_download  # noqa: PLC0415

    for format_ in FORMATS:
        try:
            patterns = _patterns(format_)
            root = Path(snapshot_download(repo, repo_type="dataset", allow_patterns=patterns, local_files_only=True))
        except (OSError, ValueError):
            continue
        if any(_names(root, format_)):
            return root, format_
    raise _NotThere(f"the cache {constants.HF_HUB_CACHE!r}: not there")


def _patterns(format_: Format) -> list[str]:
    return [f"*{ending}" for ending in format_.endings]


def _names(root: Path, format_: Format) -> list[str]:
    found = (path for ending in format_.endings for path in root.rglob(f"*{ending}") if path.is_file())
    return sorted(path.relative_to(root).as_posix() for path in found)


def _files(root: Path, *, repo: str, format_: Format, progress: Progress) -> list[HubFile]:
    """The files that are rows, with their splits: where any name says one, files whose name says none are left out."""
    splits = {name: split_of_file(name) for name in _names(root, format_)}
    if any(splits.values()):
        left_out = [name for name, split in splits.items() if split is None]
        splits = {name: split for name, split in splits.items() if split is not None}
        if left_out:
            progress.say(f"{repo}: left out, as their names say no split: {', '.join(left_out)}")
    _one_part(list(splits), repo=repo)
    return [HubFile(path=root / name, name=name, split=split) for name, split in splits.items()]


def _one_part(names: Sequence[str], *, repo: str) -> None:
    """Refuses repositories of several data sets, one a folder; folders named like splits are not that.

    Raises:
        DataError: the folders are not all the same.
    """
    parts = sorted({"/".join(p for p in PurePosixPath(name).parts[:-1] if not split_of_file(p)) for name in names})
    if len(parts) > 1:
        got = f"one in each of the folders {', '.join(map(repr, parts))}"
        fix = f"download one: hf download {repo} --repo-type dataset --include '{parts[-1]}/*', and name its files"
        raise DataError(Problem(where=repo, rule="the repository must hold one data set", got=got, fix=fix))

"""The folder that ships: written whole, every file hashed, refused when a hash does not match."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from suffice.bundles.answerer import ANSWERER, Answerer
from suffice.bundles.card import model_card
from suffice.bundles.classifier import Classifier
from suffice.bundles.record import BundleRecord
from suffice.bundles.scope import CLOUDS, SCOPE, Scope
from suffice.errors import BundleError, Problem
from suffice.records.promise import Promise
from suffice.retrieval.reader import Reader
from suffice.rungs.bases import matching_base
from suffice.rungs.interface import LoadsOnBase
from suffice.store import strict_json
from suffice.store.files import file_sha256, replacing_folder, write_text

if TYPE_CHECKING:
    from suffice.base_models import BaseModelFiles
    from suffice.rungs.interface import BaseReference

SUMS, PROMISE, CLASSIFIER, KNOWLEDGE = "SHA256SUMS", "promise.json", "classifier.json", "knowledge"


def write_bundle(folder: Path, run_folder: Path, record: BundleRecord, *, reader: Reader | None = None) -> None:
    """Makes a bundle of a finished run; an older one in its place is taken away only when the new one is whole.

    Args:
        folder: the bundle to be.
        run_folder: has `classifier.json` or `answerer.json`, and `model/`.
        record: what it is.
        reader: the knowledge that it reads before its questions; None where it reads none.

    Raises:
        StorageError: the folder cannot be written.
    """
    with replacing_folder(folder) as part:
        beside = CLASSIFIER if record.run.cell.kind == "classify" else ANSWERER
        shutil.copyfile(run_folder / beside, part / beside)
        shutil.copytree(run_folder / "model", part / "model")
        if reader is not None:
            reader.save(part / KNOWLEDGE)
        strict_json.write(part / "bundle.json", record)
        write_text(part / "README.md", model_card(record))
        _write_sums(part)


def add_base(folder: Path) -> None:
    """Copies the base model into a bundle, so that it needs nothing but itself.

    Args:
        folder: an existing bundle.

    Raises:
        BundleError: the bundle was changed, or stands on no base model.
        ModelError: the base model cannot be found.
    """
    record = verify(folder)
    if record.base is None:
        raise BundleError(
            Problem(
                where=str(folder),
                rule="--with-base goes with a bundle that stands on a base model",
                got=f"rung {record.rung!r}, which stands on none",
                fix="ship the folder as it is: it is whole",
            )
        )
    files = matching_base(record.base, base_folder=None)
    with replacing_folder(folder) as part:
        shutil.copytree(folder, part, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SUMS, "base"))
        shutil.copytree(files.folder, part / "base", symlinks=False)
        _write_sums(part)


def add_calibration(folder: Path, *, promise: Promise | None, scope: Scope | None) -> None:
    """Writes into a bundle which answers may be given and what lies outside, in the place of what stood there.

    Args:
        folder: an existing bundle.
        promise: with a threshold; None for no promise.
        scope: what tells messages outside; None for nothing that does.

    Raises:
        BundleError: the bundle was changed.
        StorageError: the folder cannot be written.
    """
    record = verify(folder)
    with replacing_folder(folder) as part:
        shutil.copytree(folder, part, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SUMS, PROMISE, SCOPE, CLOUDS))
        if promise is not None:
            strict_json.write(part / PROMISE, promise)
        if scope is not None:
            scope.save(part)
        write_text(part / "README.md", model_card(record, promise, None if scope is None else scope.record))
        _write_sums(part)


def load_any(folder: Path | str) -> Classifier | Answerer:
    """Loads a bundle of either kind after checking every file's hash.

    Args:
        folder: the bundle.

    Returns:
        What answers: `load_any(folder).classify(texts)`, `load_any(folder).answer(questions)`, or
        `load_any(folder).call(requests)`.

    Raises:
        BundleError: a file is missing, added or changed, or another version wrote it.
        ModelError: the base model cannot be found.
    """
    is_labelled = verify(Path(folder)).run.cell.kind == "classify"
    return load_bundle(folder) if is_labelled else load_answerer(folder)


def load_answerer(folder: Path | str) -> Answerer:
    """Loads a bundle that answers freely after checking every file's hash.

    Args:
        folder: the bundle.

    Returns:
        What answers: `load_answerer(folder).answer(questions)`, or `.call(requests)` where it calls tools.

    Raises:
        BundleError: a file is missing, added or changed, another version wrote it, or it gives labels.
        ModelError: the base model cannot be found.
    """
    place = Path(folder)
    if verify(place).run.cell.kind == "classify":
        rule, got = "this is for bundles whose answers are free text", "one that gives labels"
        fix = f"let it classify: suffice classify {place} < new.txt"
        raise BundleError(Problem(where=str(place), rule=rule, got=got, fix=fix))
    return Answerer.load(place, base_folder=_own_base(place), reader=load_reader(place))


def load_reader(folder: Path) -> Reader | None:
    """What finds the passages that a bundle reads before its questions; None where it reads none.

    Args:
        folder: a bundle.

    Raises:
        BundleError: its index was changed.
        DataError: the extra that searches it is not installed.
        ModelError: the encoder of its knowledge cannot be found.
    """
    return Reader.load(folder / KNOWLEDGE) if (folder / KNOWLEDGE).is_dir() else None


def load_bundle(folder: Path | str, *, on_base: LoadsOnBase | None = None) -> Classifier:
    """Loads a bundle that gives labels after checking every file's hash.

    Args:
        folder: the bundle.
        on_base: loads a tuned language model on a base that others may stand on; None gives it one of its own.

    Returns:
        What answers: `load_bundle(folder).classify(texts)`.

    Raises:
        BundleError: a file is missing, added or changed, another version wrote it, or its answers are free text.
        ModelError: the base model cannot be found.
    """
    place = Path(folder)
    if verify(place).run.cell.kind != "classify":
        rule, got = "this is for bundles that give labels", "one whose answers are free text"
        raise BundleError(
            Problem(where=str(place), rule=rule, got=got, fix=f"let it answer: suffice answer {place} < new.txt")
        )
    classifier = Classifier.load(place, base_folder=_own_base(place), on_base=on_base)
    if (place / PROMISE).is_file():
        classifier.promise = strict_json.read(place / PROMISE, Promise)
    classifier.scope = Scope.load(place)
    return classifier


def base_of(folder: Path, reference: BaseReference) -> BaseModelFiles:
    """The base model of a bundle: the one that lies in it, or else the one found by name.

    Args:
        folder: a bundle.
        reference: what it was fitted on.

    Raises:
        ModelError: it cannot be found.
        BundleError: what was found has other weights.
    """
    return matching_base(reference, base_folder=_own_base(folder))


def _own_base(folder: Path) -> Path | None:
    return folder / "base" if (folder / "base").is_dir() else None


def verify(folder: Path) -> BundleRecord:
    """Holds every file of a bundle against its hash.

    Args:
        folder: the bundle.

    Raises:
        BundleError: not a bundle; or files that are missing, added or changed, all named at once.
    """
    if not (folder / SUMS).is_file():
        raise BundleError(
            Problem(
                where=str(folder),
                rule="must be a bundle: a folder that `suffice fit` wrote",
                got=f"no {SUMS} in it" if folder.is_dir() else "no such folder",
                fix="name one of the folders under `bundles/` of a finished fit",
            )
        )
    stated = _read_sums(folder)
    found = {name: file_sha256(folder / name) for name in _files(folder)}
    problems = [_difference(folder / name, stated.get(name), found.get(name)) for name in sorted(stated | found)]
    changed = [problem for problem in problems if problem is not None]
    if changed:
        raise BundleError(changed)
    return strict_json.read(folder / "bundle.json", BundleRecord)


def version_of(folder: Path) -> str:
    """What tells one bundle from another: the beginning of the hash over all its files' hashes.

    Args:
        folder: a bundle.
    """
    return file_sha256(folder / SUMS)[:12]


def _difference(path: Path, stated: str | None, found: str | None) -> Problem | None:
    if stated == found:
        return None
    got = "no such file" if found is None else "a file that is not listed" if stated is None else f"sha256 {found}"
    rule = f"must have the sha256 in {SUMS}, {stated}" if stated else f"every file must be listed in {SUMS}"
    fix = "the bundle was changed after it was written: copy it again, or run `suffice fit` again"
    return Problem(where=str(path), rule=rule, got=got, fix=fix)


def _files(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name != SUMS)


def _write_sums(folder: Path) -> None:
    """In the format of `sha256sum`, so that anybody can check it without us."""
    write_text(folder / SUMS, "".join(f"{file_sha256(folder / name)}  {name}\n" for name in _files(folder)))


def _read_sums(folder: Path) -> dict[str, str]:
    lines = (folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: sha for sha, _, name in (line.partition("  ") for line in lines)}

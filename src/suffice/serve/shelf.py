"""The bundles that answer, by name; one may take another's place while requests are under way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, TypeVar

from suffice.bundles import Classifier, load_bundle
from suffice.bundles.folder import verify, version_of
from suffice.bundles.record import BundleRecord
from suffice.bundles.together import lane_of
from suffice.errors import BundleError, Problem, quoted
from suffice.records.labels import LabelSet
from suffice.rungs.interface import BaseReference, FittedRung, SharesBase
from suffice.rungs.ladder import describe
from suffice.text.counted import listed

if TYPE_CHECKING:
    from suffice.rungs.shared_bases import SharedBases

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Clerk:
    """One bundle that answers."""

    name: str
    """What clients call it."""
    version: str
    """Of the bundle: the beginning of a hash over its files."""
    parent: str | None
    """The base model that it stands on."""
    since: int
    """When it was loaded, seconds since 1970."""
    folder: Path
    """Where it lies."""
    keep_days: int | None = None
    """How long its task wants answers kept; None for ever."""
    hosted: float | None = None
    """Money that the endpoint of its fit asked for a message; None where none was asked."""
    classifier: Classifier
    lane: Hashable
    """What its messages are scored together with: those of all bundles that stand on the same base in memory."""

    @property
    def has_threshold(self) -> bool:
        """Whether answers can be unsure."""
        return self.classifier.promise is not None

    @property
    def may_flag(self) -> bool:
        """Whether any message but an empty one can be for review."""
        scope = self.classifier.scope
        return self.has_threshold or (scope is not None and scope.record.threshold is not None)


class Shelf:
    """Bundles in memory. One that stands alone on its base is made part of it; several of one base share it."""

    def __init__(self, folder: Path | None = None) -> None:
        """
        Args:
            folder: bundles that are loaded while the server runs must lie in it; None: none may be.
        """
        self._folder = None if folder is None else folder.resolve()
        self._clerks: dict[str, Clerk] = {}
        self._in_memory: SharedBases | None = None
        self._changing = threading.Lock()  # One change at a time, so that each knows who else will be there.

    def _bases(self) -> SharedBases:
        """Made when the first bundle asks: n-grams are served without loading what language models need."""
        from suffice.rungs.shared_bases import SharedBases  # noqa: PLC0415 - torch comes with it

        self._in_memory = self._in_memory or SharedBases()
        return self._in_memory

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that answer, in the order in which they came."""
        return tuple(self._clerks)

    @property
    def clerks(self) -> tuple[Clerk, ...]:
        """All that answer, in the order in which they came."""
        return tuple(self._clerks.values())

    @property
    def keep_days(self) -> dict[str, int]:
        """How long answers are kept, of those whose task says so, by name."""
        return {clerk.name: clerk.keep_days for clerk in self.clerks if clerk.keep_days is not None}

    def get(self, name: str) -> Clerk | None:
        """The one of this name; None where there is none.

        Args:
            name: what clients call it.
        """
        return self._clerks.get(name)

    def put_all(self, bundles: Sequence[tuple[str, Path]]) -> list[Clerk]:
        """Loads bundles one after another; all are held against their hashes before the first is loaded.

        Args:
            bundles: what clients are to call each, and its folder.

        Raises:
            BundleError: not a bundle, or one that was changed.
            ModelError: its base model cannot be found.
        """
        records = [verify(folder) for _, folder in bundles]
        return [
            self._put(name, folder, records[i], coming=records[i + 1 :]) for i, (name, folder) in enumerate(bundles)
        ]

    def put(self, name: str, folder: Path) -> Clerk:
        """Loads a bundle; one of the same name answers until this one can, and finishes what it has begun.

        Args:
            name: what clients are to call it.
            folder: the bundle; every file is held against its hash.

        Raises:
            BundleError: not a bundle, or one that was changed.
            ModelError: its base model cannot be found.
        """
        return self._put(name, folder, verify(folder), coming=())

    def _put(self, name: str, folder: Path, record: BundleRecord, *, coming: Sequence[BundleRecord]) -> Clerk:
        """One bundle; `coming` are loaded after it."""
        version = version_of(folder)
        if record.base is not None:
            tell_loading(name, record.base.name)
            from suffice.base_models.memory import keep_few_products  # noqa: PLC0415 - as above

            keep_few_products()
        with self._changing:
            rungs = [clerk.classifier.rung for clerk in self.clerks if clerk.name != name]
            others = [rung.base for rung in rungs if isinstance(rung, SharesBase)]
            others += [one.base for one in coming if describe(one.rung).tunes_causal]
            alone = _fingerprint(record.base) not in map(_fingerprint, others)

            def on_base(model: Path, labels: LabelSet, *, base_folder: Path | None) -> FittedRung:
                return self._bases().load(model, labels, base_folder=base_folder, alone=alone)

            classifier = apart(lambda: load_bundle(folder, on_base=on_base))
            clerk = Clerk(
                name=name,
                version=version,
                parent=None if record.base is None else record.base.name,
                since=int(time()),
                folder=folder,
                keep_days=record.keep_days,
                hosted=None if record.hosted_per_thousand is None else record.hosted_per_thousand / 1_000.0,
                classifier=classifier,
                lane=lane_of(classifier),
            )
            replaced = self._clerks.get(name)
            self._clerks = {**self._clerks, name: clerk}
            _leave(replaced)
            if not coming:
                self._settle()
        tell_change(clerk, replaced)
        return clerk

    def place_of(self, path: str) -> Path:
        """Where a bundle lies that somebody names who is not on this machine.

        Args:
            path: of the bundle, inside the folder of bundles.

        Raises:
            BundleError: no folder of bundles was named at the start, or the path leads out of it.
        """
        if self._folder is None:
            rule, fix = "bundles are loaded from a folder named at the start", "start with --bundles FOLDER"
            raise BundleError(Problem(where="lora_path", rule=rule, got="none was named", fix=fix))
        try:
            place = (self._folder / path).resolve()
            leads_in = place.is_relative_to(self._folder) and place.is_dir()
        except (ValueError, OSError, RuntimeError):  # No path at all, one too long, or links that go round.
            leads_in = False
        if not leads_in or place == self._folder:
            rule, fix = "must lead to a bundle inside the folder of bundles", "name it from that folder: billing-3"
            raise BundleError(Problem(where="lora_path", rule=rule, got=quoted(path), fix=fix))
        return place

    def drop(self, name: str) -> Clerk | None:
        """Takes a bundle off; what it has begun to answer is finished.

        Args:
            name: what clients call it.

        Returns:
            What was taken off; None where there is none of this name.
        """
        with self._changing:
            gone = self._clerks.get(name)
            if gone is None:
                return None
            self._clerks = {other: clerk for other, clerk in self._clerks.items() if other != name}
            _leave(gone)
            self._settle()
        log.info("%s is taken off: %s", gone.name, gone.version)
        return gone

    def _settle(self) -> None:
        """Makes one that stands alone part of its base, and puts all others beside one another."""
        if self._in_memory is not None:
            apart(self._in_memory.settle)

    def give_back(self) -> None:
        """Gives the memory of bundles back that nobody holds any more."""
        if self._in_memory is not None:
            from suffice.base_models.memory import give_back_freed_memory  # noqa: PLC0415 - as above

            give_back_freed_memory()


def named(bundles: Sequence[str]) -> list[tuple[str, Path]]:
    """What clients call each bundle, and where it lies.

    Args:
        bundles: `NAME=FOLDER`, or a folder, which is called by its own name.

    Raises:
        BundleError: two of one name.
    """
    found: dict[str, Path] = {}
    for one in bundles:
        name, equals, folder = one.partition("=")
        if not equals or Path(one).exists():
            name, folder = Path(one).resolve().name, one
        if name in found:
            rule, fix = "every bundle has a name of its own", f"say what to call it: other={folder}"
            raise BundleError(Problem(where=one, rule=rule, got=f"{quoted(name)} twice", fix=fix))
        found[name] = Path(folder)
    return list(found.items())


def tell_loading(name: str, base: str) -> None:
    """Logs that a bundle is loaded, before that takes a while.

    Args:
        name: what clients are to call it.
        base: the base model that it stands on.
    """
    log.info("%s: its base model %s is loaded, and fetched before where it is not on this machine", name, base)


def tell_change(clerk: Clerk, replaced: Clerk | None) -> None:
    """Logs that a bundle answers now, whether it can be unsure, and whether with other labels than the one before it.

    Args:
        clerk: the bundle.
        replaced: the one whose place it takes; None where there was none of its name.
    """
    names = set(clerk.classifier.labels.names)
    before = names if replaced is None else set(replaced.classifier.labels.names)
    if replaced is None:
        rung = clerk.classifier.saved.rung
        log.info("%s is loaded: %s, %d labels, %s", clerk.name, rung, len(names), clerk.version)
    else:
        log.info("%s is replaced: %s by %s", clerk.name, replaced.version, clerk.version)
    if not clerk.has_threshold:
        unheld = "%s has no threshold: no answer is held to be unsure; find one: suffice calibrate %s"
        log.warning(unheld, clerk.name, clerk.folder)
    if names != before:
        new, gone = (listed(sorted(some)) or "none" for some in (names - before, before - names))
        log.warning("%s answers with other labels now: new: %s; gone: %s", clerk.name, new, gone)


def _leave(clerk: Clerk | None) -> None:
    if clerk is not None and isinstance(clerk.classifier.rung, SharesBase):
        clerk.classifier.rung.leave()


def _fingerprint(base: BaseReference | None) -> str | None:
    return None if base is None else base.fingerprint


def apart(load: Callable[[], T]) -> T:
    """Loads in a thread that ends with it.

    Args:
        load: what is to be done.

    OpenMP keeps a team of threads for every thread that has ever computed. With those of one that will not compute
    again there are more than cores, and all of them sleep between two operations where they would spin: a message to a
    135M model took half as long again.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="suffice-loading") as pool:
        return pool.submit(load).result()

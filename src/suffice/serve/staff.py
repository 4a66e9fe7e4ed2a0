"""All that answer, whichever way: clerks, who name labels, and scribes, who write; one name is one of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from suffice.bundles.folder import verify
from suffice.errors import BundleError, Problem, SufficeError, nearest, quoted
from suffice.serve.refusal import Refused
from suffice.serve.scribes import Scribe, Scribes
from suffice.serve.shelf import Clerk, Shelf

Served = Clerk | Scribe


class Staff:
    """Lets bundles come and go while others answer; one takes another's place without a request lost, of either sort.

    Whoever takes a place answers there before the one that had it is taken off; that one finishes what it was asked.
    """

    def __init__(self, shelf: Shelf, scribes: Scribes) -> None:
        """
        Args:
            shelf: those that name labels.
            scribes: those that write.
        """
        self._shelf, self._scribes = shelf, scribes
        self._changing = (
            threading.Lock()
        )  # Of one name that changes its sort each has to know what becomes of the other.

    @property
    def all(self) -> tuple[Served, ...]:
        """All that answer, those that name labels first."""
        return (*self._shelf.clerks, *self._scribes.all)

    @property
    def names(self) -> tuple[str, ...]:
        """Theirs."""
        return tuple(one.name for one in self.all)

    def put_all(self, bundles: Sequence[tuple[str, Path]]) -> None:
        """Loads bundles; all are held against their hashes before the first is loaded.

        Args:
            bundles: what clients are to call each, and its folder.

        Raises:
            BundleError: not a bundle, or one that was changed.
            ModelError: its base model cannot be found.
        """
        names_labels = {name: _names_labels(folder) for name, folder in bundles}
        self._shelf.put_all([(name, folder) for name, folder in bundles if names_labels[name]])
        for name, folder in bundles:
            if not names_labels[name]:
                self._scribes.put(name, folder)

    def put_from_folder(self, name: str, path: str) -> Served:
        """Loads a bundle that somebody names who is not on this machine, in the place of one of the same name.

        Args:
            name: what clients are to call it.
            path: of the bundle, inside the folder of bundles.

        Raises:
            BundleError: no folder of bundles was named at the start, or the path leads out of it.
            Refused: it is no bundle, one that was changed, or its base model cannot be found.
        """
        place = self._shelf.place_of(path)
        with self._changing:
            try:
                return self._put(name, place)
            except SufficeError as error:
                raise _unfit(error, place) from None

    def _put(self, name: str, place: Path) -> Served:
        if _names_labels(place):
            clerk = self._shelf.put(name, place)
            self._scribes.drop(name)
            return clerk
        scribe = self._scribes.put(name, place)
        self._shelf.drop(name)
        return scribe

    def drop(self, name: str) -> Served:
        """Takes a bundle off; what it has begun to answer is finished.

        Args:
            name: what clients call it.

        Raises:
            BundleError: there is none of this name.
        """
        with self._changing:
            gone = self._shelf.drop(name) or self._scribes.drop(name)
        if gone is None:
            got = f"{quoted(name)}{nearest(name, self.names)} among {len(self.names):,}"
            fix = "see GET /v1/models"
            raise BundleError(Problem(where="lora_name", rule="must be served here", got=got, fix=fix))
        return gone


def _names_labels(folder: Path) -> bool:
    return verify(folder).run.cell.kind == "classify"


def _unfit(error: SufficeError, place: Path) -> Refused:
    """What is wrong with a bundle, by the key that named it and by its own files: paths of this machine are told to
    nobody.
    """
    first = error.problems[0]
    path = Path(first.where)
    where = str(path.relative_to(place)) if path.is_relative_to(place) and path != place else path.name
    message = f"{where}: {first.rule}; got: {first.got}; {first.fix}"
    return Refused(400, message, code="invalid_value", param="lora_path")

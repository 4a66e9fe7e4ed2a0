"""The index of a folder of knowledge: built once, kept on disk, asked for the passages that answer a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.errors import BundleError, Problem, TaskError
from suffice.records.knowledge import Found, Knowledge, Way
from suffice.records.progress import Progress
from suffice.retrieval.embedded import Embedded
from suffice.retrieval.extra import require_installed
from suffice.retrieval.fusion import fused, ranks_of
from suffice.retrieval.lexical import Lexical
from suffice.store import strict_json
from suffice.store.files import file_sha256, replacing_folder

FORMAT = 1
"""Raised when passages are cut or indexed in another way: an older index is then built again."""
MANIFEST, KNOWLEDGE, LEXICAL, EMBEDDED = "manifest.json", "knowledge.json", "bm25", "embedded"


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexManifest:
    """What an index folder holds."""

    format: int
    """`FORMAT` of the version that wrote it."""
    has_embeddings: bool
    """Whether passages were embedded."""
    hashes: dict[str, str]
    """SHA-256 of every other file in the folder, by its name with forward slashes."""


class Index:
    """Passages that can be asked for."""

    def __init__(self, knowledge: Knowledge, lexical: Lexical, embedded: Embedded | None) -> None:
        """
        Args:
            knowledge: the N passages, and where they come from.
            lexical: ranks them by words.
            embedded: ranks them by embeddings; None where words alone do.
        """
        self.knowledge, self._lexical, self._embedded = knowledge, lexical, embedded

    @property
    def ways(self) -> tuple[Way, ...]:
        """How passages can be ranked. Which way finds most depends on the questions: `recalls` tells by gold links."""
        return ("bm25",) if self._embedded is None else ("bm25", "embeddings", "fused")

    @property
    def n_truncated(self) -> int:
        """Passages of which the encoder has read only the beginning."""
        return 0 if self._embedded is None else self._embedded.n_truncated

    @classmethod
    def build(cls, knowledge: Knowledge, *, encoder: str | None, progress: Progress) -> Index:
        """Indexes every passage, with the headings that it stands under.

        Args:
            knowledge: as it was read.
            encoder: short name, hub id or folder of a sentence encoder; None for words alone, which need no torch.
            progress: told of every batch that is embedded.

        Raises:
            DataError: the extra is not installed.
            ModelError: the encoder cannot be found.
        """
        require_installed()
        texts = [passage.searched for passage in knowledge.passages]
        embedded = None if encoder is None else Embedded.build(texts, encoder=encoder, progress=progress)
        return cls(knowledge, Lexical.build(texts), embedded)

    @classmethod
    def load(cls, folder: Path) -> Index:
        """Reads an index after checking every file's hash.

        Args:
            folder: that `save` wrote.

        Raises:
            BundleError: no index, one of another version, or a file is missing or changed.
            DataError: the extra is not installed.
            ModelError: its encoder cannot be found.
        """
        require_installed()
        manifest = _verified(folder)
        knowledge = strict_json.read(folder / KNOWLEDGE, Knowledge)
        embedded = Embedded.load(folder / EMBEDDED) if manifest.has_embeddings else None
        return cls(knowledge, Lexical.load(folder / LEXICAL), embedded)

    def save(self, folder: Path) -> None:
        """Writes the index, whole or not at all: arrays and JSON, nothing that can run code.

        Args:
            folder: replaced if it is there.

        Raises:
            StorageError: the folder cannot be written.
        """
        with replacing_folder(folder) as part:
            strict_json.write(part / KNOWLEDGE, self.knowledge)
            self._lexical.save(part / LEXICAL)
            if self._embedded is not None:
                self._embedded.save(part / EMBEDDED)
            hashes = {name: file_sha256(part / name) for name in _files(part)}
            manifest = IndexManifest(format=FORMAT, has_embeddings=self._embedded is not None, hashes=hashes)
            strict_json.write(part / MANIFEST, manifest)

    def search(self, questions: Sequence[str], *, k: int, way: Way) -> list[tuple[Found, ...]]:
        """The best passages for each question, best first; fewer than `k` where no more have anything in common.

        Args:
            questions: any texts.
            k: how many at most, at least 1.
            way: one of `ways`.

        Raises:
            TaskError: passages were not embedded, and the way needs it.
        """
        assert k > 0, "a search asks for at least one passage"
        if way not in self.ways:
            fix = "rank by bm25, or build the index with an encoder"
            got = f"{way!r}, and an index without embeddings"
            raise TaskError(Problem(where="knowledge", rule="passages must be embedded", got=got, fix=fix))
        if self._embedded is None or way == "bm25" or not questions:
            return [self._best(question, None, k=k, way=way) for question in questions]
        embedded = zip(questions, self._embedded.read(questions), strict=True)
        return [self._best(question, self._embedded.scores(row), k=k, way=way) for question, row in embedded]

    def _best(self, question: str, cosines: NDArray[np.float32] | None, *, k: int, way: Way) -> tuple[Found, ...]:
        by_words = None if way == "embeddings" else self._lexical.scores(question)
        rankings = {
            "bm25": None if by_words is None else ranks_of(by_words, above=0.0),
            "embeddings": None if cosines is None else ranks_of(cosines),
        }
        asked = [ranks for ranks in rankings.values() if ranks is not None]
        scores = by_words if way == "bm25" else cosines if way == "embeddings" else fused(asked)
        assert scores is not None, "each way has scores of its own"
        ranks = asked[0] if len(asked) == 1 else ranks_of(scores, above=0.0)
        best = np.flatnonzero((ranks > 0) & (ranks <= k))
        return tuple(
            Found(
                passage=self.knowledge.passages[at],
                score=float(scores[at]),
                bm25_rank=_rank(rankings["bm25"], at),
                embeddings_rank=_rank(rankings["embeddings"], at),
            )
            for at in best[np.argsort(ranks[best])].tolist()
        )


def _rank(ranks: NDArray[np.int64] | None, at: int) -> int | None:
    return None if ranks is None else int(ranks[at]) or None


def _verified(folder: Path) -> IndexManifest:
    """The manifest, after every file was held against it.

    Raises:
        BundleError: no index, another version's, or files that are missing, added or changed, all named at once.
    """
    again = "build the index again"
    if not (folder / MANIFEST).is_file():
        got = f"no {MANIFEST} in it" if folder.is_dir() else "no such folder"
        raise BundleError(Problem(where=str(folder), rule="must be an index of knowledge", got=got, fix=again))
    stated = strict_json.format_of(folder / MANIFEST)
    if stated != FORMAT:
        rule = f"must be an index of format {FORMAT}"
        raise BundleError(Problem(where=str(folder), rule=rule, got=f"format {stated}", fix=again))
    manifest = strict_json.read(folder / MANIFEST, IndexManifest)
    found = {name: file_sha256(folder / name) for name in _files(folder)}
    changed = [name for name in sorted(manifest.hashes | found) if manifest.hashes.get(name) != found.get(name)]
    if changed:
        rule = f"must be as {MANIFEST} states it"
        raise BundleError(
            Problem(
                where=str(folder / name),
                rule=rule,
                got="no such file" if name not in found else f"sha256 {found[name]}",
                fix=again,
            )
            for name in changed
        )
    return manifest


def _files(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name != MANIFEST)

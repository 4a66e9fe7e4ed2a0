"""What cheap rungs say of the rows, out of fold: asked once for each data version, then read from disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from suffice.errors import ModelError
from suffice.pipeline.cells.answered import read_predictions
from suffice.pipeline.cells.asking import ANSWERS_FORMAT, MIN_ROWS, Arrays, Asked, ask, n_train, trusted_rows, votes
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.dataset import Dataset
from suffice.records.evidence import AnswersAtSize, Evidence, NoEvidence, OutOfFold, Suspicion
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.run import RUN_FORMAT, RunManifest
from suffice.records.splits import SPLIT_NAMES, Splits
from suffice.records.task import Task
from suffice.rungs.interface import Settings
from suffice.rungs.ladder import describe
from suffice.rungs.out_of_fold import N_FOLDS
from suffice.split import Strata
from suffice.stats.separation import confused_pairs, inseparable_labels
from suffice.stats.suspicion import judge, together
from suffice.store import strict_json
from suffice.store.arrays import read_arrays, write_arrays
from suffice.store.strict_json import digest

EMBEDDING_RUNGS = frozenset({"embed", "encoder"})


def gathered(
    task: Task,
    workspace: Workspace,
    data: Dataset,
    *,
    splits: Splits,
    labels: LabelSet,
    also_test: bool = False,
    progress: Progress,
) -> Evidence | NoEvidence:
    """What cheap rungs, and models that were trained anyway, say of the rows; asked anew only where it is not kept.

    No encoder is fetched for it: `bring_encoder` is for those who want one.

    Args:
        task: the task.
        workspace: where it is kept, and where trained runs lie.
        data: rows of a data version.
        splits: where each row stands.
        labels: the K labels.
        also_test: ask about calibration and test rows too.
        progress: told of every step.

    Raises:
        StorageError: the folder cannot be written.
    """
    asked = _asked(task, data, splits=splits, labels=labels, also_test=also_test)
    if isinstance(asked, NoEvidence):
        return asked
    fingerprint, no_embeddings = _encoder(task)
    asked = replace(asked, no_embeddings=no_embeddings)
    path = workspace.out / "audit" / f"evidence-{_key(asked, splits, fingerprint)}.npz"
    kept = read_arrays(path)
    if kept is None:
        kept = ask(asked, progress=progress)
        write_arrays(path, kept)
    return evidence_of(asked, kept, trained=list(_trained(asked, workspace, splits)))


def evidence_of(asked: Asked, kept: Arrays, *, trained: Sequence[NDArray[np.float64]]) -> Evidence:
    """The answers as checks and review read them.

    Args:
        asked: the rows.
        kept: what `ask` gave.
        trained: log probabilities by models that were trained anyway, shape [M, K] each; NaN for rows that they have
            seen.
    """
    out_of_fold = tuple(
        OutOfFold(rung=rung, n_train=n_train(kept["fold_of"]), log_probs=np.asarray(kept[rung], dtype=np.float64))
        for rung in ("tfidf", "embed")
        if rung in kept
    )
    views = [kept["tfidf"], *trained]
    trusted = None
    if "embed_again" in kept:
        trusted = trusted_rows(asked, kept)
        views += [kept["embed_again"], votes(asked, kept, trusted)]
    probs = together(views, asked.y, trusted=trusted)
    cheap = together([one.log_probs for one in out_of_fold], asked.y)
    pairs = confused_pairs(cheap, asked.y)
    judged = judge(probs, asked.y, same=inseparable_labels(pairs, n_labels=len(asked.labels)))
    none = np.empty((len(asked.y), 0), dtype=np.int64)
    neighbours = kept.get("neighbours", none)
    return Evidence(
        rows=asked.rows,
        y=asked.y,
        out_of_fold=out_of_fold,
        curve=_points(kept, out_of_fold[-1], asked.y),
        predicted=cheap.argmax(axis=1),
        probs=probs,
        pairs=tuple(pairs),
        suspicion=Suspicion(
            rows=asked.rows,
            score=judged.score,
            suggested=judged.suggested,
            margin=judged.margin,
            disputed=judged.disputed,
            neighbours=np.where(neighbours >= 0, asked.rows[neighbours], -1),
            similarities=np.asarray(kept.get("similarities", none), dtype=np.float64),
        ),
        paraphrases=kept.get("paraphrases"),
        no_embeddings=asked.no_embeddings,
    )


def _asked(task: Task, data: Dataset, *, splits: Splits, labels: LabelSet, also_test: bool) -> Asked | NoEvidence:
    position = {name: k for k, name in enumerate(labels.names)}
    y = np.array([position.get(label, -1) for label in data.labels], dtype=np.int64)
    rows = splits.rows(*(SPLIT_NAMES if also_test else ("train", "validation")))
    rows = rows[y[rows] >= 0]
    if len(rows) < MIN_ROWS:
        return NoEvidence(why=f"{len(rows):,} rows of known labels in train and validation are too few to learn from")
    if len(np.unique(y[rows])) < 2:
        return NoEvidence(why="the rows in train and validation have one label only")
    if len(np.unique(splits.groups[rows])) < N_FOLDS:
        return NoEvidence(why=f"the rows are fewer than {N_FOLDS} groups of copies, customers or threads")
    return Asked(
        data=data,
        rows=rows,
        y=y[rows],
        labels=labels,
        strata=Strata(y=y, groups=splits.groups, keys=splits.keys),
        settings=Settings(
            seed=task.split.seed,
            train=task.train,
            instruction="",
            context_tokens=task.context_tokens,
            # An audit does not end on a long text, which `too_long` counts.
            too_long="head_tail" if task.too_long == "error" else task.too_long,
            label_output="tokens",
        ),
        encoder=task.train.encoder,
        no_embeddings=None,
    )


def bring_encoder(task: Task, *, progress: Progress) -> None:
    """Brings the sentence encoder where the ladder has a rung that stands on it; without it, n-grams are asked alone.

    Args:
        task: the task.
        progress: told while it is fetched, and of what keeps it from being used.
    """
    if not EMBEDDING_RUNGS & set(task.ladder):
        return
    from suffice.base_models import locate  # noqa: PLC0415 - a ladder without base models never loads the room

    try:
        locate(task.train.encoder, progress=progress)
    except ModelError as error:
        progress.say(str(error))


def _encoder(task: Task) -> tuple[str | None, str | None]:
    """Hash of the sentence encoder's files, or why it is not asked."""
    if not EMBEDDING_RUNGS & set(task.ladder):
        return None, "the ladder has no rung with sentence embeddings (embed, encoder)"
    from suffice.base_models import find_here  # noqa: PLC0415

    name = task.train.encoder
    try:
        files = find_here(name)
    except ModelError as error:
        return None, f"the encoder {name} cannot be used here: {' '.join(error.problems[0].got.split())}"
    if files is None:
        return None, f"the encoder {name} is not on this machine (`suffice models pull {name}` brings it)"
    return files.fingerprint, None


def _key(asked: Asked, splits: Splits, fingerprint: str | None) -> str:
    decides = (
        ANSWERS_FORMAT,
        asked.data.name,
        splits.sha256,
        asked.labels.names,
        len(asked.rows),
        asked.settings.seed,
        asked.settings.context_tokens,
        asked.settings.too_long,
        fingerprint,
    )
    return digest([str(part) for part in decides])[:12]


def _points(kept: Arrays, last: OutOfFold, y: NDArray[np.int64]) -> tuple[AnswersAtSize, ...]:
    points = [
        AnswersAtSize(rung=last.rung, n_train=int(n), correct=correct)
        for n, correct in zip(kept["curve_sizes"], kept["curve"], strict=True)
    ]
    return (*points, AnswersAtSize(rung=last.rung, n_train=last.n_train, correct=last.log_probs.argmax(axis=1) == y))


def _trained(asked: Asked, workspace: Workspace, splits: Splits) -> Iterator[NDArray[np.float64]]:
    """Log probabilities of validation rows by networks that a fit trained on the same rows and split."""
    position = {asked.data.ids[row]: place for place, row in enumerate(asked.rows)} if workspace.runs.exists() else {}
    for path in sorted(workspace.runs.glob("*/predictions.parquet")):
        manifest_path = path.parent / "manifest.json"
        if not manifest_path.exists() or strict_json.format_of(manifest_path) != RUN_FORMAT:
            continue
        manifest = strict_json.read(manifest_path, RunManifest)
        cell = manifest.cell
        if (
            describe(cell.rung).cheap
            or cell.asked_again
            or cell.split_sha256 != splits.sha256
            or cell.labels != asked.labels.names
        ):
            continue
        predictions = read_predictions(path, asked.labels, n_truncated=0)
        if predictions.probs is None:
            continue  # Labels alone, as an endpoint gives them, say nothing of how likely the others are.
        view = np.full((len(asked.y), len(asked.labels)), np.nan)
        known = [(position[i], k) for k, i in enumerate(predictions.ids) if i in position]
        if known:
            places, of = map(list, zip(*known, strict=True))
            view[places] = np.log(predictions.probs[of])
            yield view

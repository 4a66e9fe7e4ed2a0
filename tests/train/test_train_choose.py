"""Epochs chosen by folds where there are too few rows to set any aside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from train_scorers import BagOfTokens, Counts, PullsThePlug, Unplugged, schedule, some_rows

from suffice.records.progress import SILENT, Progress
from suffice.train import choose, loop
from suffice.train.checkpoint import EpochResult, trained_state
from suffice.train.choose import train_with_folds
from suffice.train.loop import TrainingResult, train

ROWS, FOLDS = some_rows(12), np.arange(12) % 3


def chosen(scorer: BagOfTokens, folder: Path, *, progress: Progress = SILENT) -> TrainingResult:
    return train_with_folds(
        scorer,
        ROWS,
        folds=FOLDS,
        schedule=schedule(epochs=3, patience=1),
        seed=0,
        checkpoints=folder,
        progress=progress,
        what="run",
    )


def scripted(monkeypatch: pytest.MonkeyPatch, accuracies: list[list[float]], losses: list[list[float]]) -> list[dict]:
    """Replaces training; returns what each call was given."""
    calls: list[dict] = []

    def fake(scorer: object, rows: loop.TokenRows, **given: object) -> TrainingResult:
        fold = len(calls)
        calls.append({"rows": rows, **given})
        tuned = given["tune"] is not None
        history = tuple(
            EpochResult(epoch=e, train_loss=0.0, tune_accuracy=a, tune_loss=b)
            for e, (a, b) in enumerate(zip(accuracies[fold], losses[fold], strict=True))
        )
        return TrainingResult(
            best_epoch=0,
            history=history if tuned else (),
            seconds=1.0,
            loop_seconds=0.5,
            n_steps=5,
            n_parts=6,
            n_tokens=100,
            n_halvings=int(tuned),
            n_examples_seen=10,
        )

    monkeypatch.setattr(choose, "train", fake)
    return calls


EVEN = [[1.0] * 3] * 4


def test_each_fold_is_judged_by_a_run_that_did_not_see_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = scripted(monkeypatch, [[0.5] * 3] * 4, EVEN)
    result = chosen(BagOfTokens(), tmp_path)
    for fold, call in enumerate(calls[:3]):
        assert call["tune"].tokens == [row for row, f in zip(ROWS.tokens, FOLDS, strict=True) if f == fold]
        assert call["rows"].tokens == [row for row, f in zip(ROWS.tokens, FOLDS, strict=True) if f != fold]
        # Folds must be comparable epoch by epoch, so that none may stop early.
        assert call["schedule"].patience == 3
    assert calls[3]["tune"] is None
    assert calls[3]["rows"].tokens == ROWS.tokens
    assert len({call["checkpoints"] for call in calls}) == 4
    # Four runs of a second and ten rows each.
    assert (result.seconds, result.loop_seconds, result.n_steps, result.n_tokens) == (4.0, 2.0, 20, 400)
    assert (result.n_examples_seen, result.n_parts, result.n_halvings) == (40, 24, 1)


@pytest.mark.parametrize(
    ("accuracies", "losses", "best"),
    [
        # Right over all folds of four rows: 6, 7, 6.
        ([[0.5, 0.25, 0.5], [0.5, 0.75, 0.5], [0.5, 0.75, 0.5]], [[1.0] * 3] * 3, 1),
        # Equally many right: the lowest sum of losses is the last epoch's.
        ([[0.5] * 3] * 3, [[1.0, 0.9, 0.8], [1.0, 1.0, 1.0], [1.0, 0.9, 0.9]], 2),
        # Equal in both: the fewest epochs.
        ([[0.5] * 3] * 3, [[1.0] * 3] * 3, 0),
    ],
)
def test_the_epoch_with_the_most_right_over_all_folds_is_chosen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    accuracies: list[list[float]],
    losses: list[list[float]],
    best: int,
) -> None:
    calls = scripted(monkeypatch, [*accuracies, [0.0] * 3], [*losses, [0.0] * 3])
    chosen(BagOfTokens(), tmp_path)
    assert calls[3]["stop_after"] == best + 1
    assert calls[3]["schedule"] == schedule(epochs=3, patience=1)


def test_a_large_fold_counts_by_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Ten rows and two: 5 + 2 right against 6 + 0.
    calls = scripted(monkeypatch, [[0.5, 0.6], [1.0, 0.0], [0.0, 0.0]], [[1.0, 1.0]] * 3)
    train_with_folds(
        BagOfTokens(),
        ROWS,
        folds=np.array([0] * 10 + [1] * 2),
        schedule=schedule(epochs=2),
        seed=0,
        checkpoints=tmp_path,
        progress=SILENT,
        what="run",
    )
    assert calls[2]["stop_after"] == 1


def test_one_epoch_is_not_chosen_by_folds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = scripted(monkeypatch, [[0.0]], [[0.0]])
    train_with_folds(
        BagOfTokens(),
        ROWS,
        folds=FOLDS,
        schedule=schedule(epochs=1),
        seed=0,
        checkpoints=tmp_path,
        progress=SILENT,
        what="run",
    )
    assert [(call["stop_after"], call["tune"]) for call in calls] == [(1, None)]


def test_the_last_run_is_training_on_every_row_for_the_chosen_epochs(tmp_path: Path) -> None:
    scorer, plain = BagOfTokens(), BagOfTokens()
    result = chosen(scorer, tmp_path / "folds")
    train(
        plain,
        ROWS,
        tune=None,
        schedule=schedule(epochs=3, patience=1),
        seed=0,
        stop_after=result.best_epoch + 1,
        checkpoints=tmp_path / "plain",
        progress=SILENT,
        what="plain",
    )
    assert all(torch.equal(p, trained_state(plain)[name]) for name, p in trained_state(scorer).items())


@pytest.mark.parametrize("after", [1, 4, 8, 13, 17, 20, 24])
@pytest.mark.parametrize("checkpoint_seconds", [0.0, 1e9])
def test_a_choice_cut_off_anywhere_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, checkpoint_seconds: float
) -> None:
    whole, resumed = BagOfTokens(), BagOfTokens()
    expected = chosen(whole, tmp_path / "whole")
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", checkpoint_seconds)
    try:
        chosen(BagOfTokens(), tmp_path / "cut", progress=PullsThePlug(after))
    except Unplugged:
        cut = True
    else:
        cut = False
    # Three folds of two steps an epoch, three epochs each, come before the last run.
    assert cut or after > 18
    got = chosen(resumed, tmp_path / "cut")
    assert got.history == expected.history
    assert all(torch.equal(p, trained_state(whole)[name]) for name, p in trained_state(resumed).items())


def test_progress_names_every_fold(tmp_path: Path) -> None:
    counts = Counts()
    chosen(BagOfTokens(), tmp_path, progress=counts)
    assert list(counts.totals) == [f"run: choosing epochs, fold {k} of 3" for k in (1, 2, 3)] + ["run"]
    assert counts.done == counts.totals

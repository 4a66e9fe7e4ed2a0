"""The loop: the same bytes for the same seed, interrupted or not, and the epoch that does best is kept."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from train_scorers import BagOfTokens, Counts, PullsThePlug, Scripted, Unplugged, schedule, some_rows

from suffice.errors import TaskError
from suffice.predict.batching import score_all
from suffice.predict.lora import LoraShape
from suffice.predict.scorer import Scorer
from suffice.records.progress import SILENT, Progress
from suffice.train import loop
from suffice.train.checkpoint import State, trained_state
from suffice.train.loop import TrainingResult, train
from suffice.train.order import epoch_batches, shares_of_easier
from suffice.train.rows import TokenRows
from suffice.train.schedule import Schedule, learning_rate_at
from tiny_scorers import LABELS, tiny_causal

ROWS, TUNE = some_rows(18), some_rows(12, seed=1)


def run(
    scorer: Scorer,
    folder: Path,
    *,
    rows: TokenRows = ROWS,
    tune: TokenRows | None = TUNE,
    pace: Schedule | None = None,
    seed: int = 0,
    stop_after: int | None = None,
    progress: Progress = SILENT,
) -> TrainingResult:
    return train(
        scorer,
        rows,
        tune=tune,
        schedule=pace or schedule(),
        seed=seed,
        stop_after=stop_after,
        checkpoints=folder,
        progress=progress,
        what="run",
    )


def same(a: State, b: State) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def fitted(folder: Path, **given: Any) -> tuple[State, TrainingResult]:
    scorer = BagOfTokens()
    result = run(scorer, folder, **given)
    return trained_state(scorer), result


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    first, again, other = (fitted(tmp_path / name, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1)))
    assert same(first[0], again[0])
    assert first[1].history == again[1].history
    assert not same(first[0], other[0])


def test_draws_made_elsewhere_change_nothing(tmp_path: Path) -> None:
    first = fitted(tmp_path / "a")[0]
    torch.manual_seed(12345)
    np.random.default_rng().random()
    assert same(first, fitted(tmp_path / "b")[0])


def test_one_step_is_that_of_adamw_on_a_clipped_gradient(tmp_path: Path) -> None:
    scorer = Scripted([(0, 1.0)])
    run(scorer, tmp_path, rows=TokenRows(tokens=[(0,)], y=np.array([0])), tune=None, pace=schedule(epochs=1))
    # Kingma and Ba 2015, algorithm 1: the bias corrected, the first step is the rate itself, whatever the gradient.
    assert scorer.parameter.item() == pytest.approx(0.05, rel=1e-6)


def test_every_group_has_its_own_share_of_the_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[float]] = []
    step = torch.optim.AdamW.step

    def recorded(self: torch.optim.AdamW, *args: object) -> object:
        seen.append([group["lr"] for group in self.param_groups])
        return step(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", recorded)
    pace = schedule(epochs=2)
    fitted(tmp_path, pace=pace)
    # 18 rows in batches of four are five steps an epoch.
    expected = [learning_rate_at(step, n_steps=10, schedule=pace) for step in range(10)]
    assert seen == [[rate, 2.0 * rate] for rate in expected]


@pytest.mark.parametrize("checkpoint_seconds", [0.0, 1e9])
@pytest.mark.parametrize("after", [1, 2, 3, 4, 5, 6, 8, 10, 11, 14])
def test_a_run_cut_off_anywhere_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, checkpoint_seconds: float
) -> None:
    whole, expected = fitted(tmp_path / "whole")
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", checkpoint_seconds)
    with pytest.raises(Unplugged):
        run(BagOfTokens(), tmp_path / "cut", progress=PullsThePlug(after))
    torch.manual_seed(999)
    resumed, got = fitted(tmp_path / "cut")
    assert same(resumed, whole)
    assert (got.history, got.best_epoch, got.n_examples_seen) == (
        expected.history,
        expected.best_epoch,
        expected.n_examples_seen,
    )


HARD = replace(ROWS, difficulty=np.random.default_rng(2).random(18))


def test_rows_whose_difficulty_is_known_are_seen_easy_ones_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[float]] = []
    logits = BagOfTokens.logits

    def recorded(self: BagOfTokens, rows: Any) -> torch.Tensor:
        if self.training:
            seen.append([shares[id(row)] for row in rows])
        return logits(self, rows)

    shares = {id(row): share for row, share in zip(HARD.tokens, shares_of_easier(HARD.difficulty, HARD.y), strict=True)}
    monkeypatch.setattr(BagOfTokens, "logits", recorded)
    result = run(BagOfTokens(), tmp_path, rows=HARD, pace=schedule(epochs=2))
    epochs = [[np.mean(batch) for batch in seen[start : start + 5]] for start in (0, 5)]
    assert epochs[0] == sorted(epochs[0])
    assert epochs[1] != sorted(epochs[1])
    # The steps of an order by chance, and every row as often.
    assert (result.n_steps, result.n_parts, result.n_examples_seen) == (10, 10, 36)
    assert sorted(share for batch in seen[:5] for share in batch) == sorted(shares.values())


@pytest.mark.parametrize("after", [1, 3, 5, 6, 8])
def test_an_ordered_run_cut_off_anywhere_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    whole, expected = fitted(tmp_path / "whole", rows=HARD)
    with pytest.raises(Unplugged):
        run(BagOfTokens(), tmp_path / "cut", rows=HARD, progress=PullsThePlug(after))
    resumed, got = fitted(tmp_path / "cut", rows=HARD)
    assert same(resumed, whole)
    assert got.history == expected.history
    assert not same(whole, fitted(tmp_path / "random")[0])


def test_rows_keep_their_difficulty_where_some_are_taken() -> None:
    some = HARD.take(np.array([4, 2]))
    assert some.tokens == [HARD.tokens[4], HARD.tokens[2]]
    np.testing.assert_array_equal(some.difficulty, HARD.difficulty[[4, 2]])
    assert ROWS.take(np.array([4, 2])).difficulty is None


@pytest.mark.parametrize("checkpoint_seconds", [0.0, 1e9])
def test_a_run_cut_off_again_and_again_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint_seconds: float
) -> None:
    whole, expected = fitted(tmp_path / "whole")
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", checkpoint_seconds)
    n_cuts = 0
    for after in (2, 7, 4, 6, 3):
        try:
            run(BagOfTokens(), tmp_path / "cut", progress=PullsThePlug(after))
        except Unplugged:
            n_cuts += 1
    assert n_cuts >= 3
    resumed, got = fitted(tmp_path / "cut")
    assert same(resumed, whole)
    assert got.history == expected.history


def test_a_resumed_run_repeats_no_step_that_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", -1.0)
    with pytest.raises(Unplugged):
        run(BagOfTokens(), tmp_path, progress=PullsThePlug(9))
    steps: list[int] = []
    monkeypatch.setattr(loop, "learning_rate_at", lambda step, **_: steps.append(step) or 0.01)
    run(BagOfTokens(), tmp_path)
    # The plug is pulled after the ninth step and before it is saved: eight of 15 are kept.
    assert steps == list(range(8, 15))


def test_a_finished_run_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, expected = fitted(tmp_path)
    monkeypatch.setattr(torch.optim.AdamW, "step", None)
    again, got = fitted(tmp_path)
    assert same(again, whole)
    assert got.history == expected.history


@pytest.mark.parametrize("cut", [None, 2, 5])
def test_an_adapter_with_dropout_trains_to_the_same_bytes(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int | None
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", -1.0)
    tiny = tiny_causal(tiny_llama, head=True, lora=LoraShape(rank=2, alpha=4.0, dropout=0.2))
    texts = ["My card was declined.", "Where is my refund?", "The transfer is pending!", "Why this rate?"] * 3
    rows = TokenRows(tokens=[row.ids for row in tiny.scorer.tokenise(texts)], y=np.arange(12) % len(LABELS))
    pace = schedule(epochs=2, learning_rate=1e-2)
    run(tiny.scorer, tmp_path / "whole", rows=rows, tune=rows, pace=pace)
    whole = trained_state(tiny.scorer)
    if cut is not None:
        with pytest.raises(Unplugged):
            run(tiny.scorer, tmp_path / "cut", rows=rows, tune=rows, pace=pace, progress=PullsThePlug(cut))
    run(tiny.scorer, tmp_path / "cut", rows=rows, tune=rows, pace=pace)
    assert same(trained_state(tiny.scorer), whole)


@pytest.mark.parametrize("parts", [2, 3, 5, 99])
def test_a_step_in_parts_has_the_gradient_and_the_loss_of_the_whole(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: int
) -> None:
    seen: list[list[torch.Tensor]] = []
    n_parts: list[int] = []
    step = torch.optim.AdamW.step

    def recorded(self: torch.optim.AdamW, *args: object) -> object:
        seen.append([p.grad.clone() for group in self.param_groups for p in group["params"]])
        return step(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", recorded)
    monkeypatch.setattr(loop, "MAX_GRADIENT_NORM", 1e9)
    texts = ["My card was declined.", "Where is my refund?", "The transfer is pending!", "Why this rate?", "Why?"]
    results = []
    for accumulation in (1, parts):
        tiny = tiny_causal(tiny_llama, head=True)
        logits = tiny.scorer.logits

        def counted(rows: list[tuple[int, ...]], logits: Any = logits) -> torch.Tensor:
            n_parts.append(len(rows))
            return logits(rows)

        tiny.scorer.logits = counted
        rows = TokenRows(tokens=[row.ids for row in tiny.scorer.tokenise(texts)], y=np.arange(5) % len(LABELS))
        pace = replace(schedule(epochs=1, batch_size=5), accumulation=accumulation)
        results.append(run(tiny.scorer, tmp_path / str(accumulation), rows=rows, tune=None, pace=pace))
    # Five rows in at most so many parts, none of them empty, the larger ones first.
    assert n_parts == {2: [5, 3, 2], 3: [5, 2, 2, 1], 5: [5, 1, 1, 1, 1, 1], 99: [5, 1, 1, 1, 1, 1]}[parts]
    assert [(result.n_steps, result.n_parts) for result in results] == [(1, 1), (1, len(n_parts) - 1)]
    losses = [result.history[0].train_loss for result in results]
    assert losses[1] == pytest.approx(losses[0], rel=1e-6)
    whole, added = seen
    for expected, got in zip(whole, added, strict=True):
        assert torch.linalg.norm(got - expected) <= 1e-5 * torch.linalg.norm(expected)


@pytest.mark.parametrize("after", [1, 4, 8])
def test_a_run_in_parts_with_layers_computed_again_that_was_cut_off_ends_in_the_same_bytes(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", -1.0)
    lora = LoraShape(rank=2, alpha=4.0, dropout=0.2)
    tiny = tiny_causal(tiny_llama, head=True, lora=lora, keep_inputs_alone=True)
    texts = ["My card was declined.", "Where is my refund?", "The transfer is pending!", "Why this rate?"] * 3
    rows = TokenRows(tokens=[row.ids for row in tiny.scorer.tokenise(texts)], y=np.arange(12) % len(LABELS))
    pace = replace(schedule(epochs=3, learning_rate=1e-2), accumulation=3)
    run(tiny.scorer, tmp_path / "whole", rows=rows, tune=rows, pace=pace)
    whole = trained_state(tiny.scorer)
    with pytest.raises(Unplugged):
        run(tiny.scorer, tmp_path / "cut", rows=rows, tune=rows, pace=pace, progress=PullsThePlug(after))
    run(tiny.scorer, tmp_path / "cut", rows=rows, tune=rows, pace=pace)
    assert same(trained_state(tiny.scorer), whole)


SCRIPTED = TokenRows(tokens=[(i,) for i in range(10)], y=np.zeros(10, dtype=np.int64))
"""Tune rows for `Scripted`: so many of ten are right."""


@pytest.mark.parametrize(
    ("script", "best", "n_epochs"),
    [
        # The most right predictions win over the lower loss.
        ([(5, 0.1), (7, 9.0), (6, 0.1), (6, 0.1)], 1, 4),
        # Equally many: with 7 of 10 right, a margin of 0.8 is the least loss of these (0.847 = log(7/3) is optimal).
        ([(7, 5.0), (7, 0.8), (7, 3.0), (6, 0.1)], 1, 4),
        # Equal in both: the earlier.
        ([(7, 1.0), (7, 1.0), (7, 1.0), (9, 1.0)], 0, 3),
        # Two epochs without a better result end it, before the last and best one is seen.
        ([(7, 1.0), (6, 1.0), (6, 1.0), (9, 1.0)], 0, 3),
        # A better result after one bad epoch starts the patience anew.
        ([(5, 1.0), (4, 1.0), (6, 1.0), (5, 1.0)], 2, 4),
    ],
)
def test_the_epoch_with_the_most_right_is_kept_then_the_lowest_loss(
    tmp_path: Path, script: list[tuple[int, float]], best: int, n_epochs: int
) -> None:
    scorer = Scripted(script)
    pace = schedule(epochs=4, batch_size=5)
    result = run(scorer, tmp_path, rows=SCRIPTED, tune=SCRIPTED, pace=pace)
    assert (result.best_epoch, len(result.history)) == (best, n_epochs)
    assert result.n_examples_seen == 10 * n_epochs
    kept = scorer.parameter.item()
    assert [epoch.tune_accuracy for epoch in result.history] == [right / 10 for right, _ in script[:n_epochs]]
    untuned = Scripted(script)
    run(untuned, tmp_path / "until", rows=SCRIPTED, tune=None, pace=pace, stop_after=best + 1)
    assert kept == untuned.parameter.item()


def test_tune_figures_are_those_of_real_predictions(tmp_path: Path) -> None:
    scorer = BagOfTokens()
    result = run(scorer, tmp_path, pace=schedule(epochs=1))
    log_probs = log_softmax(score_all(scorer, TUNE.tokens), axis=1)
    (epoch,) = result.history
    assert epoch.tune_accuracy == (log_probs.argmax(axis=1) == TUNE.y).mean()
    assert epoch.tune_loss == pytest.approx(-log_probs[np.arange(len(TUNE.y)), TUNE.y].mean())


def test_the_training_loss_is_the_mean_over_the_rows_of_the_epoch(tmp_path: Path) -> None:
    pace = schedule(epochs=1, learning_rate=1e-30)
    _, result = fitted(tmp_path, pace=pace)
    scorer = BagOfTokens()
    scorer.reset(0)
    scorer.train_mode(True)
    total = 0.0
    for step, batch in enumerate(epoch_batches([len(row) for row in ROWS.tokens], batch_size=4, seed=0, epoch=0)):
        torch.manual_seed(step)
        logits = scorer.logits([ROWS.tokens[i] for i in batch])
        total += torch.nn.functional.cross_entropy(logits, torch.from_numpy(ROWS.y[batch]), reduction="sum").item()
    assert result.history[0].train_loss == pytest.approx(total / 18, rel=1e-5)


def test_without_tune_rows_the_last_epoch_is_kept_at_the_pace_of_the_whole(tmp_path: Path) -> None:
    state, result = fitted(tmp_path / "a", tune=None, pace=schedule(epochs=3), stop_after=2)
    assert (result.best_epoch, len(result.history)) == (1, 2)
    assert [(epoch.tune_accuracy, epoch.tune_loss) for epoch in result.history] == [(None, None)] * 2
    assert not same(state, fitted(tmp_path / "b", tune=None, pace=schedule(epochs=2))[0])


class Diverging(BagOfTokens):
    """Comes off the rails in one way in each of its first starts: from the third step on, or from the eleventh."""

    def __init__(self, how: str, *, starts: int) -> None:
        super().__init__()
        self.how, self.starts, self.n_steps, self.n_starts = how, starts, 0, 0

    def reset(self, seed: int) -> None:
        super().reset(seed)
        self.n_steps, self.n_starts = 0, self.n_starts + 1

    def logits(self, rows: Any) -> torch.Tensor:
        logits = super().logits(rows)
        self.n_steps += self.training
        if not self.training or self.n_starts > self.starts or self.n_steps < (11 if self.how == "climbs" else 3):
            return logits
        if self.how == "loss":
            return logits * math.nan
        if self.how == "gradient":
            # The root of zero is zero; its slope there is infinite.
            return logits + (self.head * 0.0).sum().abs().sqrt()
        return logits * 1_000.0


class Heard(Counts):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


WAYS = [
    ("loss", "a loss of nan and a gradient of nan"),
    ("gradient", "a loss of .* and a gradient of (nan|inf)"),
    ("climbs", "a loss of .*, far above the first ones,"),
]


@pytest.mark.parametrize("starts", [1, 2])
@pytest.mark.parametrize(("how", "got"), WAYS)
def test_a_run_that_diverges_starts_again_at_half_the_rate_and_says_so(
    tmp_path: Path, how: str, got: str, starts: int
) -> None:
    heard, scorer = Heard(), Diverging(how, starts=starts)
    result = run(scorer, tmp_path / "a", pace=schedule(epochs=5), progress=heard)
    rates = [0.05 / 2**n for n in range(starts + 1)]
    assert len(heard.said) == starts
    for said, rate, then in zip(heard.said, rates[:-1], rates[1:], strict=True):
        assert re.fullmatch(f"run: {got} at a learning rate of {rate:.2g}; starting again at {then:.2g}", said)
    # What it ends with is what a run at the lower rate from the beginning ends with.
    plain = fitted(tmp_path / "b", pace=replace(schedule(epochs=5), learning_rate=rates[-1]))
    assert same(trained_state(scorer), plain[0])
    assert (result.history, result.n_halvings) == (plain[1].history, starts)
    assert result.n_examples_seen > plain[1].n_examples_seen
    assert result.n_steps == plain[1].n_steps == plain[1].n_parts < result.n_parts


@pytest.mark.parametrize(("how", "got"), WAYS)
def test_a_run_that_diverges_at_every_rate_is_an_error_and_keeps_finite_parameters(
    tmp_path: Path, how: str, got: str
) -> None:
    scorer = Diverging(how, starts=3)
    with pytest.raises(
        TaskError, match=rf"got: {got} at a learning rate of 0\.013, the lowest of 3 .*\n  fix: look at the data, then"
    ):
        run(scorer, tmp_path, pace=schedule(epochs=5))
    assert all(torch.isfinite(p).all() for p in trained_state(scorer).values())


@pytest.mark.parametrize("after", [3, 5, 7, 12])
def test_a_run_that_started_again_and_was_cut_off_ends_as_if_it_had_not_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    whole = Diverging("loss", starts=1)
    expected = run(whole, tmp_path / "whole", pace=schedule(epochs=3))
    with pytest.raises(Unplugged):
        run(Diverging("loss", starts=1), tmp_path / "cut", pace=schedule(epochs=3), progress=PullsThePlug(after))
    # It was cut off in its second start, which goes well.
    resumed = Diverging("loss", starts=0)
    got = run(resumed, tmp_path / "cut", pace=schedule(epochs=3))
    assert same(trained_state(resumed), trained_state(whole))
    assert (got.history, got.n_halvings) == (expected.history, expected.n_halvings)


def test_every_step_and_every_epoch_is_told_in_figures(tmp_path: Path) -> None:
    counts = Counts()
    result = run(BagOfTokens(), tmp_path, pace=schedule(epochs=2), progress=counts)
    assert list(counts.figures) == list(range(1, 11))
    assert all(figures["train/gradient_norm"] > 0.0 for figures in counts.figures.values())
    rates = [figures["train/learning_rate"] for figures in counts.figures.values()]
    assert rates == [learning_rate_at(step, n_steps=10, schedule=schedule(epochs=2)) for step in range(10)]
    for epoch, step in zip(result.history, (5, 10), strict=True):
        told = counts.figures[step]
        assert (told["train/epoch_loss"], told["tune/accuracy"], told["tune/loss"]) == (
            epoch.train_loss,
            epoch.tune_accuracy,
            epoch.tune_loss,
        )


def test_progress_ends_at_its_total_early_stop_or_not(tmp_path: Path) -> None:
    counts = Counts()
    run(Scripted([(7, 1.0)] * 9), tmp_path, rows=SCRIPTED, tune=SCRIPTED, pace=schedule(epochs=9), progress=counts)
    assert counts.done == counts.totals == {"run": 90}

"""Where a run stands, on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from train_scorers import BagOfTokens, some_rows

from suffice.errors import BundleError
from suffice.train import checkpoint
from suffice.train.checkpoint import Checkpoints, EpochResult, Position, load_state, trained_state
from suffice.train.schedule import Schedule
from suffice.train.watchdog import Losses

POSITION = Position(
    step=3,
    seconds=1.5,
    loop_seconds=1.25,
    n_parts=5,
    n_tokens=99,
    loss_sum=0.1 + 0.2,
    history=(
        EpochResult(epoch=0, train_loss=1 / 3, tune_accuracy=2 / 3, tune_loss=0.7),
        EpochResult(epoch=1, train_loss=0.1, tune_accuracy=None, tune_loss=None),
    ),
    losses=Losses(first=(1.0, 1 / 3), last=(0.1,)),
    n_halvings=1,
    n_given_up=7,
)

PACE = Schedule(epochs=3, batch_size=4, learning_rate=1e-3, warmup=0.06, patience=2)


def stepped(seed: int) -> tuple[BagOfTokens, torch.optim.Optimizer]:
    scorer = BagOfTokens()
    scorer.reset(seed)
    optimiser = torch.optim.AdamW([p for group in scorer.trained() for p in group.tensors.values()], fused=True)
    step(scorer, optimiser)
    return scorer, optimiser


def step(scorer: BagOfTokens, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    scorer.logits(some_rows(4).tokens).square().sum().backward()
    optimiser.step()


def test_parameters_optimiser_and_position_come_back_to_the_bit(tmp_path: Path) -> None:
    scorer, optimiser = stepped(0)
    Checkpoints(tmp_path / "run", PACE).save(scorer, optimiser, POSITION)
    other, fresh = stepped(1)
    assert Checkpoints(tmp_path / "run", PACE).resume(other, fresh) == POSITION
    assert all(torch.equal(trained_state(other)[name], p) for name, p in trained_state(scorer).items())
    # The next step shows that the moments of the optimiser came back as well.
    step(scorer, optimiser)
    step(other, fresh)
    assert all(torch.equal(trained_state(other)[name], p) for name, p in trained_state(scorer).items())


def test_the_moments_of_the_optimiser_come_back_to_where_the_parameters_are(tmp_path: Path) -> None:
    scorer, optimiser = stepped(0)
    Checkpoints(tmp_path / "run", PACE).save(scorer, optimiser, POSITION)
    elsewhere = BagOfTokens()  # `meta` stands for a GPU.
    elsewhere.table, elsewhere.head = (torch.nn.Parameter(p.detach().to("meta")) for p in (scorer.table, scorer.head))
    fresh = torch.optim.AdamW([elsewhere.table, elsewhere.head])
    assert Checkpoints(tmp_path / "run", PACE).resume(elsewhere, fresh) == POSITION
    assert {state["exp_avg"].device.type for state in fresh.state.values()} == {"meta"}


def test_a_run_does_not_go_on_in_another_precision(tmp_path: Path) -> None:
    scorer, optimiser = stepped(0)
    Checkpoints(tmp_path / "run", PACE).save(scorer, optimiser, POSITION)
    scorer.precision, before = "bf16", trained_state(scorer)
    with pytest.raises(
        BundleError, match=r"began, with precision fp32\n  got: precision bf16\n  fix: .* `suffice runs rm` and begin"
    ):
        Checkpoints(tmp_path / "run", PACE).resume(scorer, optimiser)
    assert all(torch.equal(trained_state(scorer)[name], p) for name, p in before.items())


def test_a_run_does_not_go_on_at_another_pace_or_on_other_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer, optimiser = stepped(0)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    Checkpoints(tmp_path / "run", PACE).save(scorer, optimiser, POSITION)
    with pytest.raises(BundleError, match=r"began, with learning_rate 0.001\n  got: learning_rate 0.002\n"):
        Checkpoints(tmp_path / "run", replace(PACE, learning_rate=2e-3)).resume(scorer, optimiser)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    with pytest.raises(BundleError, match=r"began, with threads 2\n  got: threads 8\n  fix: set OMP_NUM_THREADS=2, or"):
        Checkpoints(tmp_path / "run", PACE).resume(scorer, optimiser)


def test_a_checkpoint_that_does_not_say_what_it_is_of_is_refused(tmp_path: Path) -> None:
    scorer, optimiser = stepped(0)
    (tmp_path / "run").mkdir()
    save_file(trained_state(scorer), tmp_path / "run" / "now.safetensors", metadata={"position": "{}"})
    with pytest.raises(BundleError, match="began, with format unknown, precision unknown, threads unknown"):
        Checkpoints(tmp_path / "run", PACE).resume(scorer, optimiser)


def test_nothing_saved_is_nothing_to_resume(tmp_path: Path) -> None:
    scorer, optimiser = stepped(0)
    assert Checkpoints(tmp_path / "run", PACE).resume(scorer, optimiser) is None
    assert not (tmp_path / "run").exists()


def test_the_best_parameters_are_kept_beside_the_latest(tmp_path: Path) -> None:
    checkpoints, (scorer, optimiser) = Checkpoints(tmp_path / "run", PACE), stepped(0)
    best = trained_state(scorer)
    checkpoints.save_best(scorer)
    step(scorer, optimiser)
    checkpoints.save(scorer, optimiser, POSITION)
    checkpoints.load_best(scorer)
    assert all(torch.equal(trained_state(scorer)[name], p) for name, p in best.items())


def test_a_save_that_breaks_off_leaves_the_last_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints, (scorer, optimiser) = Checkpoints(tmp_path / "run", PACE), stepped(0)
    checkpoints.save(scorer, optimiser, POSITION)
    kept = trained_state(scorer)

    def breaks_off(tensors: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save_file", breaks_off)
    step(scorer, optimiser)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(scorer, optimiser, POSITION)
    assert checkpoints.resume(scorer, optimiser) == POSITION
    assert all(torch.equal(trained_state(scorer)[name], p) for name, p in kept.items())
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["now.safetensors"]


def test_clearing_takes_the_folder_away(tmp_path: Path) -> None:
    checkpoints, (scorer, _) = Checkpoints(tmp_path / "run", PACE), stepped(0)
    checkpoints.save_best(scorer)
    checkpoints.clear()
    checkpoints.clear()
    assert not (tmp_path / "run").exists()


def test_a_state_is_a_copy() -> None:
    scorer, optimiser = stepped(0)
    state = trained_state(scorer)
    step(scorer, optimiser)
    assert not torch.equal(state["head"], scorer.head)
    load_state(scorer, state)
    assert torch.equal(state["head"], scorer.head)

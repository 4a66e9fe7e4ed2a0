"""A base model that does not fit is refused before it is fetched, with the mildest settings that would."""

from __future__ import annotations

import re

import pytest

from messages import QUICK, split_rows, write_task
from suffice.base_models import entry_named, four_bit
from suffice.errors import ModelError
from suffice.pipeline.cells import memory
from suffice.pipeline.cells.memory import MemoryPlan
from suffice.records.next_cells import INTERVENTIONS
from suffice.records.progress import Silent

LARGE = "qwen2.5-1.5b"


class FetchedError(Exception):
    """The plan was passed, and the base model would have been fetched."""


class Heard(Silent):
    """Progress that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """Sets how much memory there is; no base model is ever fetched."""

    def fetched(*_: object, **__: object) -> None:
        raise FetchedError

    monkeypatch.setattr("suffice.pipeline.cells.rung_names.locate", fetched)
    monkeypatch.setattr("suffice.base_models.locate", fetched)
    monkeypatch.setattr("suffice.base_models.choose_precision", lambda device: "bf16")
    return lambda gb: monkeypatch.setattr(memory, "memory_here", lambda: None if gb is None else int(gb * 1e9))


def refusal(fit_task, task, *overrides: str, rung: str = LARGE) -> str:
    with pytest.raises(ModelError) as refused:
        fit_task(task, *overrides, rungs=(rung,))
    (problem,) = refused.value.problems
    assert (problem.where, problem.rule) == (
        rung,
        "a base model must fit the memory of this machine, with all that training it takes",
    )
    assert re.fullmatch(r"it needs about \d+\.\d GB, and there are \d+\.\d GB", problem.got)
    return problem.fix


LONG = "instruction=" + "Choose the one category that fits the message, whatever language it is written in. " * 12


@pytest.mark.parametrize(
    ("gb", "asked", "settings"),
    [
        (9.0, (), "train.accumulation=2"),
        (9.0, (LONG,), "train.gradient_checkpointing=true"),
        (5.0, (LONG,), "train.base=4bit"),
        (4.5, (LONG,), "train.accumulation=2 train.base=4bit"),
        (4.0, (LONG,), "train.accumulation=4 train.base=4bit"),
        (2.8, (LONG,), "train.gradient_checkpointing=true train.base=4bit"),
    ],
)
def test_the_mildest_settings_that_fit_are_told_and_do_fit(
    tmp_path, fit_task, machine, gb: float, asked: tuple[str, ...], settings: str
):
    task = write_task(tmp_path, split_rows())
    machine(gb)
    fix = refusal(fit_task, task, *asked)
    assert fix.startswith(f"set {settings}: about ")
    with pytest.raises(FetchedError):
        fit_task(task, *asked, *settings.split(), rungs=(LARGE,))


def test_what_can_be_had_is_enough_when_it_is_enough(tmp_path, fit_task, machine):
    task = write_task(tmp_path, split_rows())
    for gb in (100.0, None):
        machine(gb)
        with pytest.raises(FetchedError):
            fit_task(task, rungs=(LARGE,))


def test_a_model_of_the_hub_is_planned_by_what_its_configuration_states(tmp_path, fit_task, machine, monkeypatch):
    shape = entry_named(LARGE).shape
    stated = {
        "num_hidden_layers": shape.n_layers,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_attention_heads": shape.n_heads,
        "num_key_value_heads": shape.n_key_heads,
        "vocab_size": shape.vocabulary,
        "tie_word_embeddings": True,
        "dtype": "bfloat16",
    }
    task = write_task(tmp_path, split_rows())
    machine(9.0)
    monkeypatch.setattr("suffice.base_models.hub.stated_config", {"owner/large": stated}.get)
    assert refusal(fit_task, task, rung="owner/large") == refusal(fit_task, task)
    with pytest.raises(FetchedError):  # Where the hub says nothing, whoever fetches the model tells why.
        fit_task(task, rungs=("owner/other",))


def test_settings_of_the_person_are_kept(tmp_path, fit_task, machine):
    machine(2.8)
    fix = refusal(fit_task, write_task(tmp_path, split_rows()), LONG, "train.gradient_checkpointing=true")
    assert fix.startswith("set train.base=4bit: about ")


def test_four_bits_that_are_not_installed_are_told_with_the_line_that_installs_them(
    tmp_path, fit_task, machine, monkeypatch
):
    monkeypatch.setattr(four_bit, "is_installed", lambda: False)
    machine(4.6)
    fix = refusal(fit_task, write_task(tmp_path, split_rows()), LONG)
    assert fix.endswith("GB; four bits need bitsandbytes: pip install 'suffice[qlora]'")


def test_where_nothing_would_fit_the_largest_smaller_model_that_would_is_named(tmp_path, fit_task, machine):
    task = write_task(tmp_path, split_rows())
    machine(1.6)
    would = "no setting would make it fit; qwen2.5-0.5b would, with train.accumulation=2 train.base=4bit: about 1.6 GB"
    assert refusal(fit_task, task).startswith(would)
    machine(1.95)
    assert re.match(r"no setting would make it fit; \S+ would, with about 1\.\d GB$", refusal(fit_task, task))
    machine(0.1)
    fix = "no setting and no smaller base model would fit; free memory, or climb rungs that need none, such as tfidf"
    assert refusal(fit_task, task) == fix


def test_a_rung_of_the_ladder_that_does_not_fit_is_left_out_and_the_climb_goes_on(tmp_path, fit_task, machine):
    machine(0.5)
    task = write_task(tmp_path, split_rows(), ladder=["majority", "smollm2-135m"], target={"at_least": 0.9})
    outcome = fit_task(task, "train.refit=false")
    assert [rung.rung for rung in outcome.rungs] == ["majority"]
    ((rung, why),) = outcome.not_run
    assert rung == "smollm2-135m"
    assert re.search(r"it needs about \d\.\d GB, and there are 0\.5 GB", why)


def test_the_plan_is_said_when_the_rung_starts_and_stands_in_its_manifest(tmp_path, fit_task, monkeypatch, tiny_llama):
    monkeypatch.setattr(memory, "memory_here", lambda: 22_000_000_000)
    heard = Heard()
    task = write_task(tmp_path, split_rows(), train=QUICK | {"epochs": 1})
    (rung,) = fit_task(task, rungs=(str(tiny_llama),), skip=INTERVENTIONS, progress=heard).rungs
    planned = rung.chosen.planned_memory_bytes
    assert planned is not None
    assert heard.said.count(str(MemoryPlan(rung=str(tiny_llama), needed_bytes=planned, there_bytes=22 * 10**9))) == 1
    assert any(re.fullmatch(r".*: needs about 0\.\d GB of 22\.0 GB", said) for said in heard.said)
    # Run again on a machine on which it would not fit, a finished fit changes nothing.
    monkeypatch.setattr(memory, "memory_here", lambda: 1)
    again = fit_task(task, rungs=(str(tiny_llama),), skip=INTERVENTIONS, progress=heard)
    assert again.rungs[0].chosen.planned_memory_bytes == planned


def test_rungs_without_a_language_model_are_not_planned(tmp_path, fit_task, monkeypatch):
    monkeypatch.setattr(memory, "memory_here", lambda: 1)
    outcome = fit_task(write_task(tmp_path, split_rows(), ladder=["majority"]))
    assert outcome.rungs[0].chosen.planned_memory_bytes is None


def test_a_folder_of_another_family_is_not_planned(tmp_path, tiny_llama, monkeypatch):
    monkeypatch.setattr("suffice.base_models.shape.shape_of", lambda config: None)
    assert memory._shape(str(tiny_llama), memory.TrainSpec()) is None

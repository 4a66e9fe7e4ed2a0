"""A prompted language model: told, shown examples, never trained."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rung_data import ASKED, LABELS, TEXTS, Y, data, fit, reloaded, settings

from suffice.base_models import four_bit
from suffice.errors import BundleError, ModelError, TaskError
from suffice.kinds.classify import default_instruction, wordings
from suffice.records.labels import LabelSet
from suffice.rungs.interface import ReadsAhead, TakesInstruction
from suffice.stats.temperature import softmax

NAME = "NAME@prompted"


@pytest.fixture(params=["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def base(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def prompted(base: Path, folder: Path, **given: Any) -> Any:
    return fit(NAME, base, folder, how=settings(**given))


@pytest.mark.parametrize("shots", [0, 3])
def test_read_back_it_scores_the_same_to_the_byte(base: Path, tmp_path: Path, shots: int) -> None:
    fitted = prompted(base, tmp_path, shots=shots)
    again = reloaded(NAME, fitted, tmp_path / "saved")
    before, after = fitted.scores(ASKED), again.scores(ASKED)
    assert before.logits.tobytes() == after.logits.tobytes()
    assert before.truncated.tolist() == after.truncated.tolist() == [False, False, False, False, True]
    assert fitted.joint(ASKED).tobytes() == again.joint(ASKED).tobytes()
    assert (again.saved, again.labels, again.base, again.size()) == (
        fitted.saved,
        fitted.labels,
        fitted.base,
        fitted.size(),
    )


def test_nothing_is_trained_and_nothing_added(base: Path, tmp_path: Path) -> None:
    fitted = prompted(base, tmp_path / "checkpoints")
    assert (fitted.training, fitted.size().adapter_bytes) == (None, 0)
    assert fitted.train_seconds > 0
    assert fitted.size().base_bytes > 0
    assert not (tmp_path / "checkpoints").exists()
    reloaded(NAME, fitted, tmp_path / "saved")
    assert [path.name for path in (tmp_path / "saved").iterdir()] == ["prompted.json"]


def test_every_label_has_a_probability_whatever_is_asked(base: Path, tmp_path: Path) -> None:
    scores = prompted(base, tmp_path, shots=2).scores([*ASKED, *TEXTS])
    assert scores.logits.shape == (len(ASKED) + len(TEXTS), len(LABELS))
    assert np.isfinite(scores.logits).all()
    np.testing.assert_allclose(np.exp(scores.logits).sum(axis=1), 1.0, atol=1e-9)
    np.testing.assert_allclose(softmax(scores.logits, temperature=1.0), np.exp(scores.logits), atol=1e-9)


def test_what_is_invented_is_what_the_names_do_not_get(base: Path, tmp_path: Path) -> None:
    fitted = prompted(base, tmp_path)
    invented = fitted.invented(ASKED)
    np.testing.assert_allclose(invented, 1.0 - np.exp(fitted.joint(ASKED)).sum(axis=1), atol=1e-9)
    assert ((invented > 0) & (invented < 1)).all()


def test_examples_stand_before_the_message_in_the_shape_of_the_message(tiny_llama: Path, tmp_path: Path) -> None:
    none, two = (prompted(tiny_llama, tmp_path, shots=shots) for shots in (0, 2))
    names = {label: label.replace("_", " ") for label in LABELS.names}
    assert none.saved.before == f"{default_instruction(LABELS)}\n\nMessage:"
    shown = two.saved.examples
    assert len({one.answer for one in shown}) == 2
    assert all(one.answer == names[LABELS.names[Y[TEXTS.index(one.text)]]] for one in shown)
    rendered = "".join(f"Message: {one.text}\nCategory: {one.answer}\n\n" for one in shown)
    assert two.saved.before == f"{default_instruction(LABELS)}\n\n{rendered}Message:"
    assert not np.allclose(none.scores(ASKED).logits, two.scores(ASKED).logits, atol=1e-3)


def test_the_seed_draws_the_examples_and_nothing_else(tiny_llama: Path, tmp_path: Path) -> None:
    def scored(seed: int, shots: int) -> Any:
        return prompted(tiny_llama, tmp_path, seed=seed, shots=shots).scores(ASKED).logits

    np.testing.assert_array_equal(scored(0, 2), scored(0, 2))
    np.testing.assert_array_equal(scored(0, 0), scored(1, 0))
    assert not np.allclose(scored(0, 2), scored(1, 2), atol=1e-3)


def test_all_labels_are_listed_however_many_there_are(tiny_llama: Path, tmp_path: Path) -> None:
    many = LabelSet.of([*LABELS.names, *(f"l{k}" for k in range(20))])
    fitted = fit(NAME, tiny_llama, tmp_path, rows=replace(data(few=True), labels=many))
    assert all(name in fitted.saved.before for name in ("never seen", "l0, l1", "l9"))
    assert fitted.scores(ASKED).logits.shape == (len(ASKED), 24)


def test_what_the_task_says_stands_in_place_of_the_default(tiny_llama: Path, tmp_path: Path) -> None:
    how = replace(settings(), instruction="Which one is it?")
    assert fit(NAME, tiny_llama, tmp_path, how=how).saved.before == "Which one is it?\n\nMessage:"


@pytest.mark.parametrize("name", [NAME, "NAME"])
def test_told_something_else_it_answers_as_one_that_was_told_so_from_the_start(
    base: Path, tmp_path: Path, name: str
) -> None:
    fitted = fit(name, base, tmp_path / "checkpoints", how=settings(epochs=1, learning_rate=5e-2, shots=2))
    assert isinstance(fitted, TakesInstruction)
    before = fitted.scores(ASKED).logits
    for wording in wordings(LABELS):
        other = fitted.under(wording.instruction)
        folder = tmp_path / wording.name
        again = reloaded(name, other, folder)
        assert again.saved.instruction == wording.instruction
        np.testing.assert_allclose(other.scores(ASKED).logits, again.scores(ASKED).logits, atol=1e-4)
        same = np.allclose(other.scores(ASKED).logits, before, atol=1e-3)
        assert same is (wording.name == "default")
        assert other._scorer._body is fitted._scorer._body
    np.testing.assert_array_equal(fitted.scores(ASKED).logits, before)


@pytest.mark.parametrize("name", [NAME, "NAME"])
def test_without_an_instruction_the_message_stands_first(tiny_llama: Path, tmp_path: Path, name: str) -> None:
    fitted = fit(name, tiny_llama, tmp_path, how=settings(epochs=1))
    assert fitted.under("").saved.before == "Message:"


@pytest.mark.parametrize("name", [NAME, "NAME"])
def test_an_instruction_that_leaves_no_room_is_an_error(tiny_llama: Path, tmp_path: Path, name: str) -> None:
    fitted = fit(name, tiny_llama, tmp_path, how=settings(epochs=1))
    with pytest.raises(TaskError, match=r"256 tokens\n  got: an instruction of \d+ tokens\n  fix: shorten `instruc"):
        fitted.under("word " * 200)


def test_examples_that_leave_no_room_are_an_error_that_says_how_many_do(tiny_llama: Path, tmp_path: Path) -> None:
    with pytest.raises(TaskError) as refused:
        prompted(tiny_llama, tmp_path, shots=24)
    (problem,) = refused.value.problems
    assert (problem.where, problem.rule) == (
        "train.shots",
        "instruction, examples and message must fit the model's context of 256 tokens",
    )
    found = [int(word) for word in problem.got.split() if word.isdigit()]
    assert problem.got == "an instruction of {} tokens and {} examples of {}".format(*found)
    # 16 tokens of a message must find room, and the longest name behind it.
    assert found[1] == 24
    assert found[0] + found[2] > 256 - 16
    n = int(problem.fix.removeprefix("lower train.shots to ").partition(",")[0])
    assert 0 < n < 24
    fitting = prompted(tiny_llama, tmp_path, shots=n)
    assert len(fitting.saved.examples) == n
    (long,) = fitting.read(["word " * 500])
    most_read = fitting._scorer.names.most_read
    assert most_read > 1
    assert len(fitting._scorer.frame.before) + len(long.ids) + most_read <= 256
    with pytest.raises(TaskError, match=rf"and {n + 1} examples of \d+\n  fix: lower train.shots to {n}, or shorten"):
        prompted(tiny_llama, tmp_path, shots=n + 1)


def test_an_instruction_too_long_for_examples_and_message_together_is_told_with_both(
    tiny_llama: Path, tmp_path: Path
) -> None:
    fitted = prompted(tiny_llama, tmp_path, shots=4)
    with pytest.raises(TaskError, match=r"tokens and 4 examples of \d+\n  fix: lower train.shots to \d, or shorten"):
        fitted.under("word " * 100)


def test_labels_that_read_alike_are_said_as_they_are_written(tiny_llama: Path, tmp_path: Path) -> None:
    alike = LabelSet.of(["card_lost", "card lost", "refund", "transfer"])
    fitted = fit(NAME, tiny_llama, tmp_path, rows=replace(data(few=True), labels=alike))
    assert fitted.saved.names == ("card lost", "card_lost", "refund", "transfer")
    np.testing.assert_allclose(np.exp(fitted.scores(ASKED).logits).sum(axis=1), 1.0, atol=1e-9)


def test_it_can_be_read_ahead(tiny_llama: Path, tmp_path: Path) -> None:
    fitted = prompted(tiny_llama, tmp_path)
    assert isinstance(fitted, ReadsAhead)
    np.testing.assert_array_equal(fitted.scores_of(fitted.read(ASKED)).logits, fitted.scores(ASKED).logits)


def test_an_encoder_cannot_be_prompted(tiny_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"causal language model here\n  got: an encoder\n  fix: choose a base model"):
        prompted(tiny_bert, tmp_path)


def test_another_base_than_it_was_fitted_on_is_refused(tiny_llama: Path, tiny_qwen2: Path, tmp_path: Path) -> None:
    fitted = prompted(tiny_llama, tmp_path)
    with pytest.raises(BundleError, match=r"must be the one fitted on, .*\n  got: .*\n  fix: fetch the base model"):
        reloaded(NAME, fitted, tmp_path / "saved", base_folder=tiny_qwen2)


def test_a_damaged_folder_is_an_error(tiny_llama: Path, tmp_path: Path) -> None:
    fitted = prompted(tiny_llama, tmp_path)
    reloaded(NAME, fitted, tmp_path / "saved")
    content = json.loads((tmp_path / "saved" / "prompted.json").read_text())
    assert set(content) >= {"base", "instruction", "examples", "names"}
    (tmp_path / "saved" / "prompted.json").unlink()
    with pytest.raises(BundleError, match=r"got: no such file\n  fix: name a folder that suffice wrote"):
        type(fitted).load(tmp_path / "saved", LABELS, base_folder=None)


@pytest.mark.skipif(not four_bit.is_installed(), reason="bitsandbytes is not installed")
def test_over_four_bits_it_is_smaller_and_answers_otherwise(tiny_llama: Path, tmp_path: Path) -> None:
    full, packed = (fit(NAME, tiny_llama, tmp_path, how=settings(base=weights)) for weights in ("full", "4bit"))
    again = reloaded(NAME, packed, tmp_path / "saved")
    assert again.scores(ASKED).logits.tobytes() == packed.scores(ASKED).logits.tobytes()
    assert packed.size().base_bytes < full.size().base_bytes
    assert not np.allclose(packed.scores(ASKED).logits, full.scores(ASKED).logits, atol=1e-3)

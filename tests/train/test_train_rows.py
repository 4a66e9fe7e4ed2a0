"""Training on completions: what is written is learned, the end of it included, and nothing of the prompt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from suffice.errors import ModelError
from suffice.kinds.prompts import ChatMessage, ChatPrompt
from suffice.predict.chat import prompt_ids
from suffice.predict.completer import Asked, Completer, shared_beginning
from suffice.predict.stopping import completion_ids
from suffice.predict.writer import CausalWriter
from suffice.records.completion import Completion, Decoding
from suffice.records.progress import SILENT
from suffice.train.choose import train_with_folds
from suffice.train.loop import _Run, train
from suffice.train.rows import CompletionRows
from suffice.train.schedule import Schedule
from tiny_completers import SHAPE, loaded

EXAMPLES = (
    ("My card was declined in the shop this morning.", "The card was blocked.\nAnswer: A"),
    ("The transfer has not arrived after three days.", "It is pending.\nAnswer: B"),
    ("My account shows the wrong exchange rate.", "Rates change. They are not ours.\nAnswer: C"),
    ("Your app does not accept my new address.", "Answer: D"),
)


@pytest.fixture
def talkative(tiny_llama: Path, tmp_path: Path) -> Path:
    """The tiny Llama with an output of its end token, which is its pad token and was therefore drawn as nought."""
    tiny = loaded(tiny_llama)
    with torch.no_grad():
        row_D = tiny.model.get_output_embeddings().weight[tiny.tokenizer.eos_token_id]
        row_D.copy_(0.2 * torch.randn(row_D.shape, generator=torch.Generator().manual_seed(0)))
    folder = tmp_path / "talkative"
    tiny.model.save_pretrained(folder)
    tiny.tokenizer.save_pretrained(folder)
    return folder


def rows_of(folder: Path, *, ends: bool = True, n_steps: tuple[float, ...] | None = None) -> CompletionRows:
    tiny = loaded(folder)
    told = ChatMessage(role="system", content="Answer the question.")
    asked = [
        ChatPrompt(messages=(told, ChatMessage(role="user", content=text)), plain=f"Question: {text}\n")
        for text, _ in EXAMPLES
    ]
    prompts = prompt_ids(tiny.tokenizer, asked)
    completions = completion_ids(tiny.model, tiny.tokenizer, [answer for _, answer in EXAMPLES])
    return CompletionRows(
        prompts=prompts,
        completions=completions if ends else [completion[:-1] for completion in completions],
        n_shared=len(shared_beginning(prompts)),
        difficulty=None if n_steps is None else np.array(n_steps),
    )


def writer_of(folder: Path, rows: CompletionRows) -> CausalWriter:
    return CausalWriter(loaded(folder).model, before=rows.prompts[0][: rows.n_shared], lora=SHAPE)


def schedule(*, epochs: int = 60, batch_size: int = 4, accumulation: int = 1) -> Schedule:
    return Schedule(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=0.02,
        warmup=0.1,
        patience=epochs,
        accumulation=accumulation,
    )


def written(folder: Path, rows: CompletionRows, writer: CausalWriter) -> list[Completion]:
    completer = Completer(loaded(folder), adapter=writer.adapter())
    asked = [Asked(id=str(number), tokens=prompt) for number, prompt in enumerate(rows.prompts)]
    before = shared_beginning(rows.prompts)
    found = completer.complete(asked, before=before, decoding=Decoding(max_new_tokens=60))
    return sorted(found, key=lambda one: int(one.id))


@pytest.mark.parametrize("name", ["talkative", "tiny_qwen2", "tiny_gemma3"])
def test_a_tuned_model_writes_what_it_was_taught_and_stops(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Gemma's tiny one has no chat template: its texts end with its end of text."""
    folder = request.getfixturevalue(name)
    rows = rows_of(folder)
    writer = writer_of(folder, rows)
    result = train(
        writer,
        rows,
        tune=rows,
        schedule=schedule(),
        seed=0,
        stop_after=None,
        checkpoints=tmp_path,
        progress=SILENT,
        what="tiny",
    )
    assert [end.tune_accuracy for end in result.history] == [None] * 60
    assert result.history[result.best_epoch].tune_loss == min(end.tune_loss or 9.0 for end in result.history) < 0.1
    found = written(folder, rows, writer)
    assert [(one.text, one.stop_reason) for one in found] == [(answer, "end") for _, answer in EXAMPLES]


def test_a_model_that_was_not_taught_to_stop_goes_on(talkative: Path, tmp_path: Path) -> None:
    rows = rows_of(talkative, ends=False)
    writer = writer_of(talkative, rows)
    train(
        writer,
        rows,
        tune=None,
        schedule=schedule(),
        seed=0,
        stop_after=None,
        checkpoints=tmp_path,
        progress=SILENT,
        what="tiny",
    )
    found = written(talkative, rows, writer)
    for one, (_, answer) in zip(found, EXAMPLES, strict=True):
        assert one.text.startswith(answer)
        assert one.text != answer


def test_the_prompt_is_no_part_of_the_loss(talkative: Path) -> None:
    """By hand: one token is to be written, so that the loss is that token's cross-entropy and no mean over others."""
    rows = rows_of(talkative)
    one = CompletionRows(prompts=rows.prompts[:1], completions=[rows.completions[0][:1]], n_shared=rows.n_shared)
    model = loaded(talkative).model
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([rows.prompts[0]])).logits[0, -1]
    expected = -logits.log_softmax(-1)[rows.completions[0][0]]
    writer = writer_of(talkative, rows)
    writer.reset(0)
    judged = one.judged(writer)
    assert (judged.accuracy, judged.loss) == (None, pytest.approx(float(expected), abs=1e-4))


def test_a_step_in_parts_takes_the_gradient_of_the_whole_step_token_by_token(talkative: Path, tmp_path: Path) -> None:
    gradients = []
    for accumulation in (1, 3):
        rows = rows_of(talkative)
        writer = writer_of(talkative, rows)
        run = _Run(
            writer,
            rows,
            tune=None,
            schedule=schedule(accumulation=accumulation),
            seed=0,
            folder=tmp_path / str(accumulation),
        )
        writer.train_mode(True)
        run._step([0, 1, 2, 3])
        gradients.append([layer.lora_B.grad for layer in writer.adapters.values()])
    for whole, in_parts in zip(*gradients, strict=True):
        torch.testing.assert_close(in_parts, whole, atol=1e-6, rtol=1e-3)


def test_rows_know_their_lengths_weights_and_order(talkative: Path) -> None:
    rows = rows_of(talkative, n_steps=(2.0, 1.0, 3.0, 1.0))
    first = len(rows.prompts[0]) - rows.n_shared + len(rows.completions[0]) - 1
    assert (rows.lengths()[0], len(rows)) == (first, 4)
    assert rows.weights().tolist() == [float(len(completion)) for completion in rows.completions]
    # By hand: ranks 3, 1.5, 4 and 1.5, less a half, of four.
    assert rows.shares() is not None
    assert rows.shares().tolist() == [0.625, 0.25, 0.875, 0.25]  # type: ignore[union-attr]
    taken = rows.take(np.array([2, 0]))
    assert (taken.completions[1], taken.difficulty.tolist()) == (rows.completions[0], [3.0, 2.0])  # type: ignore[union-attr]
    assert rows_of(talkative).shares() is None


def test_epochs_are_chosen_by_folds_on_loss_alone(talkative: Path, tmp_path: Path) -> None:
    rows = rows_of(talkative)
    result = train_with_folds(
        writer_of(talkative, rows),
        rows,
        folds=np.array([0, 1, 0, 1]),
        schedule=schedule(epochs=3, batch_size=2),
        seed=0,
        checkpoints=tmp_path,
        progress=SILENT,
        what="tiny",
    )
    assert 0 <= result.best_epoch <= 2
    assert result.n_examples_seen == 3 * 4 + 4 * (result.best_epoch + 1)


def test_a_model_without_an_end_of_text_cannot_learn_to_stop(tiny_gemma3: Path) -> None:
    tiny = loaded(tiny_gemma3)
    tiny.tokenizer.eos_token = None
    tiny.model.generation_config.eos_token_id = None
    with pytest.raises(ModelError, match=r"needs a token that ends a text\n  got: none in[\s\S]*name one as"):
        completion_ids(tiny.model, tiny.tokenizer, ["Yes."])


def test_a_model_that_cannot_say_its_end_of_text_ends_with_another_or_is_refused(tiny_llama: Path) -> None:
    tiny = loaded(tiny_llama)
    with pytest.raises(ModelError, match=r"never learned to say: \[2\]"):
        completion_ids(tiny.model, tiny.tokenizer, ["Yes."])
    tiny.model.generation_config.eos_token_id = [0, 2]
    assert completion_ids(tiny.model, tiny.tokenizer, ["Yes."])[0][-1] == 0

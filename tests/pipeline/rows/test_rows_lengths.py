"""Tokens of the rows to every base model of a ladder, counted with what is on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from suffice.pipeline.rows.lengths import token_lengths
from suffice.records.labels import LabelSet
from suffice.records.lengths import NotCounted, TokenLengths
from suffice.records.progress import SILENT
from suffice.records.task import Task

LABELS = LabelSet(names=("card", "refund"))
TEXTS = ["My card was declined.", "card " * 40, "", "card " * 300]


def task(encoder: str, *, context_tokens: int = 32) -> Task:
    given = {"name": "t", "data": {"path": "m.csv"}, "target": {"at_least": 0.9}, "train": {"encoder": encoder}}
    return Task.model_validate({**given, "context_tokens": context_tokens})


def test_every_base_model_is_counted_once_whatever_rungs_stand_on_it(tiny_bert: Path, tiny_llama: Path) -> None:
    rungs = ("majority", "tfidf", "embed", "encoder", str(tiny_llama))
    encoder, causal = token_lengths(rungs, TEXTS, task=task(str(tiny_bert)), labels=LABELS, progress=SILENT)
    assert isinstance(encoder, TokenLengths)
    assert isinstance(causal, TokenLengths)
    assert (encoder.base, encoder.rungs, encoder.limit, encoder.most) == (str(tiny_bert), ("embed", "encoder"), 32, 48)
    assert (causal.base, causal.rungs, causal.limit) == (str(tiny_llama), (str(tiny_llama),), 32)
    assert causal.most < 256
    # By hand: one token for each `card`, and one before and one behind it for the encoder.
    assert encoder.n_tokens.tolist()[1:] == [42, 2, 302]
    assert encoder.longer.tolist() == causal.longer.tolist() == [False, True, False, True]


def test_a_model_that_is_not_here_or_cannot_be_used_is_not_counted_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    rungs = ("embed", "smollm2-135m", str(tmp_path))
    absent, other, broken = token_lengths(rungs, TEXTS, task=task("minilm-l6"), labels=LABELS, progress=SILENT)
    fix = "bring it with `suffice models pull minilm-l6`, and audit again"
    assert absent == NotCounted(base="minilm-l6", why="it is not ready on this machine", fix=fix)
    assert other.base == "smollm2-135m"
    assert isinstance(broken, NotCounted)
    assert "tokenizer" in broken.why
    assert broken.fix.startswith("add the tokenizer's files")


def test_a_ladder_without_base_models_counts_nothing() -> None:
    assert token_lengths(("majority", "tfidf"), TEXTS, task=task("minilm-l6"), labels=LABELS, progress=SILENT) == ()


class Told:
    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []

    @contextmanager
    def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
        done: list[int] = []
        yield done.append
        self.steps.append((what, total, sum(done)))

    def say(self, message: str) -> None:
        raise AssertionError(message)


def test_many_texts_are_counted_in_parts_and_progress_is_told(tiny_bert: Path) -> None:
    told = Told()
    texts = ["card " * (n % 7) for n in range(20_500)]
    (one,) = token_lengths(("embed",), texts, task=task(str(tiny_bert)), labels=LABELS, progress=told)
    assert isinstance(one, TokenLengths)
    assert one.n_tokens.tolist() == [n % 7 + 2 for n in range(20_500)]
    assert told.steps == [(f"counting tokens of {tiny_bert}", 20_500, 20_500)]

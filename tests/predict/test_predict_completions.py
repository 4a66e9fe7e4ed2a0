"""A run that is killed goes on where it ended, and does no row twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from suffice.predict.completer import Completer
from suffice.predict.completions import completions_of
from suffice.records.completion import Completion, Decoding
from suffice.records.constraint import Constraint
from suffice.store.completions import CompletionFile
from tiny_completers import adapter_of, loaded, prompts_of

DECODING = Decoding(max_new_tokens=9, temperature=0.7, seed=5)


class Counting(Completer):
    """Notes what it writes, and is killed after some."""

    written: list[str]
    killed_after: int | None = None

    def complete(self, *args: Any, **named: Any) -> Iterator[Completion]:
        for one in super().complete(*args, **named):
            if len(self.written) == self.killed_after:
                raise KeyboardInterrupt
            self.written.append(one.id)
            yield one


def counting(folder: Path, **given: Any) -> Counting:
    completer = Counting(loaded(folder), n_rows=2, **given)
    completer.written = []
    return completer


def unhurried(found: list[Completion]) -> list[Completion]:
    return [replace(one, seconds=0.0) for one in found]


def test_a_run_that_was_killed_goes_on_and_ends_in_the_same_completions(tiny_llama: Path, tmp_path: Path) -> None:
    whole, cut_off = counting(tiny_llama), counting(tiny_llama)
    asked = prompts_of(whole.tokenizer)
    expected = completions_of(whole, asked, decoding=DECODING, kept=CompletionFile(tmp_path / "whole.jsonl"))
    assert [one.id for one in expected] == [one.id for one in asked]
    path = tmp_path / "cut_off.jsonl"
    cut_off.killed_after = 3
    with pytest.raises(KeyboardInterrupt):
        completions_of(cut_off, asked, decoding=DECODING, kept=CompletionFile(path))
    path.write_bytes(path.read_bytes() + b'{"key": "half of a li')
    cut_off.killed_after, told = None, []
    found = completions_of(cut_off, asked, decoding=DECODING, kept=CompletionFile(path), done=told.append)
    assert unhurried(found) == unhurried(expected)
    assert sorted(cut_off.written) == sorted(one.id for one in asked)  # Each once, over both runs.
    assert told == [3, 1, 1, 1, 1]


def test_whatever_would_change_a_completion_has_it_written_anew(tiny_llama: Path, tmp_path: Path) -> None:
    completer, kept = counting(tiny_llama), CompletionFile(tmp_path / "completions.jsonl")
    asked = prompts_of(completer.tokenizer)[:2]

    def n_written(rows: Any = asked, decoding: Decoding = DECODING, by: Counting = completer) -> int:
        before = len(by.written)
        completions_of(by, rows, decoding=decoding, kept=kept)
        return len(by.written) - before

    assert (n_written(), n_written()) == (2, 0)
    assert n_written(decoding=replace(DECODING, seed=6)) == 2
    assert n_written(decoding=replace(DECODING, stop=("a",))) == 2
    assert n_written([asked[0], replace(asked[1], tokens=asked[0].tokens)]) == 1
    assert n_written([asked[0], replace(asked[1], constraint=Constraint(choices=("A", "B")))]) == 1
    assert n_written(by=counting(tiny_llama, adapter=adapter_of(tiny_llama))) == 2
    # Nothing is drawn where the likeliest token is taken.
    assert n_written(decoding=Decoding(max_new_tokens=9, seed=1)) == 2
    assert n_written(decoding=Decoding(max_new_tokens=9, seed=2)) == 0
    assert n_written() == 0

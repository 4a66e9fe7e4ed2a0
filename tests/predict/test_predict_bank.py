"""Adapters beside one another on one base answer as each does on a base of its own."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import torch

from suffice.base_models.folder import described
from suffice.base_models.load import load_causal
from suffice.errors import BundleError
from suffice.predict.bank import AdapterBank, Resident
from suffice.predict.lora import LoraShape
from suffice.predict.packed import Prefix, prefix
from suffice.predict.prefixes import Prefixes
from suffice.predict.scorer import Tokens
from tiny_scorers import INSTRUCTION, TinyCausal, disturb, tiny_causal

TEXTS = ("Why?", "My card was declined in the shop this morning. Please help me.", "refund", "Where is my transfer?")
OTHERS = (INSTRUCTION, "Sort the message.", INSTRUCTION * 2)
RANKS = (4, 2, 8)


@pytest.fixture(params=["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def alone(folder: Path, number: int) -> TinyCausal:
    """One of three adapters of different rank behind different instructions, on a base of its own."""
    shape = LoraShape(rank=RANKS[number], alpha=8.0, dropout=0.0)
    tiny = tiny_causal(folder, instruction=OTHERS[number], lora=shape, head=number == 1)
    disturb(tiny.scorer, seed=number)
    return tiny


def bank_of(folder: Path, *, prefix_bytes: int = 1 << 30) -> AdapterBank:
    model = load_causal(described(folder, name="tiny", source="path", origin="tiny"), precision="fp32").model
    return AdapterBank(model, prefix_bytes=prefix_bytes)


def settled(bank: AdapterBank, tiny: TinyCausal, name: str, *, rank: int) -> Resident:
    adapter = {layer: (a.lora_A.detach(), a.lora_B.detach()) for layer, a in tiny.scorer.adapters.items()}
    shape = LoraShape(rank=rank, alpha=8.0, dropout=0.0)
    return bank.load(name, adapter, shape=shape, frame=tiny.frame, readout=tiny.readout)


def test_messages_of_one_batch_are_each_read_under_their_own_adapter(folder: Path) -> None:
    bank, tinies = bank_of(folder), [alone(folder, number) for number in range(3)]
    residents = [settled(bank, tiny, f"a{n}", rank=RANKS[n]) for n, tiny in enumerate(tinies)]
    order = [2, 0, 1, 0, 2, 1, 1, 0]
    texts = [TEXTS[i % len(TEXTS)] for i in range(len(order))]
    asked = [(residents[n], residents[n].frame.tokenise([text])[0].ids) for n, text in zip(order, texts, strict=True)]
    together = bank.logits(asked)
    for n, text, got in zip(order, texts, together, strict=True):
        with torch.no_grad():
            torch.testing.assert_close(got, tinies[n].plain_logits(text), atol=1e-4, rtol=1e-4)


def test_an_adapter_beside_others_answers_as_one_that_is_part_of_the_base(folder: Path) -> None:
    bank, tiny = bank_of(folder), alone(folder, 0)
    resident = settled(bank, tiny, "one", rank=RANKS[0])
    rows = [row.ids for row in tiny.scorer.tokenise(TEXTS)]
    tiny.scorer.freeze()
    with torch.inference_mode():
        merged = tiny.scorer.logits(rows)
    beside = torch.stack(bank.logits([(resident, row) for row in rows]))
    torch.testing.assert_close(beside, merged, atol=1e-4, rtol=1e-4)


def test_the_base_is_untouched_by_what_comes_and_goes(tiny_llama: Path) -> None:
    bank, tiny = bank_of(tiny_llama), alone(tiny_llama, 0)
    resident = settled(bank, tiny, "one", rank=RANKS[0])
    asked = [(resident, row.ids) for row in resident.frame.tokenise(TEXTS)]
    before = bank.logits(asked)
    settled(bank, alone(tiny_llama, 2), "two", rank=RANKS[2])
    bank.unload("one")
    assert bank.names == ("two",)
    assert all(torch.equal(a, b) for a, b in zip(bank.logits(asked), before, strict=True))  # Whoever holds it may ask.


def test_an_adapter_of_the_same_name_takes_the_place_of_the_first(tiny_llama: Path) -> None:
    bank = bank_of(tiny_llama)
    first = settled(bank, alone(tiny_llama, 0), "one", rank=RANKS[0])
    second = settled(bank, alone(tiny_llama, 2), "one", rank=RANKS[2])
    assert (bank.names, bank.get("one")) == (("one",), second)
    assert first is not second


def test_adapters_come_and_go_while_others_answer(tiny_llama: Path) -> None:
    bank, tiny, other = bank_of(tiny_llama), alone(tiny_llama, 0), alone(tiny_llama, 1)
    resident = settled(bank, tiny, "stays", rank=RANKS[0])
    asked = [(resident, row.ids) for row in resident.frame.tokenise(TEXTS)]
    expected, wrong, stop = bank.logits(asked), [], threading.Event()

    def answer() -> None:
        while not stop.is_set():
            got = bank.logits(asked)
            wrong.extend(1 for a, b in zip(got, expected, strict=True) if not torch.equal(a, b))

    thread = threading.Thread(target=answer)
    thread.start()
    for number in range(20):
        settled(bank, other, f"passing-{number}", rank=RANKS[1])
        bank.unload(f"passing-{number}")
    stop.set()
    thread.join()
    assert (wrong, bank.names) == ([], ("stays",))


def test_instructions_beyond_the_bound_are_computed_again(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Tokens] = []

    def counted(body: Any, before: Tokens, **given: Any) -> Prefix:
        made.append(before)
        return prefix(body, before, **given)

    monkeypatch.setattr("suffice.predict.bank.prefix", counted)
    tinies = [alone(tiny_llama, number) for number in range(3)]
    scores, n_made = [], []
    for prefix_bytes in (1, 1 << 30):
        bank = bank_of(tiny_llama, prefix_bytes=prefix_bytes)
        residents = [settled(bank, tiny, f"a{number}", rank=RANKS[number]) for number, tiny in enumerate(tinies)]
        made.clear()
        asked = [(resident, resident.frame.tokenise(["refund"])[0].ids) for resident in residents]
        scores.append([bank.logits([one])[0] for one in asked])
        n_made.append([made.count(resident.frame.before) for resident in residents])
    # Of three that came one after another a byte keeps the last alone, which makes way for the first that is asked.
    assert n_made == [[1, 1, 1], [0, 0, 0]]
    assert all(torch.equal(few, all_) for few, all_ in zip(*scores, strict=True))


@pytest.mark.parametrize("under_way", [False, True])
@pytest.mark.parametrize("how", ["unloaded", "replaced"])
def test_the_instruction_of_an_adapter_that_was_let_go_is_not_kept_again(
    tiny_llama: Path, monkeypatch: pytest.MonkeyPatch, how: str, under_way: bool
) -> None:
    bank, tiny, made = bank_of(tiny_llama, prefix_bytes=1), alone(tiny_llama, 0), []
    resident = settled(bank, tiny, "one", rank=RANKS[0])
    settled(bank, alone(tiny_llama, 2), "two", rank=RANKS[2])  # A byte holds one instruction: that of the last.
    asked = [(resident, resident.frame.tokenise(["refund"])[0].ids)]

    def let_go() -> None:
        if how == "unloaded":
            bank.unload("one")
        else:
            settled(bank, tiny, "one", rank=RANKS[0])

    def counted(body: Any, before: Tokens, *, updates: Any) -> Prefix:
        if updates is resident.updates:
            made.append(before)
            if under_way and len(made) == 1:
                let_go()
        return prefix(body, before, updates=updates)

    monkeypatch.setattr("suffice.predict.bank.prefix", counted)
    if not under_way:
        let_go()
    bank.logits(asked)
    bank.logits(asked)
    assert len(made) == 2


def test_the_prefix_that_has_not_been_used_for_longest_goes_first() -> None:
    keys, made = torch.zeros(1, 1, 4), []
    kept: Prefixes[str] = Prefixes(2 * 2 * 16)  # two prefixes of keys and values of 16 bytes each

    def ask(name: str) -> None:
        kept.get(
            name,
            lambda: made.append(name) or {0: (keys, keys)},  # type: ignore[func-returns-value,dict-item]
            wanted=lambda: True,
        )

    for name in ("a", "b", "a", "c", "a", "b"):
        ask(name)
    assert made == ["a", "b", "c", "b"]


def test_an_adapter_that_is_not_in_memory_is_named_with_the_nearest(tiny_llama: Path) -> None:
    bank = bank_of(tiny_llama)
    settled(bank, alone(tiny_llama, 0), "billing", rank=RANKS[0])
    with pytest.raises(BundleError, match=r"'biling' \(nearest: 'billing'\) among 1"):
        bank.get("biling")
    with pytest.raises(BundleError, match="load it first"):
        bank.unload("gone")


def test_an_adapter_of_another_shape_is_refused(tiny_llama: Path) -> None:
    bank, tiny = bank_of(tiny_llama), alone(tiny_llama, 0)
    with pytest.raises(BundleError, match="of rank 8: 8x64 and 64x8"):
        settled(bank, tiny, "one", rank=8)

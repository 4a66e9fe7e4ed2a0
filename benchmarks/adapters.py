"""A hundred adapters of one base in memory, a random one for every message, against one that is part of the base.

SmolLM2-135M on Banking77's test messages behind an instruction of some sixty tokens, one message at a time, the two
sides by turns. The adapters are drawn, not trained: speed does not depend on what they say. Whether both sides say the
same is looked at on forty messages under one of them. A second table has messages of sixteen adapters in one batch.

Minutes on two cores: about 5.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from cells import Measured, measure, options, print_json
from ratios import by_turns, machine, ratio
from tasks import LORA, SHORT, Banking77, Prompted

from suffice.base_models import Format
from suffice.predict.bank import AdapterBank, Resident
from suffice.predict.causal import CausalScorer

MINUTES = 5
BASE = "smollm2-135m"
N_ADAPTERS, N_REPEATS, N_MESSAGES, N_CHECKED = 100, 5, 200, 40
N_MIXED, N_BATCHES = 16, 12


def _drawn(scorer: CausalScorer, *, seed: int) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """An adapter that changes the base's answers about as much as training does."""
    scorer.reset(seed)
    generator = torch.Generator().manual_seed(seed)
    for layer in scorer.adapters.values():
        layer.lora_B.data.normal_(std=0.01, generator=generator)
    return {name: (a.lora_A.detach().clone(), a.lora_B.detach().clone()) for name, a in scorer.adapters.items()}


def _sides(data: Path, *, precision: Format, n_adapters: int) -> tuple[CausalScorer, list[Resident], AdapterBank]:
    """One adapter that is part of its base, and a bank whose first adapter is the same one."""
    labels = Banking77.read(data, "test").labels
    own = Prompted.load(BASE, SHORT, labels, precision=precision)
    shared = Prompted.load(BASE, SHORT, labels, precision=precision)
    scorer, bank = own.scorer(), AdapterBank(shared.loaded.model)
    residents = [
        bank.load(f"a{seed}", _drawn(scorer, seed=seed), shape=LORA, frame=shared.around(), readout=shared.readout())
        for seed in reversed(range(n_adapters))
    ]
    scorer.freeze()  # As the last one drawn, with seed 0, left it.
    return scorer, residents[::-1], bank


def cell(name: str, data: Path) -> Measured:
    """Figures of one cell."""
    if name == "machine":
        return machine()
    what, detail = name.split(", ")
    texts = Banking77.read(data, "test").texts
    if what == "agreement":
        return _agreement(texts, data, precision=detail)  # type: ignore[arg-type]
    scorer, residents, bank = _sides(data, precision="bf16", n_adapters=N_ADAPTERS)
    rng = np.random.default_rng(int(detail))
    rows = [row.ids for row in scorer.tokenise([texts[i] for i in rng.permutation(len(texts))])]
    return _one_by_one(scorer, residents, bank, rows, rng) | _mixed(scorer, residents, bank, rows, rng)


def _agreement(texts: list[str], data: Path, *, precision: Format) -> Measured:
    """How far the two sides' probabilities lie apart at most."""
    scorer, residents, bank = _sides(data, precision=precision, n_adapters=1)
    rows = [row.ids for row in scorer.tokenise(texts[:N_CHECKED])]
    with torch.inference_mode():
        one = torch.cat([scorer.logits([row]) for row in rows])
        other = torch.stack([bank.logits([(residents[0], row)])[0] for row in rows])
    return {
        "most_apart_in_probability": float((one.softmax(1) - other.softmax(1)).abs().max()),
        "most_apart_in_logits": float((one - other).abs().max()),
        "same_label": float((one.argmax(1) == other.argmax(1)).double().mean()),
    }


def _one_by_one(
    scorer: CausalScorer, residents: list[Resident], bank: AdapterBank, rows: list[Any], rng: np.random.Generator
) -> Measured:
    asked = [(residents[int(rng.integers(len(residents)))], row) for row in rows[: N_MESSAGES + 5]]
    sides = {
        "merged": lambda one: scorer.logits([one[1]]).argmax(),
        "bank": lambda one: bank.logits([one])[0].argmax(),
    }
    with torch.inference_mode():
        seconds = by_turns(sides, asked)
    kept = {side: np.array(of[5:]) * 1e3 for side, of in seconds.items()}
    return {f"{side}_p{q}_ms": float(np.quantile(of, q / 100)) for side, of in kept.items() for q in (50, 99)}


def _mixed(
    scorer: CausalScorer, residents: list[Resident], bank: AdapterBank, rows: list[Any], rng: np.random.Generator
) -> Measured:
    """Messages per second of batches, all of one adapter and each of another."""
    batches = []
    for at in range(0, (N_BATCHES + 2) * N_MIXED, N_MIXED):
        some = rng.choice(len(residents), size=N_MIXED, replace=False).tolist()
        batches.append([(residents[n], row) for n, row in zip(some, rows[at : at + N_MIXED], strict=True)])
    with torch.inference_mode():
        seconds = by_turns({"merged": lambda batch: scorer.logits([r for _, r in batch]), "bank": bank.logits}, batches)
    return {f"{side}_mixed_per_second": N_MIXED / float(np.median(of[2:])) for side, of in seconds.items()}


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """How many times longer a message takes under one adapter of many."""
    repeats = [cells[f"requests, {r}"] for r in range(N_REPEATS)]
    return {
        "machine": cells["machine"],
        "settings": {
            "both": f"{BASE}, rank {LORA.rank}, bf16, a cached instruction for each adapter, one message at a time",
            "merged": "one adapter, added to its base",
            "bank": f"{N_ADAPTERS} adapters beside one base, a random one for every message",
        },
        "times_as_long": {
            f"p{q}": ratio([one[f"bank_p{q}_ms"] for one in repeats], [one[f"merged_p{q}_ms"] for one in repeats])
            for q in (50, 99)
        },
        "ms": {key: round(float(np.median([one[key] for one in repeats])), 1) for key in repeats[0] if "_ms" in key},
        "sixteen_adapters_in_one_batch": ratio(
            [one["bank_mixed_per_second"] for one in repeats], [one["merged_mixed_per_second"] for one in repeats]
        ),
        "agreement": {precision: cells[f"agreement, {precision}"] for precision in ("fp32", "bf16")},
    }


def main() -> None:
    """Measures the cells that are missing and prints all."""
    given = options(__doc__ or "").parse_args()
    names = ["machine", "agreement, fp32", "agreement, bf16", *(f"requests, {r}" for r in range(N_REPEATS))]
    print_json(summary(measure(names, lambda name: cell(name, given.data), kept=given.cells)))


if __name__ == "__main__":
    main()

"""Logits of the labels alone against those of the whole vocabulary at every position.

The same frozen scorer, the same packed batch of Banking77's test messages behind a cached instruction of some sixty
tokens, by turns. The full pass is what an engine does that knows nothing of labels: the last layer
and the output layer at every token of the messages; the weight of its output layer is laid out once, as those of our
frozen layers are. It reads the labels' tokens besides, a thousandth of what it does.

Bars, for a batch of sixteen: 1.2 times with SmolLM2-135M, 2.2 times with Gemma-3-270M.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cells import Measured, measure, options, print_json
from ratios import by_turns, machine, ratio
from tasks import Banking77, Prompted, here

from suffice.base_models.memory import keep_freed_memory
from suffice.predict.causal import CausalScorer
from suffice.predict.frozen import laid_out
from suffice.predict.scorer import Tokens

MINUTES = 5
"""On two cores."""
BASES = ("smollm2-135m", "gemma3-270m")
BATCHES = (16, 1)
N_REPEATS = 5
N_PASSES = {16: 15, 1: 40}
"""Timed passes of either side in one repeat, by rows of a batch; two more warm up."""
PRECISIONS = ("fp32", "bf16")
Side = Callable[[Sequence[Tokens]], torch.Tensor]


def cell(name: str, data: Path) -> Measured:
    """One measurement, by what its name says."""
    what, *of = name.split(", ")
    if what == "machine":
        return machine()
    if what == "equal":
        return _equal(data, base=of[0], precision=of[1])
    return _timed(data, base=of[0], batch=int(of[1]), repeat=int(of[2]))


def _sides(data: Path, base: str, precision: str) -> tuple[CausalScorer, Side, Banking77]:
    """A frozen scorer and the full pass over it, which gives the labels' logits of the whole vocabulary's too."""
    test, name = Banking77.read(data, "test"), here(base)
    assert name is not None, "only models of this machine are measured"
    prompted = Prompted.load(name, test.instruction("short"), test.labels, precision=precision)  # type: ignore[arg-type]
    scorer = prompted.scorer()
    scorer.freeze()
    return scorer, _full(scorer, prompted), test


def _full(scorer: CausalScorer, prompted: Prompted) -> Side:
    body, output = prompted.loaded.model.get_decoder(), prompted.loaded.model.get_output_embeddings()
    head, last, labels = laid_out(output.weight, output.bias), body.layers[-1], list(prompted.tokens.ids)
    of_all: list[torch.Tensor] = []
    """Logits of the whole vocabulary, shape [N, V], until they are taken out."""

    def logits(rows: Sequence[Tokens]) -> torch.Tensor:
        last.is_last = False
        hook = body.register_forward_hook(lambda *given: of_all.append(head.forward(given[-1].last_hidden_state[0])))
        try:
            scorer.logits(rows)
        finally:
            hook.remove()
            last.is_last = True
        of_tokens, ends = of_all.pop(), np.cumsum([len(row) for row in rows]) - 1
        assert len(of_tokens) == ends[-1] + 1, "the instruction does not stand in the batch"
        return of_tokens[torch.from_numpy(ends)][:, labels].float()

    scorer.logits([(labels[0],)])  # From here on the instruction is known.
    return logits


def _rows(scorer: CausalScorer, test: Banking77, *, n: int, seed: int) -> list[Tokens]:
    some = np.random.default_rng(seed).permutation(len(test.texts))[:n].tolist()
    return [row.ids for row in scorer.tokenise([test.texts[i] for i in some])]


def _timed(data: Path, *, base: str, batch: int, repeat: int) -> Measured:
    """Median milliseconds of either side, by turns over the same batches; freed memory is kept for both."""
    keep_freed_memory()
    scorer, full, test = _sides(data, base, "bf16")
    n_warm = 2
    rows = _rows(scorer, test, n=(N_PASSES[batch] + n_warm) * batch, seed=repeat)
    batches = [rows[start : start + batch] for start in range(0, len(rows), batch)]
    with torch.inference_mode():
        seconds = by_turns({"labels": scorer.logits, "full": full}, batches)
    return {f"{side}_ms": float(np.median(of[n_warm:])) * 1e3 for side, of in seconds.items()} | {
        "prefix_tokens": scorer.n_prefix_tokens,
        "tokens_per_row": float(np.mean([len(row) for row in rows])),
    }


def _equal(data: Path, *, base: str, precision: str) -> Measured:
    """How far apart the labels' logits of either side are, relative to the largest, and whether they answer alike."""
    scorer, full, test = _sides(data, base, precision)
    rows = _rows(scorer, test, n=64, seed=0)
    with torch.inference_mode():
        ours, theirs = scorer.logits(rows), full(rows)
    return {
        "worst_relative_difference": float((ours - theirs).abs().max() / theirs.abs().max()),
        "same_answers": float((ours.argmax(1) == theirs.argmax(1)).float().mean()),
        "n": len(rows),
    }


def summary(cells: dict[str, Measured], bases: Sequence[str]) -> dict[str, Any]:
    """Ratios of the two passes by model and size of batch."""
    speed: dict[str, Any] = {}
    for base, batch in ((base, batch) for base in bases for batch in BATCHES):
        of = [cells[f"speed, {base}, {batch}, {repeat}"] for repeat in range(N_REPEATS)]
        labels, full = ([one[f"{side}_ms"] for one in of] for side in ("labels", "full"))
        speed[f"{base}, {batch} a batch"] = {
            "labels_ms": round(float(np.median(labels)), 2),
            "full_ms": round(float(np.median(full)), 2),
            "over_full": ratio([1.0 / ms for ms in labels], [1.0 / ms for ms in full]),
            "prefix_tokens": of[0]["prefix_tokens"],
            "tokens_per_row": round(float(np.mean([one["tokens_per_row"] for one in of])), 1),
        }
    return {
        "machine": cells["machine"],
        "settings": {
            "both": "bf16, frozen adapter of rank 16, cached instruction",
            "labels": "last layer and logits of the labels' tokens at each message's last token",
            "full": "last layer at every token of the messages, logits of the whole vocabulary at each",
        },
        "speed": speed,
        "equal": {f"{base}, {p}": cells[f"equal, {base}, {p}"] for base in bases for p in PRECISIONS},
        "not_run": [{"name": base, "why": "the model is not on this machine"} for base in BASES if base not in bases],
    }


def main() -> None:
    """Measures the cells that are missing and prints all; base models are not fetched for it."""
    given = options(__doc__ or "").parse_args()
    bases = [base for base in BASES if here(base) is not None]
    names = ["machine"]
    names += [f"speed, {base}, {batch}, {r}" for r in range(N_REPEATS) for base in bases for batch in BATCHES]
    names += [f"equal, {base}, {precision}" for base in bases for precision in PRECISIONS]
    print_json(summary(measure(names, lambda name: cell(name, given.data), kept=given.cells), bases))


if __name__ == "__main__":
    main()

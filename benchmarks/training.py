"""Training against transformers' Trainer with PEFT: speed, gradients, losses, accuracy.

Both sides tune SmolLM2-135M on Banking77 with the same rows, prompts, adapter and batch size, and learn the same answer
token. The peer is set up as its documentation recommends: rows padded to the longest of their batch, batches of rows of
similar length, the loss on the answer alone, the fused optimiser; in float32, and in bfloat16. Grouped over as many
rows as an epoch groups; the batches that are timed lie evenly between the longest and the shortest of a group.

Each speed is measured in a process of its own: ours keeps freed memory and forgets the code of old products, as
`suffice train` does.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cells import Measured, apart, measure, options, print_json
from peft import LoraConfig, get_peft_model
from ratios import machine, ratio
from tasks import LORA, Banking77, Prompted
from torch.utils.data import Dataset
from transformers import DataCollatorForSeq2Seq, PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_pt_utils import get_length_grouped_indices

from suffice.base_models.memory import keep_few_products, keep_freed_memory
from suffice.predict.batching import score_all
from suffice.records.progress import SILENT
from suffice.rungs.gradient import needed_flops
from suffice.train.loop import TrainingResult, train
from suffice.train.rows import TokenRows
from suffice.train.schedule import Schedule

MINUTES = 36
"""On two cores."""
BASE = "smollm2-135m"
N_REPEATS = 5
BATCH = 16
RATE = 2e-3
"""Our default for as few rows."""
N_OURS = {"short": 320, "long": 160}
N_STEPS_PEER = {"short": 4, "long": 1}
"""Timed steps, behind one that warms up."""
N_WARM_TOKENS = 128
"""The most of each row of that one."""
N_GROUPED = 50
"""Batches of rows that Trainer sorts together by length where there are as many as here."""
SIDES = ("ours", "peer fp32", "peer bf16")
N_CURVE, BATCH_CURVE, RATE_CURVE = 50, 4, 2e-4
N_ACCURACY, N_LABELS, EPOCHS = 400, 11, 3


def cell(name: str, data: Path) -> Measured:
    """One measurement, by what its name says."""
    what, *of = name.split(", ")
    if what == "machine":
        return machine()
    if what == "speed":
        length, side, repeat = of
        if side == "ours":
            return apart(_ours, data, length, seed=int(repeat))
        return apart(_peer, data, length, precision=side.split()[1], seed=int(repeat))
    if what == "gradients":
        return _gradients(data)
    if what == "curve":
        return _curve(data)
    return _accuracy(data, side=of[0])


def _some_rows(data: Path, n: int, *, seed: int) -> tuple[Banking77, list[int]]:
    bank = Banking77.read(data, "train")
    return bank, np.random.default_rng(seed).permutation(len(bank.texts))[:n].tolist()


def _ours(data: Path, length: str, *, seed: int) -> Measured:
    keep_few_products()
    keep_freed_memory()
    bank, some = _some_rows(data, N_OURS[length], seed=seed)
    scorer = Prompted.load(BASE, bank.instruction(length), bank.labels, precision="bf16").scorer()
    tokens = [row.ids for row in scorer.tokenise([bank.texts[i] for i in some])]
    rows = TokenRows(tokens=tokens, y=np.array([bank.y[i] for i in some]))
    tune(scorer, rows.take(np.arange(2 * BATCH)), epochs=1)
    result = tune(scorer, rows, epochs=1)
    return speed_of(scorer, result)


def speed_of(scorer: Any, result: TrainingResult) -> Measured:
    """How fast the steps of a run of ours were."""
    return {
        "examples_per_second": result.n_examples_seen / result.loop_seconds,
        "gflops_needed_per_second": needed_flops(scorer, result) / result.loop_seconds / 1e9,
        "prefix_tokens": scorer.n_prefix_tokens,
        "tokens_per_row": result.n_tokens / result.n_examples_seen,
    }


def tune(scorer: Any, rows: TokenRows, *, epochs: int, batch: int = BATCH) -> TrainingResult:
    """Some epochs of our own training, from parameters that are drawn anew."""
    schedule = Schedule(epochs=epochs, batch_size=batch, learning_rate=RATE, warmup=0.06, patience=epochs)
    with tempfile.TemporaryDirectory() as folder:
        return train(
            scorer,
            rows,
            tune=None,
            schedule=schedule,
            seed=0,
            stop_after=None,
            checkpoints=Path(folder),
            progress=SILENT,
            what="benchmark",
        )


class Rows(Dataset[dict[str, list[int]]]):
    """Prompts with the answer token behind them; only that one has a label."""

    def __init__(self, prompted: Prompted, texts: list[str], y: list[int]) -> None:
        """
        Args:
            prompted: base model and prompt.
            texts: messages.
            y: label codes.
        """
        whole = [(prompted.whole(text), prompted.tokens.ids[code]) for text, code in zip(texts, y, strict=True)]
        self.rows = [
            {
                "input_ids": [*ids, answer],
                "attention_mask": [1] * (len(ids) + 1),
                "labels": [-100] * len(ids) + [answer],
            }
            for ids, answer in whole
        ]

    def typical(self, *, batch: int, n_batches: int, seed: int) -> None:
        """Keeps the rows of some batches as grouping by length makes them, in order, behind one that warms up.

        That one has no more than the ends of long prompts, over which a step takes a minute.

        Args:
            batch: rows of each.
            n_batches: evenly from the longest to the shortest.
            seed: of the grouping.
        """
        lengths, drawn = [len(row["input_ids"]) for row in self.rows], torch.Generator().manual_seed(seed)
        order = get_length_grouped_indices(lengths, batch, mega_batch_mult=N_GROUPED, generator=drawn)
        starts = [int((at + 0.5) * N_GROUPED / n_batches) * batch for at in range(n_batches)]
        warm, *timed = ([self.rows[i] for i in order[at : at + batch]] for at in [starts[n_batches // 2], *starts])
        ends = [{what: ids[-N_WARM_TOKENS:] for what, ids in row.items()} for row in warm]
        self.rows = ends + [row for some in timed for row in some]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: int) -> dict[str, list[int]]:
        return self.rows[at]


class _Clock(TrainerCallback):
    """Times every step."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self._began = self._now()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.seconds.append(self._now() - self._began)

    def _now(self) -> float:
        """When all that was asked of a GPU is done."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        return time.perf_counter()


def _peer_model(prompted: Prompted) -> Any:
    config = LoraConfig(
        r=LORA.rank, lora_alpha=int(LORA.alpha), lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    return get_peft_model(prompted.loaded.model, config)


def _trainer(
    prompted: Prompted,
    rows: Rows,
    *,
    folder: str,
    epochs: int = 1,
    bf16: bool,
    batch: int = BATCH,
    n_parts: int = 1,
    in_order: bool = False,
) -> tuple[Any, _Clock]:
    """A trainer whose step takes `batch` rows in `n_parts` parts, and its clock; rows in order are grouped already."""
    clock = _Clock()
    arguments = TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=batch // n_parts,
        gradient_accumulation_steps=n_parts,
        num_train_epochs=epochs,
        learning_rate=RATE,
        warmup_steps=0.06,
        lr_scheduler_type="linear",
        train_sampling_strategy="sequential" if in_order else "group_by_length",
        optim="adamw_torch_fused",
        weight_decay=0.0,
        bf16=bf16,
        use_cpu=prompted.loaded.model.device.type == "cpu",
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        seed=0,
    )
    collator = DataCollatorForSeq2Seq(prompted.loaded.tokenizer, padding="longest")
    model = _peer_model(prompted)
    trainer = Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collator, callbacks=[clock])
    trainer.remove_callback(PrinterCallback)  # It writes to standard output, where the figures go.
    return trainer, clock


def _peer(data: Path, length: str, *, precision: str, seed: int) -> Measured:
    """In float32, or with weights in bfloat16 under autocast; attention as transformers chooses it."""
    bank, some = _some_rows(data, N_GROUPED * BATCH, seed=seed)
    prompted = _for_peer(bank, length, precision)
    rows = Rows(prompted, [bank.texts[i] for i in some], [bank.y[i] for i in some])
    rows.typical(batch=BATCH, n_batches=N_STEPS_PEER[length], seed=seed)
    return speed_of_peer(prompted, rows, bf16=precision == "bf16")


def speed_of_peer(prompted: Prompted, rows: Rows, *, bf16: bool, batch: int = BATCH, n_parts: int = 1) -> Measured:
    """How fast the other side's steps over these rows were, without the first.

    Args:
        prompted: base model and prompt.
        rows: in the order in which they are taken.
        bf16: autocast to bfloat16.
        batch: rows of a step.
        n_parts: in which a step is computed.
    """
    with tempfile.TemporaryDirectory() as folder:
        trainer, clock = _trainer(prompted, rows, folder=folder, bf16=bf16, batch=batch, n_parts=n_parts, in_order=True)
        trainer.train()
    lengths = np.array([len(row["input_ids"]) for row in rows.rows[batch:]]).reshape(-1, batch // n_parts)
    return {
        "examples_per_second": batch * len(clock.seconds[1:]) / sum(clock.seconds[1:]),
        "tokens_per_row": float(lengths.mean()),
        "padded_tokens_per_row": float(lengths.max(axis=1).mean()),
    }


def _for_peer(bank: Banking77, length: str, precision: str) -> Prompted:
    prompted = Prompted.load(BASE, bank.instruction(length), bank.labels, precision=precision)  # type: ignore[arg-type]
    prompted.loaded.model.set_attn_implementation("sdpa")
    return prompted


def _pair(data: Path) -> tuple[Any, Any, Banking77, list[int]]:
    """Ours and the peer's model in float32, with the same adapter."""
    bank, some = _some_rows(data, N_CURVE * BATCH_CURVE, seed=0)
    scorer = Prompted.load(BASE, bank.instruction("short"), bank.labels, precision="fp32").scorer()
    prompted = _for_peer(bank, "short", "fp32")
    model = _peer_model(prompted).train()
    with torch.no_grad():
        for name, parameter in _theirs(model).items():
            parameter.copy_(_ours_of(scorer)[name])
    return scorer, (model, prompted), bank, some


def _ours_of(scorer: Any) -> dict[str, torch.nn.Parameter]:
    return dict(scorer.trained()[0].tensors)


def _theirs(model: Any) -> dict[str, torch.nn.Parameter]:
    strip = "base_model.model.model."
    return {
        name.removeprefix(strip).replace(".default.weight", ""): p
        for name, p in model.named_parameters()
        if p.requires_grad
    }


def _losses(pair: Any, bank: Banking77, batch: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Of one batch: ours over the labels' tokens, and the peer's restricted to them, so that both mean the same."""
    scorer, (model, prompted) = pair
    y = torch.tensor([bank.y[i] for i in batch])
    ours = torch.nn.functional.cross_entropy(
        scorer.logits([row.ids for row in scorer.tokenise([bank.texts[i] for i in batch])]), y
    )
    rows = Rows(prompted, [bank.texts[i] for i in batch], [bank.y[i] for i in batch])
    given = DataCollatorForSeq2Seq(prompted.loaded.tokenizer, padding="longest")([rows[i] for i in range(len(batch))])
    at = (given["labels"] != -100).float().argmax(dim=1) - 1
    logits = model(input_ids=given["input_ids"], attention_mask=given["attention_mask"]).logits
    theirs = torch.nn.functional.cross_entropy(logits[torch.arange(len(batch)), at][:, list(prompted.tokens.ids)], y)
    return ours, theirs


def _gradients(data: Path) -> Measured:
    """Of one batch, under an adapter no half of which is zero."""
    scorer, peer, bank, some = _pair(data)
    with torch.no_grad():
        for seed, (name, parameter) in enumerate(_ours_of(scorer).items()):
            if name.endswith("lora_B"):
                parameter.normal_(0.0, 0.01, generator=torch.Generator().manual_seed(seed))
            _theirs(peer[0])[name].copy_(parameter)
    scorer.train_mode(True)
    for loss in _losses((scorer, peer), bank, some[:8]):
        loss.backward()  # type: ignore[no-untyped-call]
    worst = max(
        float(torch.linalg.norm(p.grad - _theirs(peer[0])[name].grad) / torch.linalg.norm(_theirs(peer[0])[name].grad))
        for name, p in _ours_of(scorer).items()
    )
    return {"worst_relative_difference": worst}


def _curve(data: Path) -> Measured:
    scorer, peer, bank, some = _pair(data)
    scorer.train_mode(True)
    both = [
        torch.optim.AdamW(p, lr=RATE_CURVE, weight_decay=0.0)
        for p in (_ours_of(scorer).values(), _theirs(peer[0]).values())
    ]
    curve: list[tuple[float, float]] = []
    for start in range(0, len(some), BATCH_CURVE):
        losses = _losses((scorer, peer), bank, some[start : start + BATCH_CURVE])
        for optimiser, loss in zip(both, losses, strict=True):
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        curve.append((float(losses[0].detach()), float(losses[1].detach())))
    return {"worst_difference": max(abs(a - b) for a, b in curve), "first": curve[0], "last": curve[-1]}


def _accuracy(data: Path, *, side: str) -> Measured:
    """Tuned on 400 rows of eleven labels; judged on their test rows by the labels' tokens alone."""
    bank, test = Banking77.read(data, "train"), Banking77.read(data, "test")
    few = [i for i in np.random.default_rng(1).permutation(len(bank.y)).tolist() if bank.y[i] < N_LABELS][:N_ACCURACY]
    texts, y = [bank.texts[i] for i in few], [bank.y[i] for i in few]
    judged = [i for i, code in enumerate(test.y) if code < N_LABELS]
    asked, truth = [test.texts[i] for i in judged], np.array([test.y[i] for i in judged])
    if side == "ours":
        scorer = Prompted.load(BASE, bank.instruction("short"), bank.labels, precision="bf16").scorer()
        tune(scorer, TokenRows(tokens=[row.ids for row in scorer.tokenise(texts)], y=np.array(y)), epochs=EPOCHS)
        predicted = score_all(scorer, [row.ids for row in scorer.tokenise(asked)]).argmax(axis=1)
        return {"accuracy": float((predicted == truth).mean()), "n": len(truth)}
    prompted = _for_peer(bank, "short", "bf16")
    with tempfile.TemporaryDirectory() as folder:
        trainer, _ = _trainer(prompted, Rows(prompted, texts, y), folder=folder, epochs=EPOCHS, bf16=True)
        trainer.train()
    model = trainer.model.eval()
    with torch.inference_mode():
        said = [
            int(model(input_ids=torch.tensor([prompted.whole(text)])).logits[0, -1, list(prompted.tokens.ids)].argmax())
            for text in asked
        ]
    return {"accuracy": float((np.array(said) == truth).mean()), "n": len(truth)}


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """Ratios of examples per second, and what makes them comparable."""
    speeds: dict[str, Any] = {}
    for length in N_OURS:
        of = {side: [cells[f"speed, {length}, {side}, {r}"] for r in range(N_REPEATS)] for side in SIDES}
        rates = {side: [one["examples_per_second"] for one in of[side]] for side in SIDES}
        needed = [one["gflops_needed_per_second"] for one in of["ours"]]
        speeds[length] = {
            "examples_per_second": {side: round(float(np.median(rates[side])), 2) for side in SIDES},
            "over_peer_fp32": ratio(rates["ours"], rates["peer fp32"]),
            "over_peer_bf16": ratio(rates["ours"], rates["peer bf16"]),
            "share_of_peak": ratio(needed, [cells["machine"]["peak_bf16"]] * N_REPEATS),
            "prefix_tokens": of["ours"][0]["prefix_tokens"],
            "tokens_per_row": {
                side: round(float(np.mean([one["tokens_per_row"] for one in of[side]])), 1) for side in SIDES
            },
            "padded_tokens_per_row": {
                side: round(float(np.mean([one["padded_tokens_per_row"] for one in of[side]])), 1) for side in SIDES[1:]
            },
        }
    return {
        "machine": cells["machine"],
        "settings": {
            "both": f"{BASE}, {BATCH} rows a step, LoRA of rank {LORA.rank} on all linear layers, learning rate {RATE} "
            "climbing over 6% of the steps and falling linearly, fused AdamW, gradients clipped at 1, loss on the "
            "answer token",
            "ours": f"weights in bf16, adapter and optimiser in float32; {N_OURS} rows timed",
            "peer": "Trainer with PEFT, sdpa, group_by_length; float32, or weights in bf16 under autocast; "
            f"loss over the whole vocabulary, ours over the labels' tokens; {N_STEPS_PEER} steps timed behind one over "
            f"at most {N_WARM_TOKENS} tokens a row",
            "gradients, curve": "both in float32 by hand, loss over the labels' tokens; "
            f"{N_CURVE} steps of {BATCH_CURVE} rows at a constant rate of {RATE_CURVE}",
            "accuracy": f"{N_ACCURACY} rows of {N_LABELS} labels, {EPOCHS} epochs, bf16",
        },
        "speed": speeds,
        "gradients": cells["gradients"],
        "curve": cells["curve"],
        "accuracy": {side: cells[f"accuracy, {side}"] for side in ("ours", "peer")},
    }


def main() -> None:
    """Measures the cells that are missing and prints all."""
    given = options(__doc__ or "").parse_args()
    names = ["machine"]
    names += [f"speed, {length}, {side}, {r}" for r in range(N_REPEATS) for length in N_OURS for side in SIDES]
    names += ["gradients", "curve", "accuracy, ours", "accuracy, peer"]
    print_json(summary(measure(names, lambda name: cell(name, given.data), kept=given.cells)))


if __name__ == "__main__":
    main()

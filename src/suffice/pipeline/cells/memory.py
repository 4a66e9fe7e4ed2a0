"""Whether a language model fits this machine: told before anything is downloaded or trained, with what would fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from suffice.errors import ModelError, Problem, SufficeError
from suffice.pipeline.rows.lengths import around, reading_of, tokens_of_tools
from suffice.records.task import TrainSpec
from suffice.rungs.ladder import PROMPTED, base_of, describe
from suffice.split import nested_subset
from suffice.train.order import epoch_batches
from suffice.train.schedule import lora_schedule

if TYPE_CHECKING:
    from suffice.base_models.shape import Shape
    from suffice.pipeline.rows.prepare import Prepared

TOKENS_PER_LABEL = 4
"""Of a name that a prompted model says: in its instruction, and in the tree behind each message."""
BYTES_PER_TOKEN = 3
"""Of a text, where no tokenizer is here yet: English has four to five under the catalogue's tokenizers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryPlan:
    """What a rung needs, and what there is."""

    rung: str
    """As in `ladder`."""
    needed_bytes: int
    """Most memory of the process, fitting and answering."""
    there_bytes: int | None
    """Most that the process may have; None where the system does not tell."""
    problem: Problem | None = None
    """That it does not fit, with the mildest settings that would; None where it fits."""

    def __str__(self) -> str:
        there = "" if self.there_bytes is None else f" of {in_gb(self.there_bytes)}"
        return f"{self.rung}: needs about {in_gb(self.needed_bytes)}{there}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What a rung puts to its base model."""

    n_before: int
    """Tokens of the instruction."""
    lengths: NDArray[np.int64]
    """Tokens of each training row."""
    answered: NDArray[np.int64]
    """Tokens of each row that is answered."""
    seed: int
    """Of the order of rows."""
    tuned: bool
    """Whether an adapter is trained; else the model answers alone."""


def require_memory(rungs: Iterable[str], prepared: Prepared, *, seed: int) -> tuple[MemoryPlan, ...]:
    """Plans language models that are to be tuned or prompted; one of which nothing is known yet is passed over.

    Args:
        rungs: as in `ladder`.
        prepared: the task and its rows.
        seed: of the order of rows.

    Returns:
        The plan of each rung that could be planned.

    Raises:
        ModelError: rungs that do not fit this machine, each with the mildest settings that would.
    """
    plans = plan_memory(rungs, prepared, seed=seed)
    problems = [plan.problem for plan in plans if plan.problem is not None]
    if problems:
        raise ModelError(problems)
    return plans


def plan_memory(rungs: Iterable[str], prepared: Prepared, *, seed: int) -> tuple[MemoryPlan, ...]:
    """The same, and a rung that does not fit is told as such.

    Args:
        rungs: as in `ladder`.
        prepared: the task and its rows.
        seed: of the order of rows.
    """
    plans, train = [], prepared.task.train
    for rung in dict.fromkeys(rungs):
        shape = _shape(rung, train)
        if shape is None:
            continue
        asked = _asked(rung, prepared, seed=seed)
        plan = MemoryPlan(rung=rung, needed_bytes=_needed(shape, train, asked), there_bytes=memory_here())
        if plan.there_bytes is not None and plan.needed_bytes > plan.there_bytes:
            plan = replace(plan, problem=_too_large(plan, shape, train, asked, there=plan.there_bytes))
        plans.append(plan)
    return tuple(plans)


def memory_here() -> int | None:
    """What this process may come to have, in bytes."""
    from suffice.base_models import usable_device  # noqa: PLC0415
    from suffice.base_models.memory import memory_for_this_process, memory_on_cuda  # noqa: PLC0415

    return memory_on_cuda() if usable_device() == "cuda" else memory_for_this_process()


def in_gb(n_bytes: int) -> str:
    """Bytes for a person."""
    return f"{n_bytes / 1e9:.1f} GB"


def _shape(rung: str, train: TrainSpec) -> Shape | None:
    """Of the files here; else as the catalogue or the hub states it; None where nothing is known, or it is none."""
    if not describe(rung).method:
        return None
    from suffice.base_models import entry_named, find_here, hub_id_of  # noqa: PLC0415
    from suffice.base_models.hub import stated_config  # noqa: PLC0415
    from suffice.base_models.shape import shape_of  # noqa: PLC0415

    base = base_of(rung, train) or ""
    try:
        files = find_here(base)
    except SufficeError:  # Told by whoever loads it.
        return None
    if files is not None:
        return shape_of(_config(files.folder))
    if (entry := entry_named(base)) is not None:
        return entry.shape
    config = None if hub_id_of(base) is None else stated_config(base)
    return None if config is None else shape_of(config)


def _config(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict), "a model folder has been checked"
    return content


def _asked(rung: str, prepared: Prepared, *, seed: int) -> _Asked:
    material, train = prepared.material, prepared.task.train
    rows = material.rows("train")
    tuned = describe(rung).tunes_causal
    n = min(train.n_train or len(rows), (train.n_train_causal if tuned else None) or len(rows))
    if n < len(rows):
        rows = nested_subset(rows, material.strata, n=n, seed=seed)
    n_before, count = _counting(base_of(rung, train) or "", prepared)
    lengths, answered = (
        count(material.data.take(some).texts) for some in (rows, np.union1d(rows, material.rows("validation")))
    )
    if prepared.task.kind != "classify":
        lengths, answered = (some + round(tokens_of_tools(prepared)) for some in (lengths, answered))
        n_before += train.shots * (round(float(lengths.mean())) + prepared.task.completion.max_tokens // 2)
        lengths += prepared.task.completion.max_tokens
        answered += prepared.task.completion.max_tokens
    elif not tuned:
        n_before += train.shots * round(float(lengths.mean())) + TOKENS_PER_LABEL * len(prepared.labels)
        answered += TOKENS_PER_LABEL * len(prepared.labels)
    return _Asked(n_before=n_before, lengths=lengths, answered=answered, seed=seed, tuned=tuned)


def _counting(base: str, prepared: Prepared) -> tuple[int, Callable[[Sequence[str]], NDArray[np.int64]]]:
    """Tokens of the instruction, and how many tokens are read of texts; about so many where no tokenizer is here."""
    from suffice.base_models import find_here  # noqa: PLC0415

    task, labels, files = prepared.task, prepared.labels, find_here(base)
    if files is not None:
        reading = reading_of(files, task, labels)
        return reading.n_before, lambda texts: np.minimum(reading.n_tokens(texts), reading.limit)
    frame = around(task, labels)

    def about(texts: Sequence[str]) -> NDArray[np.int64]:
        counts = [len(f"{text}{frame.after}".encode()) // BYTES_PER_TOKEN + 1 for text in texts]
        return np.minimum(np.array(counts, dtype=np.int64), task.context_tokens)

    return len(frame.before.encode()) // BYTES_PER_TOKEN + 1, about


def _needed(shape: Shape, train: TrainSpec, asked: _Asked) -> int:
    """The more of fitting and of answering."""
    from suffice.base_models import choose_precision, usable_device  # noqa: PLC0415
    from suffice.predict.batching import by_length  # noqa: PLC0415
    from suffice.predict.memory_plan import Means, Rows, heaviest, to_answer, to_train  # noqa: PLC0415

    device = usable_device()
    means = Means(
        precision=choose_precision(device=device),
        weights=train.base,
        rank=train.rank if asked.tuned else 1,
        dropout=asked.tuned and train.dropout > 0,
        keeps_inputs_alone=train.gradient_checkpointing,
        device=device,
    )
    batches = [[int(asked.answered[i]) for i in batch] for batch in by_length(asked.answered.tolist())]
    answered = Rows(n_before=asked.n_before, lengths=heaviest(batches))
    to_be_answered = to_answer(shape, means, answered).total
    if not asked.tuned:
        return to_be_answered
    fitted = Rows(n_before=asked.n_before, lengths=heaviest(list(_parts(train, asked))))
    return max(to_train(shape, means, fitted).total, to_be_answered)


def _parts(train: TrainSpec, asked: _Asked) -> Iterator[list[int]]:
    """Lengths of the rows of each part of each step, as the training loop divides them."""
    schedule, lengths = lora_schedule(len(asked.lengths), train), asked.lengths.tolist()
    for epoch in range(schedule.epochs):
        for batch in epoch_batches(lengths, batch_size=schedule.batch_size, seed=asked.seed, epoch=epoch):
            for part in np.array_split(np.asarray(batch), min(schedule.accumulation, len(batch))):
                yield [lengths[i] for i in part.tolist()]


def _too_large(plan: MemoryPlan, shape: Shape, train: TrainSpec, asked: _Asked, *, there: int) -> Problem:
    fitting = _mildest(shape, train, asked, there=there)
    doing = "training" if asked.tuned else "answering with"
    return Problem(
        where=plan.rung,
        rule=f"a base model must fit the memory of this machine, with all that {doing} it takes",
        got=f"it needs about {in_gb(plan.needed_bytes)}, and there are {in_gb(there)}",
        fix=_smaller(plan.rung, train, asked, there=there) if fitting is None else f"set {fitting}",
    )


def _mildest(shape: Shape, train: TrainSpec, asked: _Asked, *, there: int) -> str | None:
    """The settings that make it fit and change least, as one types them; None where none do."""
    for milder in _milder(train, n_rows=len(asked.lengths)):
        needed = _needed(shape, milder, asked)
        if needed <= there:
            changed = " ".join(
                f"train.{key}={str(getattr(milder, key)).lower()}"
                for key in ("accumulation", "gradient_checkpointing", "base")
                if getattr(milder, key) != getattr(train, key)
            )
            return f"{changed}: about {in_gb(needed)}{_install(milder)}"
    return None


def _milder(train: TrainSpec, *, n_rows: int) -> Iterator[TrainSpec]:
    """From what only costs another pass over the instruction to what changes the model.

    A smaller `batch_size` is never among them: parts of a step take the memory of as many rows, down to a single one,
    and leave the step what it was.
    """
    pace, parts = lora_schedule(n_rows, train), [train.accumulation]
    while (last := parts[-1] or pace.accumulation) < pace.batch_size:
        parts.append(min(2 * last, pace.batch_size))
    for base in dict.fromkeys((train.base, "4bit")):
        for again in dict.fromkeys((train.gradient_checkpointing, True)):
            for accumulation in parts:
                yield train.model_copy(
                    update={"accumulation": accumulation, "gradient_checkpointing": again, "base": base}
                )


def _install(train: TrainSpec) -> str:
    from suffice.base_models import four_bit  # noqa: PLC0415

    missing = train.base == "4bit" and not four_bit.is_installed()
    return f"; four bits need bitsandbytes: {four_bit.INSTALL}" if missing else ""


def _smaller(rung: str, train: TrainSpec, asked: _Asked, *, there: int) -> str:
    """The largest base model with a short name that would fit as it is, or with milder settings."""
    from suffice.base_models import CATALOGUE  # noqa: PLC0415

    behind, base = (PROMPTED, rung.removesuffix(PROMPTED)) if not asked.tuned else ("", rung)
    others = [entry for entry in CATALOGUE if entry.name != base]
    causal = [(f"{entry.name}{behind}", entry.shape) for entry in others if entry.shape is not None]
    for name, shape in reversed(causal):
        if (needed := _needed(shape, train, asked)) <= there:
            return f"no setting would make it fit; {name} would, with about {in_gb(needed)}"
    for name, shape in reversed(causal):
        if (fitting := _mildest(shape, train, asked, there=there)) is not None:
            return f"no setting would make it fit; {name} would, with {fitting}"
    return "no setting and no smaller base model would fit; free memory, or climb rungs that need none, such as tfidf"

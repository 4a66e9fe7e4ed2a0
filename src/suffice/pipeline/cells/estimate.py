"""About how long a rung would take, told before it is run; it decides nothing."""

from __future__ import annotations

import math

from suffice.base_models.catalogue import CATALOGUE, CatalogueEntry
from suffice.pipeline.cells.judge import MAX_TRAIN_JUDGED
from suffice.pipeline.rows.lengths import BYTES_PER_TOKEN, around, tokens_of_tools
from suffice.pipeline.rows.prepare import Prepared
from suffice.rungs.ladder import base_of, describe
from suffice.train.schedule import encoder_schedule, lora_schedule

TOKENS_PER_WORD = 1.4
"""English text under the catalogue's tokenizers."""
PROMPT_TOKENS = 4
"""What follows a message in the prompt."""
SUSTAINED_FLOP_PER_SECOND = 1.2e11
"""Of a two-core server while training small models: a tenth to a third of what its matrix multiplier can do."""
WRITING_FLOP_PER_SECOND = 5e10
"""Of the same while it writes: a step is one token of each row under way, and reads every weight for it."""
TREE_TOKENS_PER_LABEL = 1
"""Beginnings of names that a prompted model computes behind each message before it chooses one."""
CHEAP_SECONDS_PER_ROW = {"majority": 1e-6, "tfidf": 6e-3, "embed": 1.2e-2}


def estimated_minutes(rung: str, prepared: Prepared) -> float | None:
    """Minutes on two cores, good to about a factor of two; None for a base model of unknown size.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
    """
    train = prepared.task.train
    n = min(len(prepared.material.rows("train")), train.n_train or 10**12)
    if rung in CHEAP_SECONDS_PER_ROW:
        return n * CHEAP_SECONDS_PER_ROW[rung] / 60
    base = base_of(rung, train)
    known = next((entry for entry in CATALOGUE if entry.name == base), None)
    if known is None:
        return None
    if prepared.task.kind != "classify" and not describe(rung).trains:
        n_written = prepared.summary.split_counts["validation"]
        seconds = estimated_seconds_of_writing(rung, prepared, n=n_written, shots=train.shots)
        return None if seconds is None else seconds / 60
    if not describe(rung).trains:
        return _minutes_of_answering(known, prepared, n=n)
    causal = describe(rung).tunes_causal
    n = min(n, train.n_train_causal or n) if causal else n
    schedule = lora_schedule(n, train) if causal else encoder_schedule(n, train)
    is_labelled = prepared.task.kind == "classify"
    said = 0.0 if is_labelled else prepared.task.completion.max_tokens / 2
    words = prepared.summary.words_p50 + (_words_read(prepared) if causal else 0)
    tokens = n * (words * TOKENS_PER_WORD + PROMPT_TOKENS + tokens_of_tools(prepared) + said)
    if causal:
        parts = math.ceil(n / schedule.batch_size) * min(schedule.accumulation, schedule.batch_size)
        tokens += parts * _instruction_tokens(prepared)
    flop = known.n_body * tokens * (4 if causal else 6)
    variants = 2 if causal and is_labelled and train.label_output == "auto" else 1
    return variants * schedule.epochs * flop / SUSTAINED_FLOP_PER_SECOND / 60


def _minutes_of_answering(base: CatalogueEntry, prepared: Prepared, *, n: int) -> float:
    """Of a prompted model: nothing is fitted, and its figures are taken on validation and on its own training rows.

    Args:
        base: the model.
        prepared: the task and its rows.
        n: training rows.
    """
    n_answered = prepared.summary.split_counts["validation"] + min(n, MAX_TRAIN_JUDGED)
    shots = prepared.task.train.shots
    return _seconds_of_answering(base, prepared, n=n_answered, shots=shots, spells=True) / 60


def estimated_seconds_of_asking(rung: str, prepared: Prepared, *, n: int, shots: int) -> float | None:
    """Seconds on two cores for a language model to answer some messages; None for a base model of unknown size.

    Args:
        rung: as in `ladder`, tuned or prompted.
        prepared: the task and its rows.
        n: messages.
        shots: examples that it is shown.
    """
    base = base_of(rung, prepared.task.train)
    known = next((entry for entry in CATALOGUE if entry.name == base), None)
    if known is None:
        return None
    return _seconds_of_answering(known, prepared, n=n, shots=shots, spells=not describe(rung).trains)


def estimated_seconds_of_writing(
    rung: str, prepared: Prepared, *, n: int, shots: int, words_before: int | None = None
) -> float | None:
    """Seconds on two cores for a language model to write some answers; None for a base model of unknown size.

    Completions are taken to be as long as they may be: how long they are is not known before.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        n: questions.
        shots: examples that it is shown.
        words_before: that stand before each question; None for those of the knowledge that it ships with.
    """
    base = base_of(rung, prepared.task.train)
    known = next((entry for entry in CATALOGUE if entry.name == base), None)
    if known is None:
        return None
    words = prepared.summary.words_p50 + (_words_read(prepared) if words_before is None else words_before)
    message, most = words * TOKENS_PER_WORD + PROMPT_TOKENS, prepared.task.completion.max_tokens
    before = _instruction_tokens(prepared) + shots * (message + most / 2)
    message += tokens_of_tools(prepared)
    read = 2 * known.n_body * (before + n * message) / SUSTAINED_FLOP_PER_SECOND
    return read + 2 * known.n_body * n * most / WRITING_FLOP_PER_SECOND


def _words_read(prepared: Prepared) -> int:
    """Words of the knowledge before every question; 0 where it is only a switch."""
    spec = prepared.task.knowledge
    return spec.words if spec is not None and spec.use == "always" else 0


def _seconds_of_answering(base: CatalogueEntry, prepared: Prepared, *, n: int, shots: int, spells: bool) -> float:
    """Of `n` messages behind one prompt; where it spells names of labels, their beginnings come behind each."""
    message = prepared.summary.words_p50 * TOKENS_PER_WORD + PROMPT_TOKENS
    spelled = TREE_TOKENS_PER_LABEL * len(prepared.labels) if spells else 0
    tokens = _instruction_tokens(prepared) + shots * message + n * (message + spelled)
    return 2 * base.n_body * tokens / SUSTAINED_FLOP_PER_SECOND


def _instruction_tokens(prepared: Prepared) -> float:
    """Of what stands before a row: computed once for all rows of a part of a step."""
    before = around(prepared.task, prepared.labels).before
    return len(before.encode()) / BYTES_PER_TOKEN

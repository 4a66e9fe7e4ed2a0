"""A small language model tuned with LoRA to write what is right, trace and answer or calls, and to stop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from suffice.base_models import Causal, choose_precision, load_causal, locate, usable_device
from suffice.errors import Problem, TaskError
from suffice.predict.chat import prompt_ids
from suffice.predict.completer import shared_beginning
from suffice.predict.lora import LoraShape
from suffice.predict.scorer import Tokens
from suffice.predict.stopping import completion_ids
from suffice.predict.writer import CausalWriter
from suffice.records.progress import Progress
from suffice.records.task import Learned
from suffice.rungs.answering import AnswerData, AnswerSettings, AnyRow, without_gold
from suffice.rungs.commonest import require_questions
from suffice.rungs.gradient import Held, fit_rows
from suffice.rungs.interface import BaseReference
from suffice.rungs.speeches import speech_of
from suffice.rungs.written import SavedWritten, Written
from suffice.train.rows import CompletionRows
from suffice.train.schedule import lora_schedule

MAX_TOLD = 5
"""Questions that are named where some are too long."""


class WrittenByTuned(Written):
    """It was trained on completions: the trace, where a row has one and it is to be learned, and the answer, or the
    calls, in the form that is asked for.
    """

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> WrittenByTuned:
        """Trains the adapter, and keeps the epoch with the least loss on the rows kept for it.

        Raises:
            DataError: there is no row.
            ModelError: the base model cannot be found, or has no token to stop with.
            TaskError: a question and its answer do not fit the model's context together.
        """
        require_questions(data.questions)
        files, train, device = locate(base, progress=progress), settings.train, usable_device()
        lora = LoraShape(rank=train.rank, alpha=train.alpha, dropout=train.dropout, rank_stabilised=train.rslora)
        saved = SavedWritten(
            base=BaseReference(name=files.name, fingerprint=files.fingerprint),
            instruction=settings.instruction or speech_of(settings.answer).default_instruction(),
            examples=(),
            answer=settings.answer,
            precision=choose_precision(device=device),
            base_weights=train.base,
            lora=lora,
        )
        causal = load_causal(files, precision=saved.precision, device=device, weights=saved.base_weights)
        rows = _rows(data, causal, saved, target=train.target, easy_first=train.curriculum != "random")
        before = rows.prompts[0][: rows.n_shared]
        writer = CausalWriter(causal.model, before=before, lora=lora, keep_inputs_alone=train.gradient_checkpointing)
        seconds, training = fit_rows(
            writer,
            rows,
            held=Held(fit=data.fit_rows, tune=data.tune, folds=data.folds),
            schedule=lora_schedule(len(data.fit_rows), train),
            seed=settings.seed,
            checkpoints=checkpoints,
            progress=progress,
            what=base,
            device=device,
        )
        rung = cls(files, saved, adapter=writer.adapter())
        rung.train_seconds, rung.training = seconds, training
        return rung


def _rows(
    data: AnswerData, causal: Causal, saved: SavedWritten, *, target: Learned, easy_first: bool
) -> CompletionRows:
    """Prompts and completions; without a chat template a blank stands before the first word of a completion."""
    tokenizer, questions, speech = causal.tokenizer, data.questions, speech_of(saved.answer)
    asked = [speech.prompt(without_gold(row), told=saved.instruction, examples=saved.examples) for row in questions]
    prompts, said = prompt_ids(tokenizer, asked), [speech.said(row, target=target) for row in questions]
    if tokenizer.chat_template:
        said = [text.lstrip() for text in said]
    completions = completion_ids(causal.model, tokenizer, said)
    _require_room(questions, prompts, completions, context=causal.context)
    return CompletionRows(
        prompts=prompts,
        completions=completions,
        n_shared=len(shared_beginning(prompts)),
        difficulty=np.array([speech.n_steps(row) for row in questions], dtype=np.float64) if easy_first else None,
    )


def _require_room(
    questions: Sequence[AnyRow], prompts: Sequence[Tokens], completions: Sequence[Tokens], *, context: int
) -> None:
    """Refuses rows that would have to be shortened.

    Raises:
        TaskError: the first of them, by place, and how many there are.
    """
    lengths = [len(prompt) + len(said) for prompt, said in zip(prompts, completions, strict=True)]
    long = [(row, n) for row, n in zip(questions, lengths, strict=True) if n > context]
    if long:
        problems = [
            Problem(
                where=f"{row.source}: row {row.row}",
                rule=f"a question and its answer must fit the model's context of {context:,} tokens together",
                got=f"{n:,} tokens",
                fix="shorten the trace, take the row out, or choose a base model with a longer context",
            )
            for row, n in long[:MAX_TOLD]
        ]
        raise TaskError(problems, n_more=len(long) - len(problems))

"""Texts that are too long for a base model: counted for the audit, and under `too_long: error` told before a fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from suffice.dataset.requests import TOOLS
from suffice.errors import DataError, ModelError, Problem, SufficeError
from suffice.kinds import answer, tools
from suffice.kinds.classify import default_instruction, prompt
from suffice.kinds.prompts import Prompt
from suffice.records.labels import LabelSet
from suffice.records.lengths import NotCounted, TokenLengths
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.rungs.ladder import base_of

if TYPE_CHECKING:
    from suffice.base_models import BaseModelFiles
    from suffice.pipeline.rows.prepare import Prepared
    from suffice.predict.reading import Reading

_AT_ONCE = 10_000
BYTES_PER_TOKEN = 4
"""Of an instruction: four to five in English, three to four in names of labels, about four in schemas."""


def token_lengths(
    rungs: Sequence[str], texts: Sequence[str], *, task: Task, labels: LabelSet, progress: Progress
) -> tuple[TokenLengths | NotCounted, ...]:
    """Counts tokens with the tokenizers that are on this machine; nothing is fetched, and no weights are loaded.

    Args:
        rungs: as in `ladder`.
        texts: messages, length N.
        task: the task.
        labels: the K labels.
        progress: told of the count.

    Returns:
        One record for each base model that the rungs stand on.
    """
    return tuple(
        _counted(base, standing, texts, task=task, labels=labels, progress=progress)
        for base, standing in _bases(rungs, task).items()
    )


def require_whole_texts(rungs: Sequence[str], prepared: Prepared, *, progress: Progress) -> None:
    """Refuses texts that a rung would read a part of, where the task says that this is an error.

    Test rows are told by their place alone: who has seen a text of theirs has opened the test.

    Args:
        rungs: as in `ladder`; one whose base model is not to be had is passed over.
        prepared: the task and its rows.
        progress: told while base models are fetched.

    Raises:
        DataError: every such text, once for each rung.
    """
    if prepared.task.too_long != "error" or prepared.task.kind != "classify":
        return  # What a question leaves no room for is told by the rung that writes: nothing is shortened there.
    problems: list[Problem] = []
    for base, standing in _bases(rungs, prepared.task).items():
        places = list(_places_of_long_texts(base, prepared, progress=progress))
        problems += [_too_long(rung, place, prepared.task) for rung in standing for place in places]
    if problems:
        raise DataError(problems)


def _counted(
    base: str, rungs: Sequence[str], texts: Sequence[str], *, task: Task, labels: LabelSet, progress: Progress
) -> TokenLengths | NotCounted:
    from suffice.base_models import find_here  # noqa: PLC0415 - a ladder without base models never loads the room

    try:
        files = find_here(base)
        reading = None if files is None else reading_of(files, task, labels)
    except SufficeError as error:
        problem = error.problems[0]
        return NotCounted(base=base, why=f"{problem.rule}, and this is {problem.got}", fix=problem.fix)
    if reading is None:
        fix = f"bring it with `suffice models pull {base}`, and audit again"
        return NotCounted(base=base, why="it is not ready on this machine", fix=fix)
    with progress.step(f"counting tokens of {base}", total=len(texts)) as done:
        counts = _n_tokens(reading, texts, done=done)
    return TokenLengths(base=base, rungs=tuple(rungs), limit=reading.limit, most=reading.most, n_tokens=counts)


def _n_tokens(reading: Reading, texts: Sequence[str], *, done: Callable[[int], None]) -> NDArray[np.int64]:
    counts = np.empty(len(texts), dtype=np.int64)
    for first in range(0, len(texts), _AT_ONCE):
        some = texts[first : first + _AT_ONCE]
        counts[first : first + len(some)] = reading.n_tokens(some)
        done(len(some))
    return counts


def _bases(rungs: Sequence[str], task: Task) -> dict[str, list[str]]:
    """Each base model that the rungs stand on, and which do."""
    bases: dict[str, list[str]] = {}
    for rung in rungs:
        base = base_of(rung, task.train)
        if base is not None:
            bases.setdefault(base, []).append(rung)
    return bases


def reading_of(files: BaseModelFiles, task: Task, labels: LabelSet) -> Reading:
    """What a base model on this machine reads of a task's messages; its weights are not loaded.

    Args:
        files: of the base model.
        task: the task.
        labels: the K labels.

    Raises:
        ModelError: files that transformers cannot read.
        TaskError: the instruction leaves no room for a message.
    """
    from suffice.base_models import load_tokenizer  # noqa: PLC0415
    from suffice.predict.frame import Frame  # noqa: PLC0415
    from suffice.predict.reading import causal_reading, encoder_reading  # noqa: PLC0415

    reader = load_tokenizer(files)
    if files.kind == "encoder":
        return encoder_reading(reader.tokenizer, context=reader.context, context_tokens=task.context_tokens)
    frame = Frame(
        reader.tokenizer,
        around(task, labels),
        model_context=reader.context,
        context_tokens=task.context_tokens,
        too_long=task.too_long,
    )
    return causal_reading(frame)


def around(task: Task, labels: LabelSet) -> Prompt:
    """What stands around a message of a task whose answers are labels, and around a question of one whose are free;
    around a request without its tools, which each row has of its own.

    Args:
        task: the task.
        labels: the K labels.
    """
    if task.kind == "classify":
        return prompt(task.instruction or default_instruction(labels))
    if task.kind == "tools":
        return tools.frame((), told=task.instruction or tools.default_instruction(task.tools))
    return answer.prompt(task.instruction or answer.default_instruction(task.answer))


def tokens_of_tools(prepared: Prepared) -> float:
    """About how many tokens tell the tools of a row, the mean; 0 where rows have none.

    Args:
        prepared: the task and its rows.
    """
    if prepared.task.kind != "tools":
        return 0.0
    kept = [dict(row.columns or ()).get(TOOLS) or "" for row in prepared.material.data]
    return sum(len(cell.encode()) for cell in kept) / len(kept) / BYTES_PER_TOKEN


def _places_of_long_texts(base: str, prepared: Prepared, *, progress: Progress) -> Iterator[str]:
    from suffice.base_models import locate  # noqa: PLC0415

    try:
        reading = reading_of(locate(base, progress=progress), prepared.task, prepared.labels)
    except ModelError:
        return

    def is_long(texts: Sequence[str]) -> NDArray[np.bool_]:
        return np.asarray(_n_tokens(reading, texts, done=lambda n: None) > reading.limit, dtype=np.bool_)

    data = prepared.material.data
    rows = [(row.source, row.row) for row in data.take(np.flatnonzero(is_long(data.texts)))]
    rows += prepared.test.rows_where(is_long)
    assert prepared.source is not None, "a fit reads its rows from files"
    yield from prepared.source.places(rows).values()


def _too_long(rung: str, place: str, task: Task) -> Problem:
    fix = "shorten the text, or set too_long=head_tail (or head) to go on with part of it, flagged"
    rule = f"a text must fit what {rung} reads, at most {task.context_tokens:,} tokens"
    return Problem(where=place, rule=rule, got="a longer one", fix=fix)

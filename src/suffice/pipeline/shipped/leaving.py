"""What leaves: a bundle's training rows for tuning elsewhere, and an export held against its bundle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from suffice.bundles.folder import load_reader, verify
from suffice.errors import BundleError, Problem
from suffice.export import Parity, check_parity
from suffice.export.forms import tuned
from suffice.kinds import answer, tools
from suffice.kinds.calls.rows import gold_calls
from suffice.kinds.classify import chat
from suffice.kinds.prompts import ChatMessage
from suffice.pipeline.cells.finished import prepared_for
from suffice.pipeline.rows.free_rows import free_rows
from suffice.pipeline.rows.given import found_before
from suffice.pipeline.rows.prepare import Prepared
from suffice.pipeline.shipped.calibrate import fit_of
from suffice.records.answers import Question
from suffice.records.tool_calls import ToolRequest
from suffice.retrieval.reader import Reader
from suffice.rungs.answering import AnyRow
from suffice.rungs.causal import SavedCausal
from suffice.store import strict_json
from suffice.store.files import write_text
from suffice.text.normalise import is_empty


def parity_on_validation(bundle: Path, export: Path, *, out: Path | None, limit: int) -> Parity:
    """Asks both about validation messages.

    Args:
        bundle: what was exported.
        export: what `export_bundle` wrote.
        out: output folder of the fit that made the bundle; None where the bundle lies in it.
        limit: the most messages.

    Raises:
        BundleError: the export does not answer as the bundle does, or the rows of the fit are gone.
    """
    record = tuned(bundle)
    workspace = fit_of(bundle, out)
    material = prepared_for(record.run, workspace.runs / record.run.name).material
    saved = strict_json.read(bundle / "model" / "causal.json", SavedCausal)
    texts = [material.data.texts[row] for row in material.rows("validation")]
    # What does not fit is shortened by us alone; a token is a byte at least.
    room = saved.context_tokens - len(saved.after.encode())
    fits = [text for text in texts if not is_empty(text) and len(text.encode()) < room]
    return check_parity(bundle, export, fits[:limit])


def write_chats(bundle: Path, file: Path, *, out: Path | None) -> int:
    """The training rows of a bundle as chats, one JSON object a line: what OpenAI's fine-tuning takes.

    Args:
        bundle: a folder that fit wrote.
        file: where to.
        out: output folder of the fit that made the bundle; None where the bundle lies in it.

    Returns:
        How many.

    Raises:
        BundleError: the rows of the fit are gone, or the file is there already.
        StorageError: the file cannot be written.

    Source: OpenAI, API reference, Fine-tuning, chat format and its `tools`.
    """
    record = verify(bundle)
    if file.exists():
        rule, got = "an existing file is not overwritten", "one that somebody may have worked on"
        raise BundleError(Problem(where=str(file), rule=rule, got=got, fix="name another file, or move this one away"))
    prepared = prepared_for(record.run, fit_of(bundle, out).runs / record.run.name)
    if record.run.cell.kind == "classify":
        rows = _labelled(prepared)
    else:
        rows = (_called if record.run.cell.kind == "tools" else _answered)(prepared, load_reader(bundle))
    lines = [json.dumps(row) for row in rows]
    write_text(file, "".join(f"{line}\n" for line in lines))
    return len(lines)


def _labelled(prepared: Prepared) -> Iterator[dict[str, Any]]:
    material, labels, instruction = prepared.material, prepared.labels, prepared.task.instruction
    for row in material.rows("train"):
        told = chat(material.data.texts[row], instruction=instruction, labels=labels)
        yield _chat(told, labels.names[material.y[row]])


def _answered(prepared: Prepared, reader: Reader | None) -> Iterator[dict[str, Any]]:
    task = prepared.task
    for one in _train_rows(prepared, reader):
        assert isinstance(one, Question), "rows of kind answer are questions"
        told = answer.chat(one.given, instruction=task.instruction, spec=task.answer)
        yield _chat(told, answer.render_answer(one.gold, task.answer).strip())


def _train_rows(prepared: Prepared, reader: Reader | None) -> Sequence[AnyRow]:
    """Behind what is read before each, of a bundle that reads."""
    assert prepared.task.free is not None, "answers are free"
    rows = free_rows(prepared.material.data.take(prepared.material.rows("train")), prepared.task.free)
    return rows if reader is None else found_before(rows, reader)


def _called(prepared: Prepared, reader: Reader | None) -> Iterator[dict[str, Any]]:
    """With tools, and calls in the form in which the assistant makes them; without any where none is right."""
    for one in _train_rows(prepared, reader):
        assert isinstance(one, ToolRequest), "rows of kind tools are requests"
        told = tools.chat(one.example.messages, one.example.tools, instruction=prepared.task.instruction)
        calls = gold_calls(one.example.accepted) or ()
        said = tools.chat_answer(
            [replace(call, call_id=f"call_{number}") for number, call in enumerate(calls)],
            content="" if calls else tools.NOTHING_FITS,
        )
        yield {"messages": [*told.messages, said], "tools": list(told.tools)}


def _chat(told: Sequence[ChatMessage], said: str) -> dict[str, Any]:
    turns = [{"role": one.role, "content": one.content} for one in told]
    return {"messages": [*turns, {"role": "assistant", "content": said}]}

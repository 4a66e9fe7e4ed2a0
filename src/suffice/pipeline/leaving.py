"""What leaves: a bundle's training rows for tuning elsewhere, and an export held against its bundle."""

from __future__ import annotations

import json
from pathlib import Path

from suffice.bundles.folder import load_reader, verify
from suffice.dataset.questions import questions_of
from suffice.errors import BundleError, Problem
from suffice.export import Parity, check_parity
from suffice.export.forms import tuned
from suffice.kinds import answer
from suffice.kinds.classify import ChatMessage, chat
from suffice.pipeline.calibrate import fit_of
from suffice.pipeline.finished import prepared_for
from suffice.pipeline.given import read_before
from suffice.pipeline.prepare import Prepared
from suffice.retrieval.reader import Reader
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

    Source: OpenAI, API reference, Fine-tuning, chat format.
    """
    record = verify(bundle)
    if file.exists():
        rule, got = "an existing file is not overwritten", "one that somebody may have worked on"
        raise BundleError(Problem(where=str(file), rule=rule, got=got, fix="name another file, or move this one away"))
    prepared = prepared_for(record.run, fit_of(bundle, out).runs / record.run.name)
    chats = _labelled(prepared) if record.run.cell.kind == "classify" else _answered(prepared, load_reader(bundle))
    lines = [
        json.dumps({"messages": [*({"role": m.role, "content": m.content} for m in told), said]})
        for told, said in ((told, {"role": "assistant", "content": said}) for told, said in chats)
    ]
    write_text(file, "".join(f"{line}\n" for line in lines))
    return len(lines)


def _labelled(prepared: Prepared) -> list[tuple[tuple[ChatMessage, ...], str]]:
    material, labels, instruction = prepared.material, prepared.labels, prepared.task.instruction
    return [
        (chat(material.data.texts[row], instruction=instruction, labels=labels), labels.names[material.y[row]])
        for row in material.rows("train")
    ]


def _answered(prepared: Prepared, reader: Reader | None) -> list[tuple[tuple[ChatMessage, ...], str]]:
    questions, task = questions_of(prepared.material.data.take(prepared.material.rows("train"))), prepared.task
    if reader is not None:
        questions = read_before(questions, [read.text for read in reader.found([one.text for one in questions])])
    return [
        (
            answer.chat(one.given, instruction=task.instruction, spec=task.answer),
            answer.render_answer(one.gold, task.answer).strip(),
        )
        for one in questions
    ]

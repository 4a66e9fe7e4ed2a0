"""The demonstration: real messages in eleven categories, from an empty folder to a verdict."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from suffice.dataset import open_source
from suffice.errors import SufficeError
from suffice.records.progress import Progress
from suffice.records.task import DataSpec, TargetSpec, Task, TrainSpec
from suffice.store.files import replacing, storage_errors
from suffice.store.task_file import task_yaml

RUNGS = ("majority", "tfidf", "embed", "smollm2-135m")
N_TRAIN_CAUSAL, EPOCHS = 800, 4
"""The demonstration is to end in minutes: fewer epochs than a fit of its own would take, and no label head."""
MINUTES = 6.0
"""After which no further cell starts: what is looked at last, settings of the language model, may go on for long."""
N_LABELS = 11
THREE_MESSAGES = (
    "hi, i paid twice for the same thing and only want one of them back",
    "how do I make it work with my phone?",
    "Nothing has arrived so far. Could you tell me what is going on?",
)
"""Messages that neither set has, classified at the end."""
BANKING77 = Path("banking77") / "banking77.jsonl"
"""Where SUFFICE_DATA has it. Source: Casanueva et al. 2020, Efficient Intent Detection with Dual Sentence Encoders."""
BANKING77_HUB = "mteb/banking77"


@dataclass(frozen=True, kw_only=True, slots=True)
class Demonstration:
    """A task ready to be fitted."""

    task: Task
    folder: Path
    """What its paths are relative to."""
    messages: str
    """Where they come from, for the person."""
    planted: bool
    """Whether they have faults that were planted, so that what the audit finds of them can be told."""


def demonstration(folder: Path, *, progress: Progress) -> Demonstration:
    """Puts messages and a task file into a folder: eleven labels of Banking77 where they can be had, or our own set.

    Args:
        folder: made when it is missing.
        progress: told of every step.

    Raises:
        StorageError: the folder cannot be written.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    found = _banking77(folder, progress=progress) or _own(folder)
    with replacing(folder / "task.yaml") as part:
        part.write_text(task_yaml(found.task), encoding="utf-8")
    return found


def _banking77(folder: Path, *, progress: Progress) -> Demonstration | None:
    local = Path(os.environ.get("SUFFICE_DATA", "")) / BANKING77
    spec = DataSpec(path=str(local.resolve())) if local.is_file() else DataSpec(path=BANKING77_HUB, label="label_text")
    try:
        rows = [
            (row["text"], row["label"], row["split"])
            for batch in open_source(spec, folder=folder, progress=progress).batches()
            for row in batch.to_pylist()
        ]
    except SufficeError as error:
        progress.say(
            f"Banking77 is not to be had here, the set that ships with suffice is used: {error.problems[0].got}"
        )
        return None
    kept = sorted({label for _, label, _ in rows})[:N_LABELS]
    with replacing(folder / "messages.jsonl") as part, part.open("w", encoding="utf-8") as out:
        for text, label, split in rows:
            if label in kept:
                out.write(json.dumps({"text": text, "label": label, "split": split}, ensure_ascii=False) + "\n")
    task = _task("banking-demo", DataSpec(path="messages.jsonl"), at_least=0.95)
    return Demonstration(
        task=task, folder=folder, messages=f"{N_LABELS} labels of Banking77 ({spec.path})", planted=False
    )


def _own(folder: Path) -> Demonstration:
    with as_file(files("suffice.demo") / "messages.csv") as source, replacing(folder / "messages.csv") as part:
        shutil.copyfile(source, part)
    task = _task("shop-demo", DataSpec(path="messages.csv", id="id"), at_least=0.85)
    return Demonstration(task=task, folder=folder, messages="the 660 messages that ship with suffice", planted=True)


def _task(name: str, data: DataSpec, *, at_least: float) -> Task:
    return Task(
        name=name,
        data=data,
        target=TargetSpec(at_least=at_least),
        ladder=RUNGS,
        train=TrainSpec(n_train_causal=N_TRAIN_CAUSAL, epochs=EPOCHS, label_output="tokens"),
    )

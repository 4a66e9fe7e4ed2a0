"""The audit of answers and calls: no model is asked, and no version of the data is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from suffice.audit import Audited, audit
from suffice.audit.completions import ANSWER_CHECKS, CALL_CHECKS, AnswerRows, CallRows, held
from suffice.audit.places import Places
from suffice.errors import Problem, quoted
from suffice.kinds.answer import render_answer
from suffice.pipeline.rows.asked_rows import placed_as_read, questions_of, requests_of
from suffice.pipeline.rows.knowledge import knowledge_files
from suffice.pipeline.rows.placed import Placed
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Question
from suffice.records.completion_audit import AskedSummary, KnowledgeRead
from suffice.records.evidence import NoEvidence
from suffice.records.finding import Audit
from suffice.records.knowledge import Knowledge, Passage
from suffice.records.labels import OUTCOMES
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.records.tool_calls import ToolRequest
from suffice.report import write_completion_audit
from suffice.rungs.answering import AnyRow
from suffice.text.kind_words import ANSWERED

NO_LABELS = NoEvidence(why="these rows have no labels, and models are asked about labels alone")
"""What models say of rows whose answers are no labels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionAudit:
    """An audit and what it was held on."""

    audit: Audit
    """What was found."""
    data: AskedSummary
    """The rows at a glance."""
    knowledge: KnowledgeRead | None = None
    """What was read of the task's documents; None where it has none."""


def audit_asked(task: Task, *, folder: Path, page: Path, progress: Progress) -> CompletionAudit:
    """Audits the rows of a task and writes the page.

    Args:
        task: a task whose kind is `answer` or `tools`.
        folder: the task file's folder, which its paths are relative to.
        page: the HTML file.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once; or knowledge of which nothing can be read.
        TaskError: `audit.allow` has a code that no check has.
        StorageError: the page cannot be written.
    """
    read = requests_of if task.kind == "tools" else questions_of
    rows: Sequence[AnyRow] = read(task, folder=folder, progress=progress)
    placed = placed_as_read(rows, name=task.name, seed=task.split.seed, progress=progress)
    knowledge = None if task.knowledge is None else knowledge_files(task.knowledge, folder=folder, progress=progress)
    passages = () if knowledge is None else knowledge.passages
    found = CompletionAudit(
        audit=audit_of_free(task, placed, rows, passages=passages, progress=progress),
        data=AskedSummary(
            kind=task.kind,
            sources=tuple(dict.fromkeys(row.source for row in rows)),
            n_rows=len(rows),
            n_groups=len(np.unique(placed.splits.groups)),
            n_with={words: n for words, n in _n_with(rows).items() if n},
            split_counts=dict(Counter(row.split for row in rows if row.split is not None)),
        ),
        knowledge=None if knowledge is None else _read(knowledge, rows),
    )
    write_completion_audit(task.name, found.data, found.audit, knowledge=found.knowledge, path=page)
    return found


def audit_of_free(
    task: Task, placed: Placed, rows: Sequence[AnyRow], *, passages: Sequence[Passage], progress: Progress
) -> Audit:
    """What the texts of all rows and their splits show, and right answers with their traces, or right calls.

    No model is asked, since there is no label to speak of.

    Args:
        task: a task whose kind is `answer` or `tools`.
        placed: all rows of it, each in its group and split.
        rows: those of them whose right answers or calls are looked at: a fit leaves those of the test out.
        passages: of the task's knowledge, that may be read before a question.
        progress: told of the step.

    Raises:
        TaskError: `audit.allow` has a code that no check has.
    """
    audited = Audited.of(
        *(placed.data, placed.splits, OUTCOMES),
        kind=task.kind,
        copies=placed.copies,
        declared=True,
        evidence=NO_LABELS,
    )
    found = audit(audited, allow=task.audit.allow)
    knowledge = "\n".join(passage.searched for passage in passages)
    places = Places(
        name=placed.data.name,
        ids=[row.id for row in rows],
        sources=[row.source for row in rows],
        numbers=[row.row for row in rows],
    )
    with progress.step(f"checking {ANSWERED[task.kind]}s", total=len(rows)):
        told = (
            held(CALL_CHECKS, _call_rows(rows, knowledge), places)
            if task.kind == "tools"
            else held(ANSWER_CHECKS, _answer_rows(rows, task.answer, knowledge), places)
        )
    return replace(
        found,
        findings=(*found.findings, *told.findings),
        not_applicable=(*found.not_applicable, *told.not_applicable),
    )


def _answer_rows(rows: Sequence[AnyRow], spec: AnswerSpec, knowledge: str) -> AnswerRows:
    questions = [row for row in rows if isinstance(row, Question)]
    return AnswerRows(
        questions=tuple(one.text for one in questions),
        contexts=tuple(one.context for one in questions),
        traces=tuple(one.gold.trace for one in questions),
        answers=tuple(one.gold.answer for one in questions),
        completions=tuple(one.written or render_answer(one.gold, spec) for one in questions),
        spec=spec,
        knowledge=knowledge,
    )


def _call_rows(rows: Sequence[AnyRow], knowledge: str) -> CallRows:
    requests = [row for row in rows if isinstance(row, ToolRequest)]
    return CallRows(
        questions=tuple(one.text for one in requests),
        examples=tuple(one.example for one in requests),
        knowledge=knowledge,
    )


def _n_with(rows: Sequence[AnyRow]) -> dict[str, int]:
    """What rows have, in words, and how many have it."""
    questions = [row for row in rows if isinstance(row, Question)]
    requests = [row for row in rows if isinstance(row, ToolRequest)]
    return {
        "a trace": sum(one.gold.trace is not None for one in questions),
        "a context": sum(one.context is not None for one in questions),
        "a right call": sum(bool(one.example.accepted) for one in requests),
        "several right calls": sum(len(one.example.accepted) > 1 for one in requests),
        "gold links": sum(bool(one.links) for one in rows),
    }


def _read(knowledge: Knowledge, rows: Sequence[AnyRow]) -> KnowledgeRead:
    """What was read, and whose gold links name nothing in it."""
    there = frozenset(name for passage in knowledge.passages for name in passage.names)
    lost = [one for one in rows if one.links and there.isdisjoint(one.links)]
    fix = "link to a file, to the id of a passage, or to the id of a row of a JSONL file"
    return KnowledgeRead(
        n_files=len(knowledge.files),
        n_passages=len(knowledge.passages),
        problems=(
            *knowledge.skipped,
            *(
                Problem(
                    where=f"{one.source}: row {one.row + 1}",
                    rule="gold links must name something in the knowledge",
                    got=quoted(", ".join(one.links)),
                    fix=fix,
                )
                for one in lost
            ),
        ),
    )

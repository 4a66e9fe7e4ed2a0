"""The audit of answers and calls: no model is asked, and no version of the data is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.audit.completions import ANSWER_CHECKS, CALL_CHECKS, AnswerRows, CallRows, held
from suffice.audit.places import Places
from suffice.dataset.completions import Asked
from suffice.errors import Problem, quoted
from suffice.kinds.answer import render_answer
from suffice.pipeline.rows.asked_rows import groups_of, questions_of, requests_of
from suffice.pipeline.rows.knowledge import knowledge_files
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Question
from suffice.records.completion_audit import AskedSummary, KnowledgeRead
from suffice.records.finding import Audit
from suffice.records.knowledge import Knowledge, Passage
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.records.tool_calls import ToolRequest
from suffice.report import write_completion_audit


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
        StorageError: the page cannot be written.
    """
    found = _of_calls(task, folder, progress) if task.kind == "tools" else _of_answers(task, folder, progress)
    write_completion_audit(task.name, found.data, found.audit, knowledge=found.knowledge, path=page)
    return found


def audit_of_answers(
    questions: Sequence[Question], *, spec: AnswerSpec, name: str, passages: Sequence[Passage], progress: Progress
) -> Audit:
    """Holds right answers and their traces against every check of them.

    Args:
        questions: the rows.
        spec: what an answer is and how it is asked for.
        name: of the rows as a whole, as findings tell it.
        passages: of the task's knowledge, that may be read before a question.
        progress: told of the step.
    """
    rows = AnswerRows(
        questions=tuple(one.text for one in questions),
        contexts=tuple(one.context for one in questions),
        traces=tuple(one.gold.trace for one in questions),
        answers=tuple(one.gold.answer for one in questions),
        completions=tuple(one.written or render_answer(one.gold, spec) for one in questions),
        spec=spec,
        knowledge="\n".join(passage.searched for passage in passages),
    )
    with progress.step("checking answers", total=len(questions)):
        return held(ANSWER_CHECKS, rows, _places(name, questions))


def audit_of_calls(requests: Sequence[ToolRequest], *, name: str, progress: Progress) -> Audit:
    """Holds right calls against every check of them.

    Args:
        requests: the rows.
        name: of the rows as a whole, as findings tell it.
        progress: told of the step.
    """
    rows = CallRows(questions=tuple(one.text for one in requests), examples=tuple(one.example for one in requests))
    with progress.step("checking calls", total=len(requests)):
        return held(CALL_CHECKS, rows, _places(name, requests))


def _of_answers(task: Task, folder: Path, progress: Progress) -> CompletionAudit:
    questions = questions_of(task, folder=folder, progress=progress)
    n_with = {
        "a trace": sum(one.gold.trace is not None for one in questions),
        "a context": sum(one.context is not None for one in questions),
        "gold links": sum(bool(one.links) for one in questions),
    }
    knowledge = None if task.knowledge is None else knowledge_files(task.knowledge, folder=folder, progress=progress)
    passages = () if knowledge is None else knowledge.passages
    audit = audit_of_answers(questions, spec=task.answer, name=task.name, passages=passages, progress=progress)
    return CompletionAudit(
        audit=audit,
        data=_summary(task, questions, n_with, progress),
        knowledge=None if knowledge is None else _read(knowledge, questions),
    )


def _read(knowledge: Knowledge, rows: Sequence[Question] | Sequence[ToolRequest]) -> KnowledgeRead:
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


def _of_calls(task: Task, folder: Path, progress: Progress) -> CompletionAudit:
    requests = requests_of(task, folder=folder, progress=progress)
    n_with = {
        "a right call": sum(bool(one.example.accepted) for one in requests),
        "several right calls": sum(len(one.example.accepted) > 1 for one in requests),
        "gold links": sum(bool(one.links) for one in requests),
    }
    knowledge = None if task.knowledge is None else knowledge_files(task.knowledge, folder=folder, progress=progress)
    audit = audit_of_calls(requests, name=task.name, progress=progress)
    return CompletionAudit(
        audit=audit,
        data=_summary(task, requests, n_with, progress),
        knowledge=None if knowledge is None else _read(knowledge, requests),
    )


def _places(name: str, rows: Sequence[Asked]) -> Places:
    return Places(
        name=name,
        ids=[row.id for row in rows],
        sources=[row.source for row in rows],
        numbers=[row.row for row in rows],
    )


def _summary(task: Task, rows: Sequence[Asked], n_with: dict[str, int], progress: Progress) -> AskedSummary:
    return AskedSummary(
        kind=task.kind,
        sources=tuple(dict.fromkeys(row.source for row in rows)),
        n_rows=len(rows),
        n_groups=len(set(groups_of(rows, progress=progress).tolist())),
        n_with={words: n for words, n in n_with.items() if n},
        split_counts=dict(Counter(row.split for row in rows if row.split is not None)),
    )

"""`suffice audit TASK`: what is wrong with the data, and what to do about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suffice.cli.next_step import commands_after
from suffice.cli.options import Decisions, Json, Out, Overrides, TaskFile, decisions_file, must_be_absent, out_folder

if TYPE_CHECKING:
    from suffice.pipeline.labels.audit import AuditOutcome
    from suffice.records.finding import Audit
    from suffice.records.learnability import Learnability, Reach
    from suffice.records.task import Task
    from suffice.report import Told

SEVERITIES = {"stop": "stops a fit", "warn": "warnings", "note": "notes"}


def run(
    task: TaskFile,
    overrides: Overrides = None,
    ranking: Annotated[
        Path | None,
        typer.Option(
            help="Write every training and validation row there, the most suspect label first, as JSON Lines."
        ),
    ] = None,
    also_test: Annotated[
        bool,
        typer.Option(
            "--also-test", help="Rank calibration and test rows too, which spends the test: it proves nothing after."
        ),
    ] = False,
    decisions: Decisions = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Find what is wrong with the data, and say what to do about it."""
    from suffice.cli.output import print_json, tell_problems
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.labels.audit import audit_task, require_ranking_place, write_ranking
    from suffice.store.task_file import load_task

    loaded = load_task(task, overrides=list(overrides or []), kinds=("classify", "answer", "tools"))
    folder = out_folder(out, task, loaded.name)
    commands = commands_after("audit", task, overrides, out=out, decisions=decisions)
    if loaded.kind != "classify":
        given = {"--ranking": ranking, "--also-test": also_test, "--decisions": decisions}
        must_be_absent(given, because=f"it is for labels, and the task's kind is {loaded.kind}")
        _asked(loaded, task, folder / "audit.html", command=commands["fit"], as_json=as_json)
        return
    if ranking is not None:
        require_ranking_place(ranking)
    outcome = audit_task(
        loaded,
        commands=commands,
        decisions=decisions_file(decisions, task, must_be_there=True),
        folder=task.parent,
        out=folder,
        also_test=also_test,
        progress=progress_for_person(),
    )
    tell_problems(outcome.problems)
    if ranking is not None:
        write_ranking(outcome, ranking)
    if as_json:
        print_json(_document(outcome, page=folder / "audit.html"))
    else:
        _print(outcome, page=folder / "audit.html", ranking=ranking)


def _asked(task: Task, file: Path, page: Path, *, command: str, as_json: bool) -> None:
    """The audit of answers or calls."""
    from suffice.cli.output import print_json, say, tell_problems
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.labels.completion_audit import audit_asked
    from suffice.report import asked_sentence, found_sentence
    from suffice.store.strict_json import plain
    from suffice.text.counted import counted

    found = audit_asked(task, folder=file.parent, page=page, progress=progress_for_person())
    if found.knowledge is not None:
        tell_problems(found.knowledge.problems)
    if as_json:
        unchecked = [{"code": check.code, "why": check.why} for check in found.audit.not_applicable]
        print_json(
            {
                "n_examples": found.data.n_rows,
                "findings": _findings_document(found.audit),
                "not_applicable": unchecked,
                "knowledge": None if found.knowledge is None else plain(found.knowledge),
                "report": str(page),
            }
        )
        return
    say(found_sentence(asked_sentence(found.data), found.audit))
    if found.knowledge is not None:
        say(
            f"knowledge: {counted(found.knowledge.n_passages, 'passage')} of {counted(found.knowledge.n_files, 'file')}"
        )
    _print_findings(found.audit)
    # Printed as they are: what is wrapped can be neither clicked nor copied.
    print(f"\nreport: {page}")
    say("from here to a model:")
    print(f"  {command}")


def _findings_document(audit: Audit) -> list[dict[str, Any]]:
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "rows": list(finding.rows),
            "score": finding.score,
            "message": finding.message,
            "fix": finding.fix,
        }
        for finding in audit.findings
    ]


def _document(outcome: AuditOutcome, *, page: Path) -> dict[str, Any]:
    audit = outcome.audit
    return {
        "n_examples": outcome.data.n_rows,
        "labels": outcome.data.label_counts,
        "findings": _findings_document(audit),
        "learnability": {} if audit.learnability is None else _learnability(audit.learnability),
        "not_applicable": [{"code": check.code, "why": check.why} for check in audit.not_applicable],
        "version": outcome.data.version,
        "report": str(page),
    }


def _learnability(learned: Learnability) -> dict[str, Any]:
    doubled = learned.last_doubling_interval
    return {
        "n": learned.n,
        "chance": learned.chance,
        "majority": learned.majority,
        "rungs": [_reach(reach) for reach in learned.rungs],
        "curve": [_reach(reach) for reach in learned.curve],
        "last_doubling": learned.last_doubling,
        "last_doubling_interval": None if doubled is None else [doubled.low, doubled.high],
        "more_rows": learned.more_rows,
        "per_label": {
            reach.label: {
                "n": reach.n,
                "recall": reach.recall,
                "interval": [reach.interval.low, reach.interval.high],
                "recall_of_half": reach.recall_of_half,
            }
            for reach in learned.per_label
        },
    }


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "rung": reach.rung,
        "n_train": reach.n_train,
        "accuracy": reach.accuracy,
        "interval": [reach.interval.low, reach.interval.high],
    }


def _print(outcome: AuditOutcome, *, page: Path, ranking: Path | None) -> None:
    from suffice.cli.output import say
    from suffice.report import audit_sentence, learnability_sentence

    audit, data = outcome.audit, outcome.data
    say(audit_sentence(data, audit))
    say(", ".join(f"{name} {n:,}" for name, n in data.split_counts.items() if n) + f"; data version {data.version}")
    if audit.learnability is not None:
        say(learnability_sentence(audit.learnability))
    _print_findings(audit)
    # Printed as they are: what is wrapped can be neither clicked nor copied.
    print(f"\nreport: {page}")
    if ranking is not None:
        print(f"ranking: {ranking}")
    stopped = any(one.severity == "stop" and one.code not in audit.allowed for one in audit.findings)
    first = "mend first what stops a fit, in the source or with audit.allow; then" if stopped else "from here"
    say(f"{first} to a model on cleaned data, one after the other:")
    for command in outcome.commands:
        print(f"  {command}")


def _print_findings(audit: Audit) -> None:
    from suffice.cli.output import say
    from suffice.report import told

    codes = told(audit.findings)
    for severity, title in SEVERITIES.items():
        found = [one for one in codes if one.severity == severity]
        if found:
            say(f"\n{title}")
        for one in found:
            _print_code(one, allowed=severity == "stop" and one.code in audit.allowed)
    _print_unchecked(audit)


def _print_code(one: Told, *, allowed: bool) -> None:
    from suffice.cli.output import say_item

    unlike = {re.sub(r"\d[\d,.]*", "", finding.message): finding.message for finding in reversed(one.first)}
    first, *others = reversed(unlike.values())
    n_more = one.n_findings - len(unlike)
    more = [*others, *([f"and {n_more:,} more like {'this' if len(unlike) == 1 else 'these'}"] if n_more else [])]
    fixes = [f"fix{', of some' if len(one.fixes) > 1 else ''}: {fix}" for fix in one.fixes]
    say_item(f"{one.code}{' (allowed)' if allowed else ''}: {first}", *more, *fixes)


def _print_unchecked(audit: Audit) -> None:
    from suffice.cli.output import say, say_item

    if audit.not_applicable:
        say("\nnot checked, and so not to be read as clear")
    for check in audit.not_applicable:
        say_item(f"{check.code}: {check.why}")

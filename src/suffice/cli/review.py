"""`suffice review TASK`: rows one after the other, one key each; decisions are on disk at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from suffice.cli.next_step import commands_after
from suffice.cli.options import Decisions, Json, Out, Overrides, TaskFile, decisions_file, out_folder

if TYPE_CHECKING:
    from rich.console import Console

    from suffice.pipeline.labels.review import Review, ReviewSummary
    from suffice.records.decision import Action
    from suffice.review.card import Card

ACTIONS: dict[str, Action] = {"k": "keep", "a": "ambiguous", "d": "drop"}
HELP = """\
k  keep       the label is right
s  suggested  the label that the models suggest is right
l  label      another label is right: type its start, Enter takes it when it is
              the only one left, Tab completes, Esc goes back
a  ambiguous  people would not agree on a label
d  drop       the message does not belong in the data
u  undo       take your last decision back, and look at its row again
q  quit       every decision is on disk; the same command goes on where you were
Where input is no terminal, each line is one answer: k, or: l refund"""


class Answer(NamedTuple):
    """What was typed."""

    key: str
    """One key, or the first word of a line."""
    rest: str
    """The start of a label, for `l`."""


def run(
    task: TaskFile,
    overrides: Overrides = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of the queue.")] = 300,
    fix_first: Annotated[
        bool,
        typer.Option("--fix-first", help="Most suspicious first and nothing else: repairs most, estimates nothing."),
    ] = False,
    also_test: Annotated[
        bool, typer.Option("--also-test", help="Test rows too, which spends the test: it proves nothing afterwards.")
    ] = False,
    validation: Annotated[
        bool,
        typer.Option("--validation", help="Validation rows alone: what the labels let any model reach, soonest."),
    ] = False,
    row: Annotated[
        list[str] | None,
        typer.Option("--row", help="This row, by its id, and no queue; also what you have decided about; repeatable."),
    ] = None,
    who: Annotated[str | None, typer.Option(help="Your name; by default git's, or the system's.")] = None,
    decisions: Decisions = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Look at the rows whose labels are likeliest wrong, and some at random; decide with one key each."""
    from rich.console import Console

    from suffice.cli.output import print_json, tell_problems
    from suffice.cli.progress import progress_for_person
    from suffice.errors import Problem, TaskError
    from suffice.pipeline.labels.review import ReviewOptions, begin_review
    from suffice.store.task_file import load_task

    loaded = load_task(task, overrides=overrides or ())
    if fix_first and also_test:
        rule, fix = "shows no row that models are judged by", "leave out one of the two"
        raise TaskError(Problem(where="--fix-first", rule=rule, got="--also-test beside it", fix=fix))
    if validation and (fix_first or also_test or row):
        rule, got = "shows validation rows and no others", "--fix-first, --also-test or --row beside it"
        raise TaskError(Problem(where="--validation", rule=rule, got=got, fix="leave out one of the two"))
    if fix_first and row:
        rule, fix = "orders a queue, and rows that are named have none", "leave out one of the two"
        raise TaskError(Problem(where="--fix-first", rule=rule, got="--row beside it", fix=fix))
    options = ReviewOptions(
        who=who or _own_name(),
        decisions=decisions_file(decisions, task, must_be_there=False),
        limit=limit,
        fix_first=fix_first,
        also_test=also_test,
        validation=validation,
        rows=tuple(row or ()),
    )
    folder, progress = out_folder(out, task, loaded.name), progress_for_person()
    review = begin_review(loaded, options, folder=task.parent, out=folder, progress=progress)
    told = review.problems
    tell_problems(told)
    _ask_all(review, Console(stderr=as_json, highlight=False))
    tell_problems([problem for problem in review.problems if problem not in told])
    if as_json:
        print_json(_document(review.summary()))
    else:
        command = commands_after("review", task, overrides, out=out, decisions=decisions)["clean"]
        _print(review.summary(), fix_first=fix_first, command=command)


def _own_name() -> str:
    import getpass
    import subprocess

    try:
        said = subprocess.run(
            ["git", "config", "user.name"], capture_output=True, text=True, check=False
        ).stdout.strip()
    except OSError:
        said = ""
    return said or getpass.getuser()


def _ask_all(review: Review, console: Console) -> None:
    """Shows rows until there are none left, or the person has seen enough."""
    from suffice.cli.card import print_card

    ask = _key if sys.stdin.isatty() else _line
    while (card := review.card()) is not None:
        print_card(console, card)
        while (answer := ask(console)) is not None and not _done(answer, card, review, console):
            pass
        if answer is None:
            return


def _done(answer: Answer, card: Card, review: Review, console: Console) -> bool:
    """Acts on an answer; False where the same row is asked again."""
    from suffice.cli.ask_label import ask_label

    key, rest = answer
    if key == "u" and not rest:
        undone = review.undo()
        if undone is None:
            return _again(console, "there is no decision of yours to take back")
        console.print(f"taken back: {undone.action}, row {undone.row} of {undone.source}", markup=False)
        return True
    label = card.suggested if key == "s" and not rest else None
    if key == "l":
        label = ask_label(rest, review.labels.names, console)
        if label is None:
            return False
    if label is not None:
        review.decide(card, "relabel", label)
    elif key in ACTIONS and not rest:
        review.decide(card, ACTIONS[key])
    else:
        return _again(
            console, HELP if key == "?" else f"{' '.join(answer).strip()!r} is no answer here; ? tells the keys"
        )
    console.print(f"{'keep' if label == card.label else label or ACTIONS[key]}", style="green", markup=False)
    return True


def _again(console: Console, text: str) -> bool:
    console.print(text, markup=False)
    return False


def _key(console: Console) -> Answer | None:
    """One key, and what was typed with it; None at the end. What was typed before the row was there decides nothing."""
    try:
        typed = typer.getchar()
    except EOFError:
        return None
    key, rest = typed[0], typed[1:].strip()
    return None if typed == "q" else Answer(key, rest) if key.isprintable() else Answer("that key", "")


def _line(console: Console) -> Answer | None:
    """One line of a pipe or file; None at the end."""
    line = sys.stdin.readline()
    key, _, rest = line.strip().partition(" ")
    return None if not line or key == "q" else Answer(key, rest.strip())


def _document(summary: ReviewSummary) -> dict[str, Any]:
    from suffice.store.strict_json import plain

    document: dict[str, Any] = plain(summary)
    return document


def _print(summary: ReviewSummary, *, fix_first: bool, command: str) -> None:
    from suffice.cli.output import say
    from suffice.text.counted import counted

    actions = ", ".join(f"{n:,} {action}" for action, n in summary.actions.items())
    say(f"{summary.who} has decided {summary.n_decided:,} of {summary.total:,} rows{f': {actions}' if actions else ''}")
    for split, found in summary.estimates.items():
        say(
            f"{split}: about {found.estimate:,.0f} of {found.n_rows:,} labels are wrong in the data as read "
            f"({found.confidence:.0%} interval {found.low:,.0f} to {found.high:,.0f}), by "
            f"{counted(found.n_seen, 'row')} looked at"
        )
        if summary.cleaned is not None:
            say(f"of {found.n_found:,} found {summary.put_right[split]:,} are put right in {summary.cleaned}")
    if summary.estimates and summary.actions.keys() & {"ambiguous", "drop"}:
        say("a label counts as wrong where it was given another; ambiguous and dropped rows do not count")
    if summary.estimates and summary.n_unsettled:
        rows = counted(summary.n_unsettled, "row")
        say(f"{rows} that people disagree about stand in no estimate, which is too low while they are not settled")
    if fix_first:
        say("no estimate: --fix-first draws no rows at random")
    elif "train" not in summary.estimates:
        say("no estimate yet: too few rows of every kind have been looked at")
    # Printed as they are: a path that is wrapped can be neither clicked nor copied.
    print(f"decisions: {summary.decisions}")
    print(f"next: {command}")

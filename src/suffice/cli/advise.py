"""`suffice advise TASK`: what to expect of a task before anything is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suffice.cli.next_step import commands_after
from suffice.cli.options import Json, Out, Overrides, TaskFile, out_folder

if TYPE_CHECKING:
    from suffice.records.advice import Advice, RungAdvice


def run(task: TaskFile, overrides: Overrides = None, out: Out = None, as_json: Json = False) -> None:
    """Say what to expect of every rung before anything is trained, and what its rows can prove."""
    from suffice.cli.output import print_json
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.advise import advise_task
    from suffice.store.strict_json import plain
    from suffice.store.task_file import load_task

    loaded = load_task(task, overrides=list(overrides or []))
    folder = out_folder(out, task, loaded.name)
    advice = advise_task(loaded, folder=task.parent, out=folder, progress=progress_for_person())
    command = commands_after("clean", task, overrides, out=out)["fit"]
    if as_json:
        print_json(plain(advice) | {"next": command})
    else:
        _print(advice, command=command)


def _print(advice: Advice, *, command: str) -> None:
    from suffice.cli.output import print_table, say, say_item

    say(f"{advice.task}, before anything is trained: a prior belief comes from other sets of messages, not from these")
    for sentence in advice.facts:
        say_item(sentence)
    print_table(("rung", "accuracy", "basis", "target", "minutes"), [_row(one) for one in advice.rungs])
    for one in advice.rungs:
        say_item(f"{one.rung}, {one.basis}: {one.because}")
    say(f"try first: {advice.first}")
    say("what the held-out rows can prove:")
    for sentence in advice.plan:
        say_item(sentence)
    say("sizes of language models in general, a prior belief:")
    for one_size in advice.sizes:
        say_item(f"{one_size.size}: good for {one_size.good}; poor at {one_size.poor}")
    say(f"that is {advice.sizes_source}.")
    # Printed as it is: a command that is wrapped cannot be copied.
    print(f"next: {command}")


def _row(one: RungAdvice) -> tuple[str, ...]:
    from suffice.text.rounding import fraction

    low, high = f"{one.low:.2f}", f"{one.high:.2f}"
    shown = low if low == high else f"{low} to {high}"
    if one.accuracy is not None:
        shown = f"{fraction(one.accuracy)} ({low} to {high})"
    minutes = "unknown" if one.minutes is None else "under 1" if one.minutes < 1 else f"{one.minutes:,.0f}"
    return (one.rung, shown, one.basis, one.reach or "", minutes)

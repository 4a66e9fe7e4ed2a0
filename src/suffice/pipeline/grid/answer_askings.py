"""The ways to ask a language model that writes its answers: held to their form, with examples, in other words."""

from __future__ import annotations

from suffice.pipeline.cells.answer_fit import wordings_of
from suffice.pipeline.cells.asked_again import FEW
from suffice.pipeline.cells.estimate import estimated_seconds_of_writing
from suffice.pipeline.cells.rows import WRITTEN_AGAIN
from suffice.pipeline.rows.prepare import Prepared
from suffice.records.free_spec import is_held
from suffice.records.grid import Asking
from suffice.records.run import FORM, PROMPT, SHOTS
from suffice.rungs.ladder import describe

HELD = f"{FORM}:held"
"""What was written is followed by the beginning of the form, and the model writes the answer behind it; calls are
written under the grammar of their tools, unless that is how they are written anyway."""


def answer_askings_of(rung: str, prepared: Prepared) -> tuple[Asking, ...]:
    """Every way to ask a rung; the first is how it is asked as it is, the second what tells form from substance.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
    """
    kind, task = describe(rung), prepared.task
    if not kind.method or task.free is None:
        return ()
    own = 0 if kind.trains else task.train.shots
    told = {f"{PROMPT}:{name}": said for name, said in wordings_of(task.instruction, task.free).items()}
    named = list(told)
    ways = [(named[0], own), *([] if is_held(task.free) else [(HELD, own)])]
    if not kind.trains:
        other = 0 if own else FEW
        ways.append((f"{SHOTS}:{other}", other))
    ways += [(name, own) for name in named[1:]]
    return tuple(
        Asking(
            rung=rung,
            change=change,
            told=told.get(change),
            seconds=estimated_seconds_of_writing(rung, prepared, n=WRITTEN_AGAIN, shots=shots) or 0.0,
        )
        for change, shots in ways
    )

"""The ways to ask a language model that writes its answers: held to their form, with examples, in other words."""

from __future__ import annotations

from suffice.pipeline.cells.answer_fit import wordings_of
from suffice.pipeline.cells.asked_again import FEW
from suffice.pipeline.cells.estimate import estimated_seconds_of_writing
from suffice.pipeline.cells.rows import WRITTEN_AGAIN
from suffice.pipeline.rows.prepare import Prepared
from suffice.records.free_spec import is_held
from suffice.records.grid import Asking
from suffice.records.run import FORM, NO_INSTRUCTION, PROMPT, SHOTS
from suffice.rungs.ladder import describe, endpoint_of

HELD = f"{FORM}:held"
"""What was written is followed by the beginning of the form, and the model writes the answer behind it; an endpoint is
shown what it wrote and asked for the answer alone; calls are written under the grammar of their tools, unless that is
how they are written anyway."""


def answer_askings_of(rung: str, prepared: Prepared) -> tuple[Asking, ...]:
    """Every way to ask a rung; the first is how it is asked as it is, the second what tells form from substance. An
    endpoint calls tools in a form of its own: of calls there is nothing to ask again.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
    """
    kind, task, is_endpoint = describe(rung), prepared.task, endpoint_of(rung) is not None
    if task.free is None or not (kind.method or (is_endpoint and task.kind == "answer")):
        return ()
    own = 0 if kind.trains or is_endpoint else task.train.shots
    told = {f"{PROMPT}:{name}": said for name, said in wordings_of(task.instruction, task.free).items()}
    named = list(told)
    ways = [(named[0], own), *([] if is_held(task.free) else [(HELD, own)])]
    if not kind.trains and not is_endpoint:
        other = 0 if own else FEW
        ways.append((f"{SHOTS}:{other}", other))
    # Being told nothing is measured and never chosen, and of an endpoint every measurement is paid for.
    ways += [(name, own) for name in named[1:] if not (is_endpoint and name == NO_INSTRUCTION)]
    return tuple(
        Asking(
            rung=rung,
            change=change,
            told=told.get(change),
            seconds=estimated_seconds_of_writing(rung, prepared, n=WRITTEN_AGAIN, shots=shots) or 0.0,
        )
        for change, shots in ways
    )

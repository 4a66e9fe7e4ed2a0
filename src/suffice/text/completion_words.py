"""What becomes of completions, in words: one wording for page, terminal and card."""

from __future__ import annotations

from collections.abc import Mapping

from suffice.records.completion_evaluation import CompletionClass, FormLoss, RowShare
from suffice.records.evaluation import NotMeasured
from suffice.records.run import Writing
from suffice.text.counted import counted
from suffice.text.rounding import percent, percent_interval

CLASS_WORDS: Mapping[CompletionClass, str] = {
    "right": "right",
    "right_value_wrong_form": "right value, wrong form",
    "truncated_without_answer": "cut off without an answer",
    "no_answer": "no answer found",
    "right_form_wrong_value": "right form, wrong value",
    "wrong_form_wrong_value": "wrong form, wrong value",
    "truncated": "cut off",
    "called_when_none_right": "called when none was right",
    "silent": "silent",
    "broken_syntax": "broken syntax",
    "invented_tool": "invented tool",
    "wrong_tool": "wrong tool",
    "wrong_number_of_calls": "wrong number of calls",
    "wrong_arguments_schema": "arguments against the schema",
    "wrong_arguments_value": "wrong values of arguments",
}
"""What the classes of both waterfalls are called."""


def form_sentence(form: FormLoss | NotMeasured) -> str:
    """What the wrong form alone costs.

    Args:
        form: the layer.
    """
    if isinstance(form, NotMeasured):
        return f"lost to form alone: nothing to measure, {form.why}"
    return (
        f"lost to form alone: {percent(form.lost_to_form)} of the rows ({percent(form.share)} have the right value in "
        f"the wrong form, {percent(form.false_credit)} would by chance)"
    )


def share_sentence(said: str, found: RowShare | NotMeasured, *, n_named: int) -> str:
    """How many rows have something in common, and the first of them.

    Args:
        said: what they have: `with a wrong step`.
        found: how many.
        n_named: rows that are named.
    """
    if isinstance(found, NotMeasured):
        return f"{said}: not measured, {found.why}"
    named = f", such as {', '.join(found.ids[:n_named])}" if found.ids else ""
    share = f"{found.n:,} of {found.of:,} rows, {percent(found.share)} ({percent_interval(found.interval)})"
    return f"{said}: {share}{named}"


def writing_sentence(writing: Writing) -> str:
    """How much was written, and how much of it was cut off.

    Args:
        writing: of one run.
    """
    if writing.tokens is None:
        return f"{counted(writing.n, 'answer')} looked up: no tokens are written"
    unheld = f"; {writing.n_unheld:,} that no grammar could hold stand as they were written" if writing.n_unheld else ""
    read = "" if writing.prompt_tokens is None else f" behind prompts of {writing.prompt_tokens:,.0f}"
    return (
        f"{writing.tokens:,.0f} tokens an answer{read}, in the mean of {counted(writing.n, 'completion')}; "
        f"{writing.n_cut_off:,} cut off at completion.max_tokens{unheld}"
    )

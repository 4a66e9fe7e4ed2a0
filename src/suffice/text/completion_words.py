"""What becomes of completions, in words: one wording for page, terminal and card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from suffice.records.clusters import FailureClusters
from suffice.records.completion_evaluation import (
    CompletionClass,
    FormLoss,
    Overlays,
    RowShare,
    StepCounts,
    TraceLayer,
)
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


GRADER_WORDS: Mapping[str, str] = {
    "strict": "strict: in the form asked for",
    "lenient": "lenient: whatever stands around it",
    "verified": "verified: by value",
}
"""The three graders, by their names in `CompletionAccuracy`."""


def form_sentence(form: FormLoss | NotMeasured, *, n_named: int) -> str:
    """What the wrong form alone costs, and the first rows that it costs; whether the waterfall counts these as right.

    Args:
        form: the layer.
        n_named: rows that are named.
    """
    if isinstance(form, NotMeasured):
        return f"lost to form alone: nothing to measure, {form.why}"
    if form.n_right:
        return (
            f"right by value, and lost to the strict grader alone for their form: {percent(form.lost_to_form)} of the "
            f"rows (95% interval {percent_interval(form.interval)}; {percent(form.share)} are right in another form, "
            f"{percent(form.false_credit)} would be by chance){_such_as(form.ids, n_named)}"
        )
    return (
        f"lost to form alone: {percent(form.lost_to_form)} of the rows (95% interval "
        f"{percent_interval(form.interval)}; {percent(form.share)} have the right value in the wrong form, "
        f"{percent(form.false_credit)} would by chance){_such_as(form.ids, n_named)}"
    )


def trace_sentences(trace: TraceLayer | NotMeasured, overlays: Overlays, *, n_named: int) -> tuple[str, ...]:
    """What is wrong with traces, whether or not the answer is right.

    Args:
        trace: the layer.
        overlays: answers that stand in another light by their trace.
        n_named: rows that are named of each.
    """
    if isinstance(trace, NotMeasured):
        return (f"traces: not measured, {trace.why}",)
    beside, steps = "", trace.steps
    if isinstance(steps, StepCounts):
        beside = f", {steps.mean:.1f} steps beside {steps.gold_mean:.1f} of the right traces"
    equations = f"{counted(trace.n_equations, 'equation')}, of which {trace.n_wrong:,} do not hold"
    said = {
        "a wrong step": trace.wrong_step,
        "a number from nowhere": trace.stranger,
        "a last step that disagrees with the answer": trace.disagrees,
        "right answers by a wrong step": overlays.lucky,
        "wrong answers by one slip alone": overlays.unlucky,
        "right answers to look at, as the data may be wrong": overlays.suspected_gold,
        f"another style than most ({trace.styles.majority})": trace.styles.others,
    }
    return (
        f"traces: {counted(trace.n, 'row')}{beside}; {equations}",
        *(
            share_sentence(words, found, n_named=n_named)
            for words, found in said.items()
            if isinstance(found, NotMeasured) or found.n
        ),
    )


def clusters_sentence(found: FailureClusters | NotMeasured) -> str:
    """How kinds of failures were looked for, and whether there are some.

    Args:
        found: what was measured, or why nothing was.
    """
    if isinstance(found, NotMeasured):
        return f"kinds of failures: not looked for, since {found.why}"
    held = f"found on {found.n_found_on:,} rows and held against the {found.n_measured_on:,} others"
    if found.clusters:
        return f"kinds of failures, {held}; figures are of those others"
    candidates = f"{counted(found.n_candidates, 'candidate')} {held}"
    return f"kinds of failures: none is shown ({candidates}); the failures are scattered, as far as can be seen"


def scattered_sentence(found: FailureClusters) -> str:
    """What becomes of failures that lie in none of the kinds that are shown.

    Args:
        found: what was measured.
    """
    if not found.n_scattered:
        return f"all {found.n_failed:,} failures there are of these kinds"
    return f"the other {found.n_scattered:,} of {found.n_failed:,} failures there are scattered, as far as can be seen"


def share_sentence(said: str, found: RowShare | NotMeasured, *, n_named: int) -> str:
    """How many rows have something in common, and the first of them.

    Args:
        said: what they have: `with a wrong step`.
        found: how many.
        n_named: rows that are named.
    """
    if isinstance(found, NotMeasured):
        return f"{said}: not measured, {found.why}"
    share = f"{found.n:,} of {found.of:,} rows, {percent(found.share)} ({percent_interval(found.interval)})"
    return f"{said}: {share}{_such_as(found.ids, n_named)}"


def _such_as(ids: Sequence[str], n_named: int) -> str:
    return f", such as {', '.join(ids[:n_named])}" if ids else ""


def writing_sentence(writing: Writing) -> str:
    """How much was written, and how much of it was cut off.

    Args:
        writing: of one run.
    """
    if writing.tokens is None:
        return f"{counted(writing.n, 'answer')} looked up: no tokens are written"
    unheld = f"; {writing.n_unheld:,} that no grammar could hold stand as they were written" if writing.n_unheld else ""
    read = "" if writing.prompt_tokens is None else f" behind prompts of {writing.prompt_tokens:,.0f}"
    away = writing.n_turned_away
    turned_away = f", {away:,} ended by the endpoint's filter, a tool call or an unknown reason" if away else ""
    held = f", {writing.n_held:,} brought to the form that is asked for" if writing.n_held else ""
    return (
        f"{writing.tokens:,.0f} tokens an answer{read}, in the mean of {counted(writing.n, 'completion')}; "
        f"{writing.n_cut_off:,} cut off at completion.max_tokens{turned_away}{held}{unheld}"
    )

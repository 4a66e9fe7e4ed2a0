"""What becomes of free answers, in words: one wording for page, terminal and card."""

from __future__ import annotations

from collections.abc import Mapping

from suffice.records.answer_evaluation import FormLoss
from suffice.records.answers import AnswerClass
from suffice.records.evaluation import NotMeasured
from suffice.records.run import Writing
from suffice.text.counted import counted
from suffice.text.rounding import percent

CLASS_WORDS: Mapping[AnswerClass, str] = {
    "right": "right",
    "right_value_wrong_form": "right value, wrong form",
    "truncated_without_answer": "cut off without an answer",
    "no_answer": "no answer found",
    "right_form_wrong_value": "right form, wrong value",
    "wrong_form_wrong_value": "wrong form, wrong value",
}
"""What the classes of the waterfall are called."""


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


def writing_sentence(writing: Writing) -> str:
    """How much was written, and how much of it was cut off.

    Args:
        writing: of one run.
    """
    if writing.tokens is None:
        return f"{counted(writing.n, 'answer')} looked up: no tokens are written"
    read = "" if writing.prompt_tokens is None else f" behind prompts of {writing.prompt_tokens:,.0f}"
    return (
        f"{writing.tokens:,.0f} tokens an answer{read}, in the mean of {counted(writing.n, 'completion')}; "
        f"{writing.n_cut_off:,} cut off at completion.max_tokens"
    )

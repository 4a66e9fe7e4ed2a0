"""Answers written in several forms: a model that is taught all of them answers in any of them."""

from __future__ import annotations

from collections.abc import Iterator

from suffice.audit.check import Found
from suffice.audit.completions.check import AnswerRows, RowCheck, positions, without_two_rows
from suffice.kinds.traces.style import form_in_words, styles_of
from suffice.records.style import Styles
from suffice.text.counted import counted

MAX_OTHERS = 0.02
"""Share of rows in another form than most, up to which nothing is told: one in fifty is hardly learned."""
N_NAMED = 3
"""Forms beside that of most rows that are named; all of their rows are among the finding's."""


def _look(rows: AnswerRows) -> Iterator[Found]:
    styles = styles_of(rows.completions)
    others = sorted(row for style in styles.styles[1:] for row in style.rows)
    if len(others) > MAX_OTHERS * styles.n:
        most = styles.majority
        yield Found(
            rows=positions(others),
            got=f"{counted(len(styles.styles), 'form')} of answers; {len(most.rows):,} of {styles.n:,} are "
            f"({form_in_words(most.form)}), {_others(styles)}",
            fix="write all answers in the form of most rows, or in the one that the task asks for",
            score=1 - styles.consistency,
        )


def _others(styles: Styles) -> str:
    """The forms that come next, by what sets them apart from that of most rows."""
    most, *others = styles.styles
    told = [
        f"{len(style.rows):,} differ by {' and '.join(most.form.differences(style.form))}" for style in others[:N_NAMED]
    ]
    left = sum(len(style.rows) for style in others[N_NAMED:])
    return ", ".join([*told, *([f"{left:,} have rarer forms"] if left else [])])


ANSWER_STYLES = RowCheck(
    code="answer_styles",
    severity="warn",
    rule="answers should be written in one form",
    look=_look,
    needs=without_two_rows,
)

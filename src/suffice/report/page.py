"""Templates to one page: the environment, its filters, and the style sheet that goes inline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from suffice.report import break_even_words, capability_words, goal_words
from suffice.text import plan_words, rounding, sensitivity_words
from suffice.text.counted import counted

_HERE = Path(__file__).parent


def capitalised(sentence: str) -> str:
    """The same with a capital at its beginning.

    Args:
        sentence: not empty.
    """
    return f"{sentence[0].upper()}{sentence[1:]}"


_FILTERS = (
    rounding.percent,
    rounding.fraction,
    rounding.points,
    rounding.difference,
    rounding.signed_points,
    rounding.q_value,
    rounding.margin_points,
    rounding.percent_interval,
    rounding.fraction_interval,
    rounding.milliseconds,
    rounding.megabytes,
    rounding.duration,
    counted,
    capitalised,
    break_even_words.messages_words,
    capability_words.money_words,
    capability_words.parts_words,
    capability_words.part_words,
    goal_words.asked,
    goal_words.signed,
    goal_words.sure,
    plan_words.ceiling_sentence,
    plan_words.needed_sentence,
    plan_words.tenths,
    plan_words.labels_in_words,
    plan_words.steps_in_words,
    plan_words.settings_of,
    sensitivity_words.change_words,
    sensitivity_words.beside_sentences,
)

_CONTROL = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\r\t"
}
"""Characters that HTML forbids; a message that holds one still shows that something stands there."""


def render(template: str, values: Mapping[str, object]) -> str:
    """Fills a template of this room; whatever is not marked as safe is escaped.

    Args:
        template: its file name.
        values: what it names; a name that is missing is an error.
    """
    page = _environment().get_template(template).render(values, style=_style())
    return page.translate(_CONTROL)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in _FILTERS}
    return environment


@cache
def _style() -> Markup:
    """The style sheet without its comments and indentation."""
    css = (_HERE / "report.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return Markup(re.sub(r"\s*\n\s*", "\n", css))  # noqa: S704 (our own file)

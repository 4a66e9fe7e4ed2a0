r"""Whether a number stands alone in a text or is a part of something bigger, and what the bigger thing comes to.

The 2 of `2^10` and the 5 of `5:30` are not what was said. A power, product or sum is computed where that is plain
arithmetic; a time of day, a date, a range, a ratio, a factorial, a root or a multiple of $\pi$ is no number here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from suffice.kinds.numbers.arithmetic import Unreadable, value_of
from suffice.kinds.numbers.arithmetic_tokens import Token, plain_signs, tokens_of

MAX_COMPUTED = 200
"""Characters of a text whose arithmetic is computed: answers are shorter."""
MAX_BEFORE = 16
"""Characters before a number that are looked at."""
_LATEX = r"\\(?:sqrt|pi|cdot|times|div|[dt]?frac|binom|pm|log|ln|sin|cos|tan)\b"
_FUNCTION = r"\b(?:sqrt|log|ln|sin|cos|tan)\b"
_OPERAND = r"[-($]{0,3}\.?[0-9√]"
_GOES_ON = re.compile(
    rf"""
    [!^√π±] | [xyzn]\^ | [ ]?{_LATEX} | [ ]±
  | [.,'’][0-9] | :(?!00[ ]?[AaPp]\.?[Mm])[0-9] | [ ]:[ ][0-9]      # 1.2.3, 5'11, 5:30 but 5:00 pm, 3 : 4
  | [ ][0-9]{{3}}(?![0-9]|-[A-Za-z])                             # 18 500, but 12 200-page books
  | [eE][-+]?[0-9] | \([-0-9]
  | (?:[ ]?[xX×·⋅∙÷/][ ]?|\*\*?|[ ]\*\*?[ ]|-|[ ]-[ ]?){_OPERAND}  # **18** behind a number is no power
  | (?:[A-Za-z]?\+|[A-Za-z]?[ ]\+[ ])[($√\\A-Za-z0-9]
  | [A-Za-z][ ]-[ ]{_OPERAND}
  | (?:[ ][A-Za-z]{{1,20}}){{1,2}}[ ][-+*×÷x/][ ]{_OPERAND}         # 9 dollars * 2
  | [ ](?:squared|cubed|factorial|choose)\b | [ ](?:ten|hundred|thousand|million)ths?\b
  | [ ](?:plus|minus|divided[ ]by|multiplied[ ]by|to|through)[ ]{_OPERAND} | [ ]times[ ][0-9]   # not 3 times $5
    """,
    re.VERBOSE,
)
"""What may follow a number and make it a part of something."""
_LED = re.compile(
    rf"""
    (?: [0-9)][ ]?(?:[xX×·⋅∙÷/]|\*\*?)[ ]? | [0-9)](?:[.,:('’]|[ ]:[ ]) | \^\{{? | √
      | [-+]\( | {_LATEX}(?:\[[0-9]\])?[ ]?\{{? | {_FUNCTION}[ ]?
      | \b(?:plus|minus|divided[ ]by|multiplied[ ]by)[ ] | [0-9][ ]times[ ]
    )[($]{{0,2}}$
    """,
    re.VERBOSE,
)
"""What may stand before a number of which it is a part."""
_EXPRESSION = {"number", "operator", "open", "close"}
_BRACES = str.maketrans("{}", "()")


@dataclass(frozen=True, kw_only=True, slots=True)
class Computed:
    """What an expression comes to."""

    value: Fraction
    """Exactly."""
    behind: str
    """The text behind it: a unit, mostly."""


def goes_on(text: str, end: int) -> bool:
    """Whether what ends here is the beginning of something bigger.

    Args:
        text: any.
        end: where a number ends.
    """
    return end < len(text) and _GOES_ON.match(text, end) is not None


def is_led(text: str, start: int) -> bool:
    """Whether what begins here belongs to what stands before it.

    Args:
        text: any.
        start: where a number begins, its sign included.
    """
    return start > 0 and _LED.search(text[max(0, start - MAX_BEFORE) : start]) is not None


def computed(text: str) -> Computed | None:
    """What the first expression of a text comes to; None where it is no plain arithmetic, or goes on behind words.

    Args:
        text: `9 * 2 dollars`, `2^{10}`; without LaTeX's own words.
    """
    if len(text) > MAX_COMPUTED:
        return None
    text = plain_signs(text).translate(_BRACES)
    tokens = tokens_of(text)
    begin = next((place for place, token in enumerate(tokens) if token.kind in {"number", "open"}), None)
    if begin is None or is_led(text, tokens[begin].start):
        return None
    begin -= _has_sign(tokens, begin)
    end = next((place for place in range(begin, len(tokens)) if tokens[place].kind not in _EXPRESSION), len(tokens))
    while end > begin and tokens[end - 1].kind == "open":  # An aside in parentheses.
        end -= 1
    expression, rest = tokens[begin:end], tokens[end:]
    n_numbers = sum(token.kind == "number" for token in expression)
    computes = n_numbers > 1 or (n_numbers == 1 and expression[-1].kind == "close")
    follows = begin > 0 and tokens[begin - 1].kind == "operator"
    if not computes or follows or any(token.kind == "operator" for token in rest):
        return None
    if _is_range_or_date(expression) or goes_on(text, expression[-1].end):
        return None
    try:
        return Computed(value=value_of(expression), behind=text[expression[-1].end :])
    except Unreadable:
        return None


def _has_sign(tokens: Sequence[Token], begin: int) -> bool:
    """Whether a sign stands before an operand that has nothing to be added to."""
    if begin == 0 or tokens[begin - 1].text not in {"-", "+"}:
        return False
    return begin == 1 or tokens[begin - 2].kind == "end" or len(tokens[begin - 2].text) > 1


def _is_range_or_date(expression: Sequence[Token]) -> bool:
    """Whether it is no arithmetic but a range or a date, whose parts touch: `5-6`, `2024-01-05`, `1/2/2024`."""
    between = [place for place in range(1, len(expression) - 1) if expression[place].kind == "operator"]
    signs = {expression[place].text for place in between}
    touching = all(
        expression[place - 1].end == expression[place].start and expression[place].end == expression[place + 1].start
        for place in between
    )
    return touching and (signs == {"-"} or (signs == {"/"} and len(between) > 1))

"""Text to the numbers, operators and words that arithmetic in prose is made of, in time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

MAX_DIGITS = 40
"""Digits of a number that is computed with. Longer ones are tokens without a value: turning 10^6 digits into a number
takes seconds, and no person's reasoning has more."""

TokenKind = Literal["number", "operator", "open", "close", "equals", "word", "end"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A piece of a text."""

    kind: TokenKind
    """`end` is what no expression goes across: punctuation, a line break, a time of day."""
    text: str
    """Operators are `+`, `-`, `*`, `/` and `^` however they were written, equality is `=` or `~` (about), words are in
    small letters, but for a single letter that touches the number before it (`3a`), numbers as written."""
    start: int
    """Position of the first character in the text."""
    end: int
    """Position behind the last character."""
    value: Fraction | None = None
    """Of a number: exact, with a percent sign left aside; None where it has too many digits."""
    decimals: int = 0
    """Of a number: digits behind the point as written, by which a rounded value is told."""
    percent: bool = False
    """Of a number: whether a percent sign follows."""


_OPERATORS = {
    "+": "+", "-": "-", "−": "-", "–": "-", "*": "*", "×": "*", "·": "*", "⋅": "*", "∙": "*", "x": "*", "X": "*",
    "/": "/", "÷": "/", "//": "/", "^": "^", "**": "^", "\\times": "*", "\\cdot": "*", "\\div": "/",
}  # fmt: skip
_WORD_OPERATORS = {"plus": "+", "minus": "-", "times": "*"}
_WORD_PAIRS = {("divided", "by"): "/", ("multiplied", "by"): "*"}
_GLYPHS = {
    "½": Fraction(1, 2), "⅓": Fraction(1, 3), "⅔": Fraction(2, 3), "¼": Fraction(1, 4), "¾": Fraction(3, 4),
    "⅕": Fraction(1, 5), "⅖": Fraction(2, 5), "⅗": Fraction(3, 5), "⅘": Fraction(4, 5), "⅙": Fraction(1, 6),
    "⅚": Fraction(5, 6), "⅛": Fraction(1, 8), "⅜": Fraction(3, 8), "⅝": Fraction(5, 8), "⅞": Fraction(7, 8),
}  # fmt: skip
_LATEX_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]{1,60})\}\{([^{}]{1,60})\}")

_PIECE = re.compile(
    r"""
    (?P<skip>[ \t\u00a0$€£¥_`{}]+ | \\[$(),!;:\[\] ] | \\(?:left|right|quad|boxed|text|mathrm|textbf|mathbf)\b
      | (?<=\d)(?:\.{2,5}|…) | \*\*(?!\d) | (?<!\d)\*\*)
  | (?P<time>(?:[01]?\d|2[0-4]):[0-5]\d(?!\d) | 0\d{2,5}(?![\d.]))
  | (?P<arrow>=+> | -+> | [→⇒])
  | (?P<ordinal>\d{1,9}(?:st|nd|rd|th)\b)
  | (?P<number>\d{1,3}(?:[ ]\d{3}){0,4}?[ ]000(?![\d.,]\d|\d)
              | (?:\d{1,3}(?:,\d{3}){1,14}+(?!\d) | \d+)(?:\.\d+)? | \.\d+)
  | (?P<glyph>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])
  | (?P<percent>\\?%)
  | (?P<operator>\\times\b | \\cdot\b | \\div\b | \*\* | // | [+\-−–*×·⋅∙/÷^])
  | (?P<equals>=+ | ≈ | \\approx\b | ≃ | ≅)
  | (?P<open>[(\[])
  | (?P<close>[)\]])
  | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)
  | (?P<end>.)
    """,
    re.VERBOSE | re.DOTALL,
)
"""No alternative reads far and then gives it back: the longest text is read in one pass."""


def plain_signs(text: str) -> str:
    r"""The text with LaTeX's fractions as quotients in parentheses: `\frac{1}{2}` becomes `((1)/(2))`.

    Args:
        text: any text.
    """
    if "\\" not in text:
        return text
    return _LATEX_FRACTION.sub(r"((\1)/(\2))", text)


def tokens_of(text: str) -> tuple[Token, ...]:
    """All tokens of a text, in order.

    A cross of the letter x is an operator where a number stands on both sides of it, "of" where a share stands before
    it and a number behind. Thousands separators are read where they stand in groups of three.

    Args:
        text: what `plain_signs` returned.
    """
    return tuple(_of_share(_divisors(_crosses(_mixed(_worded(_raw(text)))))))


def _raw(text: str) -> Iterator[Token]:
    pending: Token | None = None
    for found in _PIECE.finditer(text):
        kind = found.lastgroup
        if kind == "percent" and pending is not None:
            yield _with_percent(pending, end=found.end())
            pending = None
            continue
        if kind == "skip":
            continue
        touches = pending is not None and pending.end == found.start()
        if pending is not None:
            yield pending
            pending = None
        if kind in {"number", "glyph"}:
            pending = _number(found)
        else:
            yield _other(found, str(kind), touches=touches)
    if pending is not None:
        yield pending


def _number(found: re.Match[str]) -> Token:
    said = found[0]
    whole, _, behind = said.replace(",", "").replace(" ", "").partition(".")
    if said in _GLYPHS:
        value: Fraction | None = _GLYPHS[said]
    elif len(whole) + len(behind) > MAX_DIGITS:
        value = None
    else:
        value = Fraction(int(whole + behind or "0"), 10 ** len(behind))
    return Token(kind="number", text=said, start=found.start(), end=found.end(), value=value, decimals=len(behind))


def _with_percent(token: Token, *, end: int) -> Token:
    return Token(
        kind="number", text=f"{token.text}%", start=token.start, end=end, value=token.value, decimals=token.decimals,
        percent=True,
    )  # fmt: skip


def _other(found: re.Match[str], kind: str, *, touches: bool) -> Token:
    said, start, end = found[0], found.start(), found.end()
    match kind:
        case "operator":
            return Token(kind="operator", text=_OPERATORS[said], start=start, end=end)
        case "equals":
            return Token(kind="equals", text="=" if said[0] == "=" else "~", start=start, end=end)
        case "open":
            return Token(kind="open", text="(", start=start, end=end)
        case "close":
            return Token(kind="close", text=")", start=start, end=end)
        case "word" | "ordinal":
            name = touches and len(said) == 1 and said.lower() != "x"
            return Token(kind="word", text=said.upper() if name else said.lower(), start=start, end=end)
        case _:
            return Token(kind="end", text=said, start=start, end=end)


def _worded(tokens: Iterator[Token]) -> list[Token]:
    """Operators in words: plus, minus, times, divided by, multiplied by; and the word percent."""
    read: list[Token] = []
    for token in tokens:
        last = read[-1] if read else None
        if token.text == "percent" and last is not None and last.kind == "number" and not last.percent:
            read[-1] = _with_percent(last, end=token.end)
        elif token.kind == "word" and token.text in _WORD_OPERATORS:
            read.append(_operator(_WORD_OPERATORS[token.text], token.start, token.end))
        elif token.kind == "word" and last is not None and (last.text, token.text) in _WORD_PAIRS:
            read[-1] = _operator(_WORD_PAIRS[last.text, token.text], last.start, token.end)
        else:
            read.append(token)
    return read


def _mixed(tokens: list[Token]) -> list[Token]:
    """A whole number with a fraction behind it, `1 1/2` or `1½`, as one number."""
    read: list[Token] = []
    place = 0
    while place < len(tokens):
        whole, fraction = tokens[place], tokens[place + 1 : place + 4]
        behind = _fraction(fraction)
        if whole.kind == "number" and whole.text.isdigit() and whole.value is not None and behind is not None:
            last = fraction[behind.n_tokens - 1]
            text = f"{whole.text} {''.join(token.text for token in fraction[: behind.n_tokens])}"
            value = whole.value + behind.value
            read.append(Token(kind="number", text=text, start=whole.start, end=last.end, value=value))
            place += 1 + behind.n_tokens
        else:
            read.append(whole)
            place += 1
    return read


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fraction:
    value: Fraction
    n_tokens: int


def _fraction(tokens: list[Token]) -> _Fraction | None:
    """A proper fraction without blanks in it at the beginning of the tokens."""
    if tokens and tokens[0].text in _GLYPHS:
        return _Fraction(value=_GLYPHS[tokens[0].text], n_tokens=1)
    if [token.kind for token in tokens] != ["number", "operator", "number"] or tokens[1].text != "/":
        return None
    above, slash, below = tokens
    touching = above.end == slash.start and slash.end == below.start
    if not touching or not above.value or not below.value or above.decimals or below.decimals or below.percent:
        return None
    return _Fraction(value=above.value / below.value, n_tokens=3) if above.value < below.value else None


def _crosses(tokens: list[Token]) -> list[Token]:
    """The letter x, alone or between digits, as a sign of multiplication."""
    read = list(tokens)
    for place in range(1, len(tokens) - 1):
        token, before, behind = tokens[place], tokens[place - 1], tokens[place + 1]
        if token.text == "x" and token.kind == "word" and _begins_operand(behind) and before.kind != "end":
            read[place] = _operator("*", token.start, token.end)
    return read


def _divisors(tokens: list[Token]) -> list[Token]:
    """A fraction without blanks behind a sign of division with one, `2 / 1/5`, as one number."""
    read: list[Token] = []
    place = 0
    while place < len(tokens):
        before, parts = (read[-1] if read else None), tokens[place : place + 3]
        apart = before is not None and before.text == "/" and before.end < tokens[place].start
        fraction = _fraction(parts) if apart else None
        if fraction is None:
            read.append(tokens[place])
            place += 1
        else:
            text = "".join(token.text for token in parts[: fraction.n_tokens])
            last = parts[fraction.n_tokens - 1]
            read.append(Token(kind="number", text=text, start=parts[0].start, end=last.end, value=fraction.value))
            place += fraction.n_tokens
    return read


def _of_share(tokens: list[Token]) -> list[Token]:
    """`of` between a share (percent, a fraction) and a number, as multiplication."""
    read = list(tokens)
    for place in range(1, len(tokens) - 1):
        if tokens[place].text == "of" and _is_share(tokens, place - 1) and _begins_operand(tokens[place + 1]):
            read[place] = _operator("*", tokens[place].start, tokens[place].end)
    return read


def _is_share(tokens: list[Token], place: int) -> bool:
    token = tokens[place]
    if token.kind == "close":
        return True
    quotient = place >= 2 and tokens[place - 1].text == "/" and tokens[place - 2].kind == "number"
    return token.kind == "number" and (token.percent or quotient or token.text in _GLYPHS)


def _begins_operand(token: Token) -> bool:
    return token.kind in {"number", "open"}


def _operator(text: str, start: int, end: int) -> Token:
    return Token(kind="operator", text=text, start=start, end=end)

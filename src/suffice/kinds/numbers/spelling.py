"""The many ways in which people write one number, to the one that numbers are read in."""

from __future__ import annotations

import re
import unicodedata

from suffice.kinds.numbers.units import CURRENCIES

DIGITS = "0123456789"
FOLDED = str.maketrans(dict.fromkeys("−–‐‑﹣－", "-") | {"\u00a0": " ", "\u202f": " ", "％": "%", "\u2044": "/"})
"""Minus signs and what is written for them, blanks, percent and the bar of a fraction, each to one sign."""
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_OTHER_SIGNS = str.maketrans("٫٬٪．，／", ".,%.,/")
"""Signs in numbers of such digits: the decimal point, the comma and the percent sign of Arabic, and a point, a comma
and a bar as wide as a Chinese sign."""
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]{1,40})\}\{([^{}]{1,40})\}")
_DECIMAL_COMMA = re.compile(r"^([-+]?[0-9]+),([0-9]{1,2})$")
_DOTTED = re.compile(r"^([-+]?[0-9]{1,3}(?:\.[0-9]{3}){2,}|[-+]?[0-9]{1,3}(?:\.[0-9]{3})+(?=,))(?:,([0-9]+))?$")
_QUOTED = re.compile(r"(?<![0-9'’.,])[0-9]{1,3}(?:['’][0-9]{3})+(?![0-9'’])")
"""A number in groups of three as the Swiss write it; `5'11` is a height, and no group."""
_IN_LAKHS = re.compile(r"(?<![0-9.,])[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?![0-9]|,[0-9])")
"""A number in groups of two before the last three digits, as India writes it: what else it could be is a list without
blanks, and of several numbers none is an answer."""
_GROUPED = re.compile(r"(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]|-[A-Za-z]))")
_DEGREES = re.compile(r"\^\s?\{?\s?\\circ\s?\}?")
_MINUS = re.compile(rf"(?i)\b(?:minus|negative)\s(?=[{re.escape(CURRENCIES)}]?\.?[0-9])")
_RAISED = re.compile(r"(?<=[0-9)])(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,9})")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_GLYPH = re.compile(r"[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]")


def western_digits(text: str) -> str:
    """A text with the digits of every script as `0` to `9`, each in its place: `١٨`, `१८` and `１８` are 18.

    Args:
        text: any, however long.
    """
    if text.isascii() or _OTHER_DIGIT.search(text) is None:
        return text
    return _OTHER_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text.translate(_OTHER_SIGNS))


def plain(text: str) -> str:
    """A text without the marks of Markdown and LaTeX that mean nothing in a number, its digits in English form.

    Args:
        text: any.
    """
    if not text.isascii():
        text = western_digits(text.translate(FOLDED))
        text = _RAISED.sub(lambda found: f"^{found[1].translate(_LOWERED)}", text)
        text = _GLYPH.sub(_bar_of_glyph, text)
    if "\\" in text:
        text = _DEGREES.sub("°", text)
        for mark in ("\\!", "\\,", "\\;", "\\ ", "\\left", "\\right", "\\(", "\\)", "\\[", "\\]"):
            text = text.replace(mark, "")
        text = text.replace("{,}", ",").replace("\\%", "%").replace("\\$", "\0")
        text = _FRACTION.sub(_quotient, re.sub(r"\\(?:text|mathrm|mbox)\{([^{}]*)\}", r" \1", text))
        text = text.replace("$", "").replace("\0", "$")
    elif len(text) > 2 and text[0] == text[-1] == "$":
        text = text[1:-1]
    if "'" in text or "’" in text:
        text = _QUOTED.sub(lambda found: re.sub("['’]", ",", found[0]), text)
    if text.count(",") > 1:
        text = _IN_LAKHS.sub(lambda found: found[0].replace(",", ""), text)
    text = text.strip(" \t\r\n*_`\"'").removesuffix(".").rstrip(" *_`")
    return _MINUS.sub("-", text) if "inus" in text or "egative" in text else text


def _quotient(found: re.Match[str]) -> str:
    """A fraction of LaTeX with a bar; behind a blank where a number right before it makes it a mixed one."""
    above, below = (part if re.fullmatch(r"\s*-?[0-9.]+\s*", part) else f"({part})" for part in found.groups())
    return f"{_blank_before(found)}{above}/{below}"


def _bar_of_glyph(found: re.Match[str]) -> str:
    """A fraction of one sign with a bar: `½` as `1/2`."""
    return _blank_before(found) + unicodedata.normalize("NFKC", found[0]).translate(FOLDED)


def _blank_before(found: re.Match[str]) -> str:
    return " " if found.start() > 0 and found.string[found.start() - 1] in DIGITS else ""


def regrouped(text: str) -> str:
    """A number as other languages group it (`1 000`, `1.000.000`, `12,5`) in English form.

    Args:
        text: one number, a unit behind it perhaps.
    """
    text = _GROUPED.sub("", text)
    number, blank, rest = text.partition(" ")
    number, percent, _ = number.partition("%")
    comma, dotted = _DECIMAL_COMMA.match(number), _DOTTED.match(number)
    if comma:
        number = f"{comma[1]}.{comma[2]}"
    elif dotted:
        number = dotted[1].replace(".", "") + (f".{dotted[2]}" if dotted[2] else "")
    return f"{number}{percent}{blank}{rest}"

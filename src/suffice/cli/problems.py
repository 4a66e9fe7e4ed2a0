"""What goes to standard error as a person may see it: personal data masked, lines wrapped where a terminal shows them.

Done here and not where problems are made: what a row holds is quoted in many rooms, and printed from one.
"""

from __future__ import annotations

import re
import sys
from textwrap import TextWrapper

from rich.console import Console

from suffice.text.personal import find_personal

_GOT = re.compile(r"(?<=^  got: ).*?(?=\n  fix: )", re.DOTALL | re.MULTILINE)
_LABEL = re.compile(r"  (?:got|fix): ")
_COMMAND = re.compile(r"`[^`\n]+`")
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)|(?<!\w)'")
"""What a quotation adds: the letter of \\n, or a quote, would be taken for the beginning of what follows it."""
_CUT = re.compile(r"(?:[^\s'\"]*@[^\s'\"]*|(?<![\w.])(?!\d+\.\d+\.{3})\+?\d[\d ./()-]{5,})(?=\.{3}['\"\]})])")
"""An address or a number that a quotation ends in the middle of: too short to be recognised, long enough to tell."""
_HELD = "\0"
"""Stands for a blank that no line is broken at; no text for a person has it."""


def tell(text: str) -> None:
    """Prints on standard error, and wraps there where it is a terminal; another program gets the lines as they are.

    Args:
        text: problems or a sentence.
    """
    masked = mask_got(text)
    print(wrapped(masked, width=Console(stderr=True).width) if sys.stderr.isatty() else masked, file=sys.stderr)


def mask_got(text: str) -> str:
    """Problems with the personal data in what they got masked; names of files, commands and options stay.

    Args:
        text: problems in words.
    """
    return _GOT.sub(lambda match: _masked(match[0]), text)


def wrapped(text: str, *, width: int) -> str:
    """Problems with no line wider than a terminal, but for a path or a command in backticks that is wider itself.

    Args:
        text: problems in words.
        width: columns of the terminal.
    """
    return "\n".join(_wrapped(line, width=width) for line in text.split("\n"))


def _masked(got: str) -> str:
    plain = _ESCAPE.sub(lambda match: " " * len(match[0]), got)
    for one in reversed(find_personal(plain)):
        got = f"{got[: one.start]}{one.masked}{got[one.end :]}"
    return _CUT.sub("***", got)


def _wrapped(line: str, *, width: int) -> str:
    label = _LABEL.match(line)
    hang = label.end() if label else len(line) - len(line.lstrip()) + 2
    wrapper = TextWrapper(
        width=width,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
        expand_tabs=False,
        replace_whitespace=False,
    )
    held = _COMMAND.sub(lambda match: match[0].replace(" ", _HELD), line)
    return wrapper.fill(held).replace(_HELD, " ")

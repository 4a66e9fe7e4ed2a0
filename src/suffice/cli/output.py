"""What a command prints: one JSON document on standard output, or a table for a person."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from suffice.cli.problems import tell
from suffice.errors import Problem, in_words
from suffice.records.evaluation import Interval
from suffice.text.normalise import on_one_line

MAX_TOLD = 5
"""Problems told while a command goes on; an error, which ends it, tells more."""


def print_json(document: object) -> None:
    """Prints one JSON document on standard output; half a surrogate pair, which UTF-8 cannot hold, as JSON escapes it.

    Args:
        document: plain values; a number that is not finite is our own fault.

    Source: RFC 8259, sections 7 and 8.2.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(text.encode(errors="backslashreplace").decode())
    sys.stdout.write("\n")
    sys.stdout.flush()


def interval_ends(interval: Interval | None) -> list[float] | None:
    """An interval in a JSON document: its two ends; None where there is none.

    Args:
        interval: any.
    """
    return None if interval is None else [interval.low, interval.high]


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table that fits the terminal; the first column is text, the others are numbers.

    What does not fit in the first column goes on behind a blank or a sign between words, as labels have them, unless
    the other columns leave it less than a quarter of the width: these are folded then.

    Args:
        header: names of the columns.
        rows: cells as text.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(header):
        table.add_column(name, justify="left" if i == 0 else "right", overflow="fold")
    console = Console(highlight=False)
    cells = [[on_one_line(cell) for cell in row] for row in rows]
    others = sum(max(map(cell_len, column)) for column in [*zip(header, *cells, strict=True)][1:])
    room = console.width - others - 3 * (len(header) - 1) - 2  # Three blanks between columns, and one at either end.
    for first, *numbers in cells:
        told = _between_words(first, room) if room >= console.width // 4 else first
        table.add_row(Text(told), *map(Text, numbers))
    console.print(table)


def _between_words(text: str, room: int) -> str:
    """Lines that break behind signs between words; a word that is longer than the room stays whole here."""
    lines = [""]
    for part in re.findall(r"[^\s_./:-]*[\s_./:-]*", text):
        if lines[-1] and cell_len((lines[-1] + part).rstrip()) > room:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def tell_problems(problems: Sequence[Problem]) -> None:
    """Prints on standard error what is wrong and does not keep the command from going on.

    Args:
        problems: nothing is printed where there are none.
    """
    if problems:
        tell(in_words(problems, at_most=MAX_TOLD))


def say_item(*paragraphs: str) -> None:
    """Prints an item of a list: its first line after a dash, the others indented under it.

    Args:
        paragraphs: any texts, each on lines of its own.
    """
    mark = "- "
    for text in paragraphs:
        for line in _lines(text, indent=len(mark)):
            print(f"{mark}{line}".rstrip())
            mark = "  "


def say(text: str) -> None:
    """Prints a paragraph for a person on standard output, wrapped at the terminal's width.

    Args:
        text: any text.
    """
    for line in _lines(text, indent=0):
        print(line.rstrip())


def _lines(text: str, *, indent: int) -> list[str]:
    """Lines that fit the terminal. Rich divides them, since it knows how wide a character is, and pads none of them."""
    console = Console()
    safe = "\n".join(map(on_one_line, text.split("\n")))
    return [line.plain for line in Text(safe).wrap(console, console.width - indent, overflow="fold")]

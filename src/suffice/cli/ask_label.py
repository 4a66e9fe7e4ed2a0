"""A label by its start: typed on a terminal, with what would complete it beside it, or as the rest of a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import typer
from rich.console import Console

BACKSPACE, ESCAPE, TAB, ENTER = ("\x7f", "\b"), "\x1b", "\t", ("\r", "\n")
PROMPT, CLEAR_LINE = "label: ", "\r\x1b[K"
MAX_SHOWN = 8


def ask_label(start: str, names: Sequence[str], console: Console) -> str | None:
    """The label that begins so, asked for on a terminal where nothing is given; None where there is not just one.

    Args:
        start: what was given.
        names: all labels.
        console: where to say what is wrong.
    """
    if not start and sys.stdin.isatty():
        return _typed(names, width=console.width)
    found = completions(start, names)
    if len(found) == 1:
        return found[0]
    said = f"{len(found)} labels begin with {start!r}: {', '.join(found[:MAX_SHOWN])}"
    console.print(said if found else f"no label begins with {start!r}", markup=False)
    return None


def completions(start: str, names: Sequence[str]) -> list[str]:
    """The label that is so; or those that begin so; or, where none does, those that contain it. Case does not matter.

    Args:
        start: what was typed.
        names: all labels.
    """
    wanted, folded = start.casefold(), {name: name.casefold() for name in names}
    tests = (str.__eq__, str.startswith, str.__contains__)
    return next((found for test in tests if (found := [name for name in names if test(folded[name], wanted)])), [])


def _typed(names: Sequence[str], *, width: int) -> str | None:
    """Reads keys until one label is left and taken, or the person goes back."""
    typed = ""
    with _keys() as key_of:
        while True:
            found = completions(typed, names)
            shown = f"{PROMPT}{typed}   ({' | '.join(found) or 'no such label'})"
            sys.stderr.write(f"{CLEAR_LINE}{shown[: width - 1]}\r\x1b[{len(PROMPT) + len(typed)}C")
            sys.stderr.flush()
            key = key_of()
            if key in (ESCAPE, "") or (key in ENTER and len(found) == 1):
                sys.stderr.write(CLEAR_LINE)
                return found[0] if key in ENTER else None
            if key == TAB:
                typed = os.path.commonprefix(found) or typed  # noqa: RUF071 - of labels, which are no paths
            elif key in BACKSPACE:
                typed = typed[:-1]
            elif key.isprintable():
                typed += key


def _read(terminal: int) -> Iterator[str]:
    """Every key, however many were typed at once; a sequence that an arrow or function key sends is one of them."""
    while True:
        read = os.read(terminal, 64).decode(errors="replace")
        yield from [read] if read.startswith(ESCAPE) or not read else read


@contextmanager
def _keys() -> Iterator[Callable[[], str]]:
    """Gives what is typed, key by key. Unlike `typer.getchar` it throws nothing away between two of them."""
    try:
        import termios  # There is none on Windows.
        import tty
    except ImportError:
        yield typer.getchar
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield partial(next, _read(terminal))
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)

"""A process of its own that says whether two expressions are equal: symbolic mathematics may take any time and memory.

Reads a line of JSON `{"one": ..., "other": ...}` and writes a line `{"same": true or false}`, until its input ends.
Started with `python -m suffice.kinds.gold.expression_worker`, and stopped by whoever waits for it too long.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

MAX_KEPT = 1_000
"""Expressions whose parse is kept: math-verify's own cache has twenty, and a right answer is held against many."""
MEMORY_BYTES = 2 * 2**30
"""Most memory that the process may address."""
_PLAIN_NUMBER = re.compile(r"[0-9]+|[0-9]*\.[0-9]+")


def main() -> None:
    """Answers until there is nothing more to answer."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # What a library prints must not get between the answers.
    _limit_memory()
    same = symbolic_equality()
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps({"same": same(asked["one"], asked["other"])}), file=answers, flush=True)


def symbolic_equality() -> Callable[[str, str], bool]:
    """What says of two expressions in LaTeX whether they are equal, however long it takes."""
    from math_verify import LatexExtractionConfig, parse, verify  # noqa: PLC0415 (a second, in this process alone)
    from sympy import Expr  # noqa: PLC0415

    from suffice.kinds.gold.expression_values import told_by_values  # noqa: PLC0415

    _read_numbers_directly()

    @lru_cache(maxsize=MAX_KEPT)
    def parsed(expression: str) -> list[Any]:
        # LaTeX alone: for plain expressions SymPy's parser would run them as code.
        config = [LatexExtractionConfig()]
        found: list[Any] = parse(f"${expression}$", config, fallback_mode="no_fallback", parsing_timeout=None)
        return found

    def same(one: str, other: str) -> bool:
        try:
            gold, answer = parsed(one), parsed(other)
            known = None
            if len(gold) == len(answer) == 1 and isinstance(gold[0], Expr) and isinstance(answer[0], Expr):
                known = told_by_values(gold[0], answer[0])
            if known is None:
                known = bool(gold) and bool(answer) and bool(verify(gold, answer, timeout_seconds=None))
            return known
        except (MemoryError, RecursionError):
            return False

    return same


@cache
def _read_numbers_directly() -> None:
    """Makes whole numbers and decimals of their digits: the parser asks SymPy to run each as code, behind an import of
    all that SymPy has, which takes a fifth of the time of a check. Other spellings are left to it.
    """
    from latex2sympy2_extended.latex2sympy2 import _Latex2Sympy  # noqa: PLC0415
    from sympy import Float, Integer  # noqa: PLC0415

    as_code = _Latex2Sympy.parse_number

    def parse_number(parser: Any, text: str) -> Any:
        if not _PLAIN_NUMBER.fullmatch(text):
            return as_code(parser, text)
        return Float(text) if "." in text else Integer(int(text))

    _Latex2Sympy.parse_number = parse_number


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 (Windows has none)
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    main()

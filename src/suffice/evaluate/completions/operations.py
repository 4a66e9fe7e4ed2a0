"""The operations of a solution, in their order, as far as they are written as arithmetic before a sign of equality."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

SIGNS = {"x": "*", "×": "*", "·": "*", "÷": "/", "–": "-", "−": "-"}
"""Ways to write an operation, and the one that it is counted as."""
MAX_COUNTED = 8
"""Operations that are told apart by their number; more are as many."""
_ANNOTATED = re.compile(r"<<[^<>]*>>")
_OPERATION = re.compile(r"(?<=[\w%)\"])\s*([-+*/×·÷–−]|\bx\b)\s*[(\s]*[$€£]?\s?(\d+(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)")
_APART = re.compile(r"[:;]|[.,](?!\d)|\bbecause\b")
"""What ends a remark that stands before a calculation."""


def operations(text: str) -> list[tuple[str, str]]:
    """Each operation and the number behind it: `48/2 = 24` is a division by 2.

    Args:
        text: of a solution; GSM8K's annotations (`<<48/2=24>>`), which say everything twice, are passed over.
    """
    found = list[tuple[str, str]]()
    for line in _ANNOTATED.sub("", text).splitlines():
        for part in line.split("=")[:-1]:
            said = _APART.split(part)[-1]
            found += [(SIGNS.get(sign, sign), number) for sign, number in _OPERATION.findall(said)]
    return found


def operation_features(prefix: str, texts: Sequence[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What the operations of N solutions are, as features of their rows.

    Args:
        prefix: whose solutions these are: `needed` or `written`.
        texts: solutions; an empty one has no operations.
    """
    read = [operations(text) for text in texts]
    signs = [[sign for sign, _ in row] for row in read]
    features = {
        "operation": [sorted(set(row)) for row in signs],
        "first operation": [row[:1] for row in signs],
        "last operation": [row[-1:] for row in signs],
        "first two operations": [[" ".join(row[:2])] if len(row) > 1 else [] for row in signs],
        "last two operations": [[" ".join(row[-2:])] if len(row) > 1 else [] for row in signs],
        "operations in a row": [sorted({f"{one} then {other}" for one, other in pairwise(row)}) for row in signs],
        "operation with a number": [sorted({f"{sign} {number}" for sign, number in row}) for row in read],
        "number of operations": [[str(min(len(row), MAX_COUNTED))] if row else [] for row in signs],
    }
    return {f"{prefix} {name}": tuple(map(tuple, values)) for name, values in features.items()}

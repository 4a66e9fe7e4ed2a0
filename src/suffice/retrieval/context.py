"""Passages as a model reads them before its question, and which of them its answer names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from suffice.records.knowledge import CitedIn, FilledContext, Passage
from suffice.retrieval.words import n_words

_CITED = re.compile(r"\[(\d{1,4}(?:\s*,\s*\d{1,4}){0,50})\]")
"""`[1]` and `[1, 2]`; lists have an end, so that a text of nothing but commas is read in one go."""


def filled(passages: Sequence[Passage], *, budget: int, count: Callable[[str], int] = n_words) -> FilledContext:
    """Writes passages one below the other, each with its number and where it comes from.

    The best ones that fit, whole: a passage that was cut off could end before the fact that it was found for. One that
    does not fit is left out, and shorter ones after it may still follow.

    Args:
        passages: best first; found by a search, or the gold ones.
        budget: the most that the text may have, at least 1.
        count: a text's length in the unit of the budget: words, or a model's tokens.
    """
    assert budget > 0, "a budget holds something"
    cited, left_out, text, n_used = list[Passage](), list[str](), "", 0
    for passage in passages:
        longer = "\n\n".join([*([text] if text else []), f"[{len(cited) + 1}] {_with_place(passage)}"])
        # Counted whole: the tokens of two texts that are put together are not the sum of theirs.
        n_longer = count(longer)
        if n_longer > budget:
            left_out.append(passage.id)
        else:
            cited.append(passage)
            text, n_used = longer, n_longer
    return FilledContext(text=text, cited=tuple(cited), left_out=tuple(left_out), n_used=n_used)


def cited_in(completion: str, context: FilledContext) -> CitedIn:
    """Which passages an answer refers to by their numbers.

    Args:
        completion: what a model wrote.
        context: what it was given.
    """
    numbers = {int(number) for group in _CITED.findall(completion) for number in group.split(",")}
    there = [number for number in sorted(numbers) if 1 <= number <= len(context.cited)]
    return CitedIn(
        passages=tuple(context.cited[number - 1].id for number in there),
        invented=tuple(sorted(numbers.difference(there))),
    )


def place_of(passage: Passage) -> str:
    """Where a person finds it: file, page, headings.

    Args:
        passage: any.
    """
    page = () if passage.page is None else (f"page {passage.page}",)
    return ", ".join([passage.source, *page, *([" > ".join(passage.headings)] if passage.headings else [])])


def _with_place(passage: Passage) -> str:
    return f"({place_of(passage)})\n{passage.text}"

"""Stop strings are found wherever tokens begin and end, and the first one counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from suffice.predict.stopping import StopStrings, completion_ids, text_of
from tiny_completers import loaded

SAID = "The card was blocked.\nQuestion: why? größer\n\nNext"


def stopped(folder: Path, *strings: str) -> tuple[str | None, int]:
    """What stands before the stop string, and how many tokens were written until it was found."""
    tokenizer = loaded(folder).tokenizer
    tokens = tokenizer(SAID, add_special_tokens=False).input_ids
    stops = StopStrings(tokenizer, strings)
    for n in range(1, len(tokens) + 1):
        if (before := stops.before(tokens[:n])) is not None:
            return before, n
    return None, len(tokens)


@pytest.mark.parametrize("name", ["tiny_llama", "tiny_gemma3"])
def test_a_stop_string_is_found_with_the_token_that_completes_it(name: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(name)
    tokenizer = loaded(folder).tokenizer
    for string in ("\nQuestion:", "T", "lock", "ö", "größer\n", "Next", SAID):
        before, n = stopped(folder, string)
        assert before == SAID[: SAID.index(string)]
        written = text_of(tokenizer, tokenizer(SAID, add_special_tokens=False).input_ids[:n])
        assert string in written
        assert string not in text_of(tokenizer, tokenizer(SAID, add_special_tokens=False).input_ids[: n - 1])


def test_of_several_the_first_in_the_text_counts(tiny_llama: Path) -> None:
    assert stopped(tiny_llama, "why", "Question", "never")[0] == "The card was blocked.\n"


def test_without_stop_strings_or_where_none_is_written_nothing_stops(tiny_llama: Path) -> None:
    assert stopped(tiny_llama)[0] is None
    assert stopped(tiny_llama, "Answer")[0] is None


def test_a_completion_ends_with_one_token_that_ends_it(tiny_qwen2: Path) -> None:
    tiny = loaded(tiny_qwen2)
    (ids,) = completion_ids(tiny.model, tiny.tokenizer, ["Yes.\n"])
    assert text_of(tiny.tokenizer, ids) == "Yes.\n<|im_end|>"

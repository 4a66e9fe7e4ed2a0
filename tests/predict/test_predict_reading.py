"""What is counted without weights is what the scorers read with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from suffice.base_models import load_tokenizer
from suffice.base_models.folder import described
from suffice.errors import TaskError
from suffice.kinds.classify import prompt
from suffice.predict.frame import Frame
from suffice.predict.reading import Reading, causal_reading, encoder_reading
from tiny_scorers import INSTRUCTION, tiny_causal, tiny_encoder

# Of every length around the limit, ending in signs that some tokenizers merge with what follows a message.
TEXTS = [" ".join(["card"] * n) + end for n in range(60) for end in ("", "???", "\n", " \ud83d")]


def reading_of(folder: Path, *, context_tokens: int, instruction: str = INSTRUCTION) -> Reading:
    files = described(folder, name="tiny", source="path", origin="tiny")
    reader = load_tokenizer(files)
    if files.kind == "encoder":
        return encoder_reading(reader.tokenizer, context=reader.context, context_tokens=context_tokens)
    frame = Frame(
        reader.tokenizer,
        prompt(instruction),
        model_context=reader.context,
        context_tokens=context_tokens,
        too_long="head_tail",
    )
    return causal_reading(frame)


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3", "tiny_bert"])
def test_a_text_is_longer_than_the_limit_where_the_scorer_shortens_it(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(fixture)
    scorer = tiny_encoder(folder) if fixture == "tiny_bert" else tiny_causal(folder, context_tokens=48).scorer
    reading, rows = reading_of(folder, context_tokens=48), scorer.tokenise(TEXTS)
    counts = reading.n_tokens(TEXTS)
    assert (counts > reading.limit).tolist() == [row.truncated for row in rows]
    assert {row.truncated for row in rows} == {True, False}
    assert [n for n, row in zip(counts, rows, strict=True) if not row.truncated] == [
        len(row.ids) for row in rows if not row.truncated
    ]
    assert max(len(row.ids) for row in rows) == reading.limit == 48


def test_the_most_that_can_be_read_is_the_model_s_own_limit(tiny_llama: Path, tiny_bert: Path) -> None:
    # By hand: 256 positions less the instruction; 48 is what the encoder's folder says.
    n_before = tiny_causal(tiny_llama).scorer.n_prefix_tokens
    causal, encoder = (reading_of(folder, context_tokens=10_000) for folder in (tiny_llama, tiny_bert))
    assert causal.limit == causal.most == 256 - n_before
    assert encoder.limit == encoder.most == 48


def test_an_instruction_that_leaves_no_room_is_an_error_here_too(tiny_llama: Path) -> None:
    with pytest.raises(TaskError, match=r"got: an instruction of .* tokens\n  fix: shorten"):
        reading_of(tiny_llama, context_tokens=512, instruction="word " * 200)

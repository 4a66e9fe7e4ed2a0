"""Frozen embeddings: each message once, nothing in the file that runs code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skops.io
from rung_data import ASKED, TEXTS, data, fit, reloaded, settings

from suffice.errors import DataError, ModelError
from suffice.records.progress import SILENT
from suffice.rungs import embed
from suffice.rungs.embed import Embedder


@pytest.fixture
def embedder(tiny_bert: Path) -> Embedder:
    return Embedder(embed.locate(str(tiny_bert), progress=SILENT), context_tokens=48, too_long="head_tail")


def test_a_message_is_embedded_once(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    once, read = embedder.embed, embedder.tokenise
    monkeypatch.setattr(embedder, "embed", lambda rows, **given: asked.append(len(rows)) or once(rows, **given))
    first = embedder.remembered(read([*TEXTS, *TEXTS]), progress=SILENT)
    again = embedder.remembered(read([*reversed(TEXTS), "new"]), progress=SILENT)
    assert asked == [len({tuple(row.ids) for row in read(TEXTS)}), 1]
    np.testing.assert_array_equal(again[:-1], first[: len(TEXTS)][::-1])
    np.testing.assert_allclose(first[: len(TEXTS)], once(read(TEXTS)), atol=1e-6)


def test_memory_is_bounded_and_the_answer_the_same(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "MAX_REMEMBERED", 10)
    read = embedder.tokenise
    embedder.remembered(read(TEXTS[:8]), progress=SILENT)
    got = embedder.remembered(read(TEXTS[4:12]), progress=SILENT)
    np.testing.assert_allclose(got, embedder.embed(embedder.tokenise(TEXTS[4:12])), atol=1e-6)
    assert set(embedder._memory) == {tuple(row.ids) for row in read(TEXTS[4:12])}


def test_long_messages_are_flagged_or_refused(tiny_bert: Path, tmp_path: Path) -> None:
    fitted = fit("embed", tiny_bert, tmp_path)
    assert fitted.scores(ASKED).truncated.tolist() == [False] * 5
    assert fitted.scores(["card " * 100, "card"]).truncated.tolist() == [True, False]
    strict = fit("embed", tiny_bert, tmp_path, how=settings(too_long="error"))
    with pytest.raises(DataError, match=r"got: 100 tokens: 'card .*\n  fix: shorten the text"):
        strict.scores(["card " * 100])


def test_nothing_in_the_file_can_run_code(tiny_bert: Path, tmp_path: Path) -> None:
    reloaded("embed", fit("embed", tiny_bert, tmp_path / "checkpoints"), tmp_path / "saved")
    assert skops.io.get_untrusted_types(file=tmp_path / "saved" / "model.skops") == []


def test_one_label_alone_is_survived(tiny_bert: Path, tmp_path: Path) -> None:
    fitted = fit("embed", tiny_bert, tmp_path / "checkpoints", rows=data(y=np.full(36, 3)))
    again = reloaded("embed", fitted, tmp_path / "saved")
    assert set(again.scores(ASKED).logits.argmax(axis=1)) == {3}


def test_the_size_is_encoder_and_weights(tiny_bert: Path, tmp_path: Path) -> None:
    size = fit("embed", tiny_bert, tmp_path).size()
    weights = (tiny_bert / "model.safetensors").stat().st_size
    assert weights * 0.9 < size.base_bytes < weights * 1.1
    # Three labels by 32 numbers in float32 or float64.
    assert size.adapter_bytes in (3 * 32 * 4, 3 * 32 * 8)


def test_features_are_rows_of_unit_length_and_each_message_is_embedded_once(
    embedder: Embedder, tiny_bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = embed.features(TEXTS, settings(), base=str(tiny_bert), progress=SILENT)
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(x, embedder.embed(embedder.tokenise(TEXTS)), atol=1e-6)
    monkeypatch.setattr(Embedder, "embed", lambda *asked, **more: pytest.fail("it remembers these"))
    np.testing.assert_array_equal(embed.features(TEXTS[:5], settings(), base=str(tiny_bert), progress=SILENT), x[:5])


def test_features_of_an_encoder_that_is_nowhere_are_an_error() -> None:
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        embed.features(TEXTS, settings(), base="somebody/nowhere", progress=SILENT)

import numpy as np
import pytest

from suffice.pipeline.cells import clusters
from suffice.pipeline.cells.clusters import WORDS, vectors_of
from suffice.records.progress import SILENT

TEXTS = ["two hens lay eggs", "three hens lay eggs", "a train leaves the town", "no train leaves"] * 5


def test_without_the_encoder_words_make_the_vectors_and_the_layer_says_so():
    vectors, made_by = vectors_of(TEXTS, seed=0, progress=SILENT)
    assert made_by == WORDS
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


@pytest.mark.parametrize("texts", [["", ""], ["?", "!"], ["the same"] * 4])
def test_texts_without_words_and_copies_have_vectors_too(texts):
    vectors, _ = vectors_of(texts, seed=0, progress=SILENT)
    assert len(vectors) == len(texts)
    assert np.isfinite(vectors).all()


def test_an_encoder_that_is_here_makes_the_vectors(tiny_bert, monkeypatch):
    monkeypatch.setattr(clusters, "ENCODER", str(tiny_bert))
    vectors, made_by = vectors_of(TEXTS, seed=0, progress=SILENT)
    assert made_by == str(tiny_bert)
    assert (vectors.shape[0], vectors.dtype) == (len(TEXTS), np.float32)

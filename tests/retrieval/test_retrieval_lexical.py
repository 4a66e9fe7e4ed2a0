"""BM25 as the paper has it."""

from __future__ import annotations

import numpy as np

from suffice.retrieval.lexical import Lexical

DOCUMENTS = ["Cat, cat: dog.", "dog bird", "fish fish fish fish"]


def test_scores_are_those_of_the_formula():
    # By hand, after Kamphuis et al. 2020, table 1, "Lucene (accurate)", k1 = 1.5, b = 0.75; lengths 3, 2, 4, mean 3:
    # idf(cat) = ln(1 + 2.5 / 1.5) = 0.980829, idf(dog) = ln(1 + 1.5 / 2.5) = 0.470004;
    # first: 0.980829 * 2 / (2 + 1.5) + 0.470004 * 1 / (1 + 1.5) = 0.748475;
    # second: 0.470004 * 1 / (1 + 1.5 * (0.25 + 0.75 * 2 / 3)) = 0.221178; third: nothing shared.
    got = Lexical.build(DOCUMENTS).scores("a CAT or a dog?")
    np.testing.assert_allclose(got, [0.748475, 0.221178, 0.0], atol=1e-6)


def test_a_question_without_a_known_word_scores_nothing():
    lexical = Lexical.build(DOCUMENTS)
    assert [lexical.scores(question).tolist() for question in ("", "?!", "horse")] == [[0.0] * 3] * 3


def test_a_word_asked_twice_counts_twice():
    lexical = Lexical.build(DOCUMENTS)
    np.testing.assert_allclose(lexical.scores("dog dog"), 2 * lexical.scores("dog"), rtol=1e-6)


def test_what_was_saved_scores_the_same(tmp_path):
    lexical = Lexical.build(DOCUMENTS)
    lexical.save(tmp_path / "bm25")
    np.testing.assert_array_equal(Lexical.load(tmp_path / "bm25").scores("cat bird"), lexical.scores("cat bird"))
    assert {path.suffix for path in (tmp_path / "bm25").iterdir()} == {".json", ".npy"}

"""What holds for every rung: saved and read back it scores the same, and every label has a probability."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rung_data import ASKED, LABELS, TEXTS, Y, data, fit, reloaded, settings

from suffice.rungs.interface import Settings
from suffice.stats.temperature import softmax


@dataclass(frozen=True)
class Case:
    """One rung over one base."""

    name: str
    base: str | None = None
    label_output: Any = "tokens"
    chance: bool = False
    """Whether the seed decides anything."""

    def how(self, **given: Any) -> Settings:
        return settings(label_output=self.label_output, **given)


CASES = [
    Case("majority"),
    Case("tfidf"),
    Case("embed", "tiny_bert"),
    Case("encoder", "tiny_bert", chance=True),
    *(
        Case("NAME", base, output, chance=True)
        for base in ("tiny_llama", "tiny_qwen2", "tiny_gemma3")
        for output in ("tokens", "head")
    ),
]
BY_NAME = [pytest.param(case, id="-".join(filter(None, (case.name, case.base, case.label_output)))) for case in CASES]


ORDERED = ("embed-tiny_bert-tokens", "encoder-tiny_bert-tokens", "NAME-tiny_llama-tokens")


@pytest.fixture
def base(case: Case, request: pytest.FixtureRequest) -> Path | None:
    return request.getfixturevalue(case.base) if case.base else None


@pytest.mark.parametrize("case", BY_NAME)
def test_saved_and_read_back_it_scores_the_same(case: Case, base: Path | None, tmp_path: Path) -> None:
    fitted = fit(case.name, base, tmp_path / "checkpoints", how=case.how())
    again = reloaded(case.name, fitted, tmp_path / "saved")
    before, after = fitted.scores(ASKED), again.scores(ASKED)
    # A language model's adapter becomes part of its base when it is read: the same up to rounding.
    np.testing.assert_allclose(after.logits, before.logits, atol=1e-4 if case.label_output else 1e-6, rtol=0)
    np.testing.assert_array_equal(after.truncated, before.truncated)
    assert (again.labels, again.precision, again.base, again.size()) == (
        fitted.labels,
        fitted.precision,
        fitted.base,
        fitted.size(),
    )
    assert fitted.train_seconds > 0
    assert (fitted.base is None) == (base is None)


@pytest.mark.parametrize("case", BY_NAME)
def test_every_label_has_a_probability_the_one_never_seen_a_small_one(
    case: Case, base: Path | None, tmp_path: Path
) -> None:
    how = case.how(epochs=6, learning_rate=2e-2) if case.chance else case.how()
    fitted = fit(case.name, base, tmp_path, how=how)
    scores = fitted.scores([*ASKED, *TEXTS])
    assert scores.logits.shape == (len(ASKED) + len(TEXTS), len(LABELS))
    probs = softmax(scores.logits, temperature=1.0)
    assert np.isfinite(scores.logits).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1.0)
    # It has none of 36 rows, so that a quarter, its share among four labels, would be far too much.
    assert probs[len(ASKED) :, LABELS.names.index("never_seen")].mean() < 0.10
    assert (probs > 0).all()


@pytest.mark.parametrize("case", BY_NAME)
def test_the_seed_decides_the_result_where_there_is_chance(case: Case, base: Path | None, tmp_path: Path) -> None:
    first, again, other = (
        fit(case.name, base, tmp_path / name, how=case.how(seed=seed, epochs=1)).scores(ASKED).logits
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) is not case.chance


@pytest.mark.parametrize("few", [False, True], ids=["tune rows", "folds"])
@pytest.mark.parametrize("case", [case for case in BY_NAME if case.values[0].base in (None, "tiny_bert", "tiny_llama")])
def test_it_learns_with_tune_rows_and_with_folds(case: Case, base: Path | None, few: bool, tmp_path: Path) -> None:
    # Random weights carry little from one message to another, so that folds stop a network early; chance is 1/3.
    rate = 5e-3 if case.name == "NAME" and not few else 2e-3
    least = 0.8 if not case.chance else 0.4 if few else 0.6
    how = case.how(epochs=10, learning_rate=rate)
    fitted = fit(case.name, base, tmp_path, rows=data(few=few), how=how)
    accuracy = (fitted.scores(TEXTS).logits.argmax(axis=1) == Y).mean()
    assert accuracy == pytest.approx(1 / 3) if case.name == "majority" else accuracy > least


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in BY_NAME
        if case.id in ("embed-tiny_bert-tokens", "encoder-tiny_bert-tokens", "NAME-tiny_llama-tokens")
    ],
)
def test_networks_see_easy_rows_first_where_it_is_known_which_are_easy(
    case: Case, base: Path | None, tmp_path: Path
) -> None:
    rows = data(few=True)
    hard = replace(rows, difficulty=np.random.default_rng(0).random(len(rows.y)))
    known, again, unknown = (
        fit(case.name, base, tmp_path / name, rows=given, how=case.how(epochs=1))
        for name, given in (("a", hard), ("b", hard), ("c", rows))
    )
    np.testing.assert_array_equal(known.scores(ASKED).logits, again.scores(ASKED).logits)
    # The frozen encoder of `embed` is fitted on all rows at once.
    assert np.array_equal(known.scores(ASKED).logits, unknown.scores(ASKED).logits) is not case.chance
    if case.chance:
        assert known.training.n_steps == unknown.training.n_steps

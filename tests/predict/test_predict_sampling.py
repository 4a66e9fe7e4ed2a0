"""What is drawn has the probabilities that it should have, row by row."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from suffice.predict import sampling
from suffice.predict.sampling import choose, draws_of
from suffice.records.completion import Decoding

# By hand: 0.5, 0.25, 0.125 and 0.125 at temperature 1; 0.727, 0.182, 0.045 and 0.045 at temperature 0.5.
LOGITS = torch.tensor([[2.0, 4.0, 3.0, 2.0, -torch.inf]]) * float(np.log(2.0))
N_DRAWS = 20_000


def shares(decoding: Decoding, logits_BV: torch.Tensor = LOGITS) -> list[float]:
    draws = np.random.default_rng(0)
    many = logits_BV.expand(N_DRAWS, -1)
    chosen = choose(many, decoding=decoding, draws=[draws] * N_DRAWS)
    return [round(float(one), 2) for one in np.bincount(chosen, minlength=logits_BV.shape[1]) / N_DRAWS]


def of(**given: float) -> Decoding:
    return Decoding(max_new_tokens=1, **given)  # type: ignore[arg-type]


def test_tokens_are_drawn_as_likely_as_they_are() -> None:
    assert shares(of(temperature=1.0)) == pytest.approx([0.125, 0.5, 0.25, 0.125, 0.0], abs=0.011)
    assert shares(of(temperature=0.5)) == pytest.approx([0.045, 0.727, 0.182, 0.045, 0.0], abs=0.011)


@pytest.mark.parametrize("n_candidates", [256, 2, 1])
def test_nothing_is_drawn_behind_the_likeliest_that_come_to_the_share(
    n_candidates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "N_CANDIDATES", n_candidates)
    # By hand: 0.5 and 0.25 come to 0.75, of which they are two thirds and one.
    assert shares(of(temperature=1.0, top_p=0.7)) == pytest.approx([0.0, 2 / 3, 1 / 3, 0.0, 0.0], abs=0.011)
    assert shares(of(temperature=1.0, top_p=0.75)) == pytest.approx([0.0, 2 / 3, 1 / 3, 0.0, 0.0], abs=0.011)
    assert shares(of(temperature=1.0, top_p=0.01)) == [0.0, 1.0, 0.0, 0.0, 0.0]


def test_rows_that_need_the_whole_vocabulary_draw_as_if_they_were_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "N_CANDIDATES", 2)
    flat = torch.zeros(1, 5)
    both, decoding = torch.cat([LOGITS, flat]), of(temperature=1.0, top_p=0.7)
    for seed in range(20):
        draws = [draws_of("a", seed=seed), draws_of("b", seed=seed)]
        together = choose(both, decoding=decoding, draws=draws)
        alone = [
            choose(row[None], decoding=decoding, draws=[draws_of(name, seed=seed)])[0]
            for row, name in zip(both, "ab", strict=True)
        ]
        assert together == alone


def test_of_equal_logits_the_lowest_number_is_taken_and_nothing_is_drawn() -> None:
    assert choose(torch.tensor([[1.0, 3.0, 3.0, 3.0]]), decoding=of(), draws=[None]) == [1]  # type: ignore[list-item]


def test_what_may_not_be_said_is_never_drawn_at_either_end_of_the_draws() -> None:
    class Fixed:
        def __init__(self, value: float) -> None:
            self.value = value

        def random(self) -> float:
            return self.value

    hidden = torch.tensor([[-torch.inf, 0.0, 0.0, -torch.inf]])
    for top_p in (1.0, 0.9999):
        for value, expected in ((0.0, 1), (float(np.nextafter(1.0, 0.0)), 2)):
            draws = [Fixed(value)]
            found = choose(hidden, decoding=of(temperature=1.0, top_p=top_p), draws=draws)  # type: ignore[arg-type]
            assert found == [expected]


def test_a_rows_draws_are_its_own() -> None:
    assert draws_of("a", seed=1).random() == draws_of("a", seed=1).random()
    assert len({draws_of(name, seed=seed).random() for name in ("a", "b") for seed in (0, 1)}) == 4

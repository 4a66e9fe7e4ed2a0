import numpy as np

from suffice.split.keyed import keyed_fractions

KEYS = [f"key {n}" for n in range(4_000)]


def draws(*, seed: int = 0, purpose: str = "test") -> np.ndarray:
    return keyed_fractions(KEYS, seed=seed, purpose=purpose)


def test_a_draw_depends_on_its_own_key_alone():
    assert np.array_equal(keyed_fractions(KEYS[7:9], seed=0, purpose="test"), draws()[7:9])


def test_draws_are_the_same_in_every_process():
    # BLAKE2b of "a" under the BLAKE2b key of "0\x00test", its first 53 bits over 2^53, with hashlib by hand.
    assert keyed_fractions(["a"], seed=0, purpose="test").tolist() == [0.1464146508203863]


def test_draws_are_uniform_below_one():
    assert draws().min() >= 0.0
    assert draws().max() < 1.0
    # Standard error of a share at 4,000 draws: 0.0079 at the median; four of them.
    assert np.allclose(np.quantile(draws(), [0.2, 0.5, 0.8]), [0.2, 0.5, 0.8], atol=0.032)


def test_draws_for_different_purposes_and_seeds_know_nothing_of_each_other():
    for other in (draws(purpose="validation"), draws(seed=1), draws(seed=-1)):
        # Standard error of a correlation at 4,000 pairs: 0.016; four of them.
        assert abs(np.corrcoef(draws(), other)[0, 1]) < 0.064


def test_a_seed_and_a_purpose_are_not_run_together():
    assert not np.array_equal(draws(seed=1, purpose="1"), draws(seed=11, purpose=""))


def test_no_keys_have_no_draws():
    assert keyed_fractions([], seed=0, purpose="test").shape == (0,)

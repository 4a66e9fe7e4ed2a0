"""Keys of rows under way lie where they should, whatever comes, grows and goes."""

from __future__ import annotations

import torch

from suffice.predict.attention import Keys
from suffice.predict.key_cache import KeyCache, Step

N_BEFORE, G, E = 5, 2, 4


def keys(n: int, *, seed: int) -> Keys:
    drawn = torch.Generator().manual_seed(seed)
    return Keys(torch.randn(n, G, E, generator=drawn), torch.randn(n, G, E, generator=drawn))


def cache(n_rows: int = 3) -> KeyCache:
    return KeyCache({0: keys(N_BEFORE, seed=0)}, n_rows=n_rows)


def test_room_is_filled_up_to_a_step_of_keys_and_given_back() -> None:
    # By hand: 5 before and 4 make 9, filled up to 32; 5 and 28 make 33, filled up to 64.
    some = cache()
    assert [some.fit(n) for n in (4, 27, 28, 3)] == [27, 27, 59, 27]


def test_rows_keep_their_keys_while_room_grows_and_shrinks() -> None:
    some, new = cache(), keys(7, seed=1)
    some.put({0: new}, rows=[2, 0], lengths=[3, 4])
    for n_tokens in (40, 4):
        some.fit(n_tokens)
        for kept, given in zip(some.at(0), new, strict=True):
            assert torch.equal(kept[2, :, :3], given[:3].transpose(0, 1))
            assert torch.equal(kept[0, :, :4], given[3:].transpose(0, 1))
            assert not kept[1].any()


def test_a_row_moves_to_the_place_of_another() -> None:
    some, new = cache(), keys(7, seed=1)
    some.put({0: new}, rows=[0, 1], lengths=[3, 4])
    some.move(1, 0, length=4)
    assert torch.equal(some.at(0).v[0, :, :4], new.v[3:].transpose(0, 1))


def test_a_step_attends_to_the_beginning_and_to_its_own_row_within_the_window() -> None:
    some, own, one_more = cache(), keys(7, seed=1), keys(2, seed=2)
    some.put({0: own}, rows=[0, 1], lengths=[3, 4])
    step = Step.of([7, 8], [3, 4], cache=some, device=torch.device("cpu"))
    assert step.positions_N.tolist() == [N_BEFORE + 3, N_BEFORE + 4]
    q = torch.randn(2, 2 * G, E, generator=torch.Generator().manual_seed(3))
    for window in (None, 6):
        with torch.inference_mode():
            found, _ = step.attend(q, *one_more, layer=0, scaling=0.5, window=window)
        for row, (first, last) in enumerate(((0, 3), (3, 7))):
            k, v = (
                torch.cat([before, mine[first:last], new[row : row + 1]]).repeat_interleave(2, dim=1)
                for before, mine, new in zip(some.before[0], own, one_more, strict=True)
            )
            seen = slice(None) if window is None else slice(-window, None)
            scores = torch.einsum("he,nhe->hn", q[row], k[seen]) * 0.5
            expected = torch.einsum("hn,nhe->he", scores.softmax(-1), v[seen])
            torch.testing.assert_close(found[row], expected, atol=1e-5, rtol=1e-5)

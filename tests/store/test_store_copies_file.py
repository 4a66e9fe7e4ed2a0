import numpy as np
import pytest

from suffice.records.copies import Copies, CutComponent
from suffice.store.copies_file import read_copies, write_copies

COPIES = Copies(
    exact=np.array([0, 1, 2]),
    normalised=np.array([0, 1, 1]),
    near=np.array([0, 0, 0]),
    threshold=0.8,
    method="minhash",
    miss_rate=0.0017,
    cut=(CutComponent(n_rows=30, threshold=0.9),),
)


def test_what_is_written_is_read_back(tmp_path):
    write_copies(tmp_path / "copies.npz", COPIES)
    back = read_copies(tmp_path / "copies.npz")
    assert back is not None
    for name in ("exact", "normalised", "near"):
        assert getattr(back, name).tolist() == getattr(COPIES, name).tolist()
    assert (back.threshold, back.method, back.miss_rate, back.cut) == (0.8, "minhash", 0.0017, COPIES.cut)


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_file_that_was_cut_off_is_as_good_as_none(tmp_path, keep):
    path = tmp_path / "copies.npz"
    write_copies(path, COPIES)
    path.write_bytes(path.read_bytes()[:keep])
    assert read_copies(path) is None


def test_a_file_with_a_flipped_bit_is_as_good_as_none(tmp_path):
    path = tmp_path / "copies.npz"
    write_copies(path, COPIES)
    held = bytearray(path.read_bytes())
    held[held.index(b"exact.npy") + 150] ^= 1
    path.write_bytes(held)
    assert read_copies(path) is None


def test_a_file_of_something_else_is_as_good_as_none(tmp_path):
    path = tmp_path / "copies.npz"
    assert read_copies(path) is None
    path.write_text("no copies")
    assert read_copies(path) is None
    np.savez(path, near=COPIES.near)
    assert read_copies(path) is None

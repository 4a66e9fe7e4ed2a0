import numpy as np
import pytest

from suffice.errors import StorageError
from suffice.store.arrays import read_arrays, write_arrays

ARRAYS = {
    "codes": np.arange(30),
    "shares": np.array([[0.1, np.nan], [1.0, -np.inf]]),
    "right": np.array([True, False]),
    "none": np.empty((4, 0), dtype=np.int64),
    "why": np.array("no file, no hub"),
}


@pytest.fixture
def path(tmp_path):
    """A written file."""
    write_arrays(tmp_path / "made" / "arrays.npz", ARRAYS)
    return tmp_path / "made" / "arrays.npz"


def test_what_is_written_is_read_back(path):
    back = read_arrays(path)
    assert list(back) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert (back[name].dtype, back[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(back[name], array)
    assert [file.name for file in path.parent.iterdir()] == ["arrays.npz"]


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_file_that_was_cut_off_is_as_good_as_none(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    assert read_arrays(path) is None


def test_a_flipped_bit_in_any_array_or_its_header_is_noticed(path):
    whole = path.read_bytes()
    # Up to the list of what the file holds, which comes last.
    for place in range(0, whole.index(b"PK\x01\x02"), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 8
        path.write_bytes(damaged)
        back = read_arrays(path)
        # Or else it is one that nothing hangs on, such as the hour.
        assert back is None or all(
            np.array_equal(back[name], ARRAYS[name], equal_nan=name == "shares") for name in back
        )


def test_a_file_of_something_else_is_as_good_as_none(tmp_path):
    path = tmp_path / "arrays.npz"
    assert read_arrays(path) is None
    path.write_text("no arrays")
    assert read_arrays(path) is None
    with path.open("wb") as file:
        np.save(file, np.arange(3))
    assert read_arrays(path) is None


def test_nothing_in_the_file_can_run_code(tmp_path):
    np.savez(tmp_path / "arrays.npz", made=np.array([print], dtype=object))
    assert read_arrays(tmp_path / "arrays.npz") is None


def test_a_file_where_the_folder_must_be_is_the_persons_to_mend(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="name a folder, not a file"):
        write_arrays(tmp_path / "file" / "arrays.npz", ARRAYS)

import pytest

from suffice.dataset.splits import split_of_file


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train.csv", "train"),
        ("data/train-00000-of-00002.parquet", "train"),
        ("banking_dev.jsonl", "validation"),
        ("my-test-file.csv", "test"),
        ("test/0000.parquet", "test"),
        ("train/eval.csv", "test"),
        ("data/VALIDATION.parquet", "validation"),
        ("categories.json", None),
        ("training_data/rows.csv", "train"),
        ("testfile.csv", None),
        ("contested.csv", None),
    ],
)
def test_the_split_of_a_hub_file_is_a_word_of_its_name_or_folder(path, split):
    # Cases after the hub's documentation, "File names and splits".
    assert split_of_file(path) == split

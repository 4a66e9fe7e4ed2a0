from time import process_time

import pytest

from suffice.kinds.extraction.sentences import first_sentence


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("Paris. It is the capital of France.", "Paris"),
        ("Paris.** It is the capital.", "Paris"),
        ("1.5 million. It grew.", "1.5 million"),
        ("1984. It was a good year.", "1984"),
        ("J. R. R. Tolkien. He wrote it.", "J. R. R. Tolkien"),
        ("Dr. Jekyll and Mr. Hyde. Stevenson wrote it.", "Dr. Jekyll and Mr. Hyde"),
        ("No. It is not.", "No"),
        ("Élan. Été is a season.", "Élan"),
    ],
)
def test_a_sentence_ends_where_another_begins(line, first):
    assert first_sentence(line) == first


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Paris",
        "Paris.",
        "St. Louis",
        "U.S. Navy",
        "Ph.D. Student",
        "1. Paris",
        "E. coli",
        "Mambo No. 5",
        "Node.js is it",
        "at 5 p.m. tomorrow",
        "wait... Paris",
        "Washington, D.C. It is the capital.",
    ],
)
def test_names_initials_decimals_and_lists_are_not_cut(line):
    assert first_sentence(line) == line


@pytest.mark.parametrize("part", [".", "a. ", "A. ", "x.", " ", "Paris", "dr. X"])
def test_a_line_made_to_be_slow_is_read_in_no_time(part):
    started = process_time()
    first_sentence((part * 500_000)[:500_000])
    assert process_time() - started < 2.0

from hypothesis import given
from hypothesis import strategies as st

from suffice.audit.repeats import repeats

CLEAR = [("where is it", "late", "train"), ("where is mine", "late", "train"), ("refund", "money", "test")]


def test_messages_that_differ_by_case_space_or_punctuation_are_found(found):
    [finding] = found("normalised_duplicate", [*CLEAR, ("Where  IS it?", "late", "train")])
    # One of four rows.
    assert (finding.severity, finding.rows, finding.score) == ("note", ("id3",), 0.25)
    assert finding.message.startswith("1 of 4 messages differ from an earlier one by case, white space")
    assert finding.fix.startswith("nothing need be done")


def test_an_exact_copy_is_counted_as_exact_alone(found):
    rows = [*CLEAR, ("Refund!", "money", "train"), ("Refund!", "money", "train")]
    assert [finding.rows for finding in found("normalised_duplicate", rows)] == [("id3",)]
    assert [finding.rows for finding in found("exact_duplicate", rows)] == [("id4",)]


# It always applies: every row has a text.
def test_messages_of_different_words_are_clear(found):
    assert found("normalised_duplicate", [*CLEAR, ("refund", "money", "test")]) == []


@given(st.lists(st.sampled_from("abcd")))
def test_what_repeats_is_all_but_the_first_of_each(keys):
    first = [key for key, again in zip(keys, repeats(keys), strict=True) if not again]
    assert first == list(dict.fromkeys(keys))

CLEAR = [("where is it", "late", "train"), ("where is mine", "late", "train"), ("refund", "money", "test")]


def test_messages_that_differ_by_case_space_or_punctuation_are_found(found):
    [finding] = found("normalised_duplicate", [*CLEAR, ("Where  IS it?", "late", "train")])
    assert (finding.severity, finding.rows, finding.score) == ("note", ("id0", "id3"), 2)
    assert finding.message == "2 rows differ by case, white space, Unicode form or punctuation alone"
    assert "suffice clean" in finding.fix


def test_a_group_of_exact_copies_is_told_as_exact_alone(found):
    rows = [*CLEAR, ("refund", "money", "train")]
    assert found("normalised_duplicate", rows) == []
    assert [finding.rows for finding in found("exact_duplicate", rows)] == [("id2", "id3")]
    # One more, written otherwise, is a group of its own that has all three.
    assert [finding.rows for finding in found("normalised_duplicate", [*rows, ("Refund!", "money", "train")])] == [
        ("id2", "id3", "id4")
    ]


def test_messages_of_different_words_are_clear(found):
    assert found("normalised_duplicate", [*CLEAR, ("refund", "money", "test")]) == []


def test_not_applicable_with_a_single_row(why_not):
    assert why_not("normalised_duplicate", CLEAR[:1]) == "there are fewer than two rows"

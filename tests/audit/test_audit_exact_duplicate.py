CLEAR = [("where is it", "late", "train"), ("Where is it", "late", "train"), ("refund", "money", "test")]


def test_every_group_of_the_same_message_is_found_with_all_its_rows(found):
    rows = [*CLEAR, ("refund", "late", "train"), ("refund", "money", "train"), ("Where is it", "late", "test")]
    first, second = found("exact_duplicate", rows)
    assert (first.severity, first.rows, first.score) == ("note", ("id1", "id5"), 2)
    assert (second.rows, second.score) == (("id2", "id3", "id4"), 3)
    assert second.message == "3 rows have the same text"
    assert "suffice clean" in second.fix


def test_messages_that_differ_in_one_character_are_clear(found):
    assert found("exact_duplicate", CLEAR) == []


def test_not_applicable_with_a_single_row(why_not):
    assert why_not("exact_duplicate", CLEAR[:1]) == "there are fewer than two rows"

CLEAR = [("where is it", "late", "train"), ("Where is it", "late", "train"), ("refund", "money", "test")]


def test_every_repeat_of_a_message_is_found(found):
    rows = [*CLEAR, ("refund", "late", "train"), ("refund", "money", "train")]
    [finding] = found("exact_duplicate", rows)
    # Two of five rows.
    assert (finding.severity, finding.rows, finding.score) == ("note", ("id3", "id4"), 0.4)
    assert finding.message == "2 of 5 messages are the same as an earlier one"
    assert finding.fix.startswith("nothing need be done")


# It always applies: every row has a text.
def test_messages_that_differ_in_one_character_are_clear(found):
    assert found("exact_duplicate", CLEAR) == []

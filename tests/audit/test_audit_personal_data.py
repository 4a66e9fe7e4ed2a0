CLEAR = [("order 0612345678 of 12.05.2024", "late", "train"), ("refund me", "money", "test")]


def test_each_kind_is_counted_and_shown_masked(found):
    rows = [
        *CLEAR,
        ("mail jo@example.org or ann@example.com", "late", "train"),
        ("jo@example.org", "money", "validation"),
        ("charged on 4111 1111 1111 1111", "money", "train"),
        ("call +44 20 7946 0958 or jo@example.org", "money", "test"),
    ]
    card, mail, phone = found("personal_data", rows)
    assert (mail.severity, mail.rows, mail.score) == ("warn", ("id2", "id3"), 3 / 6)
    assert mail.message == "3 messages of 6 (1 in test) with an e-mail address, such as j***@e***.org, a***@e***.com"
    assert mail.fix.startswith("write a word such as <e-mail> in its place")
    assert card.message == "1 message of 6 (0 in test) with a card number, such as **** **** **** 1111"
    assert (phone.rows, phone.message) == ((), "1 message of 6 (1 in test) with a phone number")


def test_nothing_of_a_test_row_is_shown_even_masked(found):
    [finding] = found("personal_data", [*CLEAR, ("jo@example.org", "late", "test")])
    assert "***" not in finding.message


# It always applies: test_audit_check.py.
def test_messages_without_personal_data_are_clear(found):
    assert found("personal_data", CLEAR) == []

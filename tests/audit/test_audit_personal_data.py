from suffice.report import told

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
    assert mail.message == "3 texts of 6 (1 in test) with an e-mail address, such as j***@e***.org, a***@e***.com"
    assert card.message == "1 text of 6 (0 in test) with a card number, such as **** **** **** 1111"
    assert (phone.rows, phone.message) == ((), "1 text of 6 (1 in test) with a phone number")


def test_what_to_do_is_told_of_all_kinds_at_once(run_audit):
    rows = [
        ("jo@example.org", "late", "train"),
        ("charged on 4111 1111 1111 1111", "late", "train"),
        ("call +44 20 7946 0958", "late", "train"),
        ("to DE89 3704 0044 0532 0130 00", "late", "train"),
    ]
    [of_all] = [one for one in told(run_audit(rows).findings) if one.code == "personal_data"]
    [fix] = of_all.fixes
    assert of_all.n_findings == 4
    assert fix.startswith("write a word such as <IBAN>, <card>, <e-mail>, <phone> in its place")


def test_nothing_of_a_test_row_is_shown_even_masked(found):
    [finding] = found("personal_data", [*CLEAR, ("jo@example.org", "late", "test")])
    assert "***" not in finding.message


# It always applies: test_audit_check.py.
def test_messages_without_personal_data_are_clear(found):
    assert found("personal_data", CLEAR) == []

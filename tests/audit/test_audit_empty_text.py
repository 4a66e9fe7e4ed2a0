import re

import pytest

from suffice.audit import stop_on
from suffice.errors import AuditStop

CLEAR = [("where is it", "late", "train"), ("?", "late", "test"), ("refund me", "money", "train")]
NOTHING = ["", " \t\n", "\x07", "\u200b\ufeff"]


def test_messages_that_show_nothing_are_found(found):
    rows = [*CLEAR, *((text, "money", "train") for text in NOTHING)]
    [finding] = found("empty_text", rows)
    assert finding.rows == ("id3", "id4", "id5", "id6")
    assert finding.severity == "stop"


def test_the_error_counts_them_names_rows_and_the_way_on(audited):
    seen = audited([*CLEAR, ("", "money", "train"), (" ", "late", "train")])
    where = re.escape("raw-1f3a (m.csv: rows 3, 4): every message must show something")
    got = "got: 2 of 5 messages: empty, blank or made of control characters"
    fix = r"fix: take these rows out, or fill in their text; or `audit.allow=\[empty_text\]` keeps them"
    with pytest.raises(AuditStop, match=rf"{where}\n  {got}\n  {fix}"):
        stop_on(seen, allow=())


# It always applies: test_audit_check.py.
def test_messages_that_show_something_are_clear(found):
    assert found("empty_text", CLEAR) == []

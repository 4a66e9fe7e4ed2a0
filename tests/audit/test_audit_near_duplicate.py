from dataclasses import replace

from suffice.audit.near_duplicate import NEAR_DUPLICATE
from suffice.records.copies import CutComponent

CLEAR = [
    ("where is my card, it has not come", "late", "train"),
    ("please give me my money back", "money", "test"),
]
NEAR = ("where is my card, it has not comee", "late", "train")


def test_messages_that_differ_by_a_letter_are_found(found):
    [finding] = found("near_duplicate", [*CLEAR, NEAR])
    assert (finding.severity, finding.rows, finding.score) == ("note", ("id0", "id2"), 2)
    assert finding.message == "2 rows share 80% or more of their character 5-grams, each with another of them"
    assert "suffice clean" in finding.fix


def test_a_group_of_normalised_copies_is_told_as_normalised_alone(found):
    rows = [*CLEAR, ("Where is my card? It has not come!", "late", "train")]
    assert found("near_duplicate", rows) == []
    assert [finding.rows for finding in found("near_duplicate", [*rows, NEAR])] == [("id0", "id2", "id3")]


def test_near_copies_that_chain_too_many_rows_are_parted_and_that_is_told(audited):
    cut = (CutComponent(n_rows=70, threshold=0.9),)
    seen = audited(CLEAR)
    [told] = NEAR_DUPLICATE.look(replace(seen, copies=replace(seen.copies, cut=cut)))
    assert (len(told.rows), told.score) == (0, 70)
    assert "too many for one group: they were parted at 90%" in told.got
    assert "data.group" in told.fix


def test_how_many_pairs_are_missed_is_told_where_minhash_looked_for_them(audited):
    seen = audited([*CLEAR, NEAR])
    assert NEAR_DUPLICATE.left_out(seen) is None
    of_many = replace(seen, copies=replace(seen.copies, method="minhash", miss_rate=0.0017))
    assert NEAR_DUPLICATE.needs(of_many) is None
    assert "a pair right at 80% is missed with chance 0.0017" in NEAR_DUPLICATE.left_out(of_many)


def test_messages_of_other_words_are_clear(found):
    assert found("near_duplicate", [*CLEAR, ("please give me my card back", "money", "train")]) == []


def test_not_applicable_with_a_single_row(why_not):
    assert why_not("near_duplicate", CLEAR[:1]) == "there are fewer than two rows"

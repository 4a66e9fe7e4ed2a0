import numpy as np

from suffice.audit.leakage import LEAKAGE
from suffice.audit.paraphrase import PARAPHRASE

ROWS = [
    ("where is my parcel", "late", "train"),
    ("my parcel, what became of it", "late", "train"),
    ("give me back my money", "money", "train"),
    ("Give me back my money!", "money", "train"),
    ("has my parcel come", "late", "test"),
    ("I was charged twice", "money", "test"),
    ("they took the fee two times", "money", "test"),
]
PROBS = np.full((4, 2), 0.5)


def look(asked, paraphrases):
    seen = asked(ROWS, np.log(PROBS), paraphrases=paraphrases)
    assert PARAPHRASE.needs(seen) is None
    return list(PARAPHRASE.look(seen))


def test_rows_that_say_the_same_in_other_words_are_found_as_a_lead(asked):
    [found] = look(asked, [0, 0, 1, 2, 3, 4, 5])
    assert (PARAPHRASE.severity, found.rows.tolist(), found.score) == ("note", [0, 1], 2)
    assert found.got == "2 messages may say the same in other words: a lead, by their embeddings"
    assert "nothing is removed for this reason" in found.fix


def test_a_group_across_splits_is_told_whole_and_its_test_rows_are_leaked(asked):
    parcel, fee = look(asked, [0, 0, 1, 2, 0, 3, 3])
    assert (parcel.rows.tolist(), fee.rows.tolist()) == ([0, 1, 4], [5, 6])
    [leaked] = LEAKAGE.look(asked(ROWS, np.log(PROBS), paraphrases=[0, 0, 1, 2, 0, 3, 3]))
    assert (leaked.rows.tolist(), leaked.score) == ([4], None)
    assert leaked.got.startswith("1 test row of 3 with a row that may say the same in other words (a lead)")


def test_copies_are_left_to_the_checks_of_copies(asked):
    assert look(asked, [0, 1, 2, 2, 3, 4, 5]) == []


def test_messages_that_say_different_things_are_clear(asked):
    assert look(asked, range(7)) == []


def test_not_applicable_without_embeddings_or_any_model(asked, why_not):
    assert PARAPHRASE.needs(asked(ROWS, np.log(PROBS))) == "no encoder"
    assert why_not("paraphrase", ROWS) == "no model was asked about the rows"

from dataclasses import replace

import numpy as np

from suffice.audit.too_long import TOO_LONG
from suffice.records.lengths import NotCounted, TokenLengths

ROWS = [(f"text {k}", "ab"[k % 2], "test" if k > 17 else "train") for k in range(20)]
ABSENT = NotCounted(base="smollm2-135m", why="it is not ready on this machine", fix="bring it")
NOT_COUNTED = "no tokens counted to smollm2-135m: it is not ready on this machine: bring it"


def read_by(base, n_tokens, *, limit=32, most=256):
    return TokenLengths(base=base, rungs=("embed",), limit=limit, most=most, n_tokens=np.array(n_tokens))


def look(audited, *lengths):
    seen = replace(audited(ROWS), lengths=lengths)
    assert TOO_LONG.needs(seen) is None
    return list(TOO_LONG.look(seen))


def test_longer_messages_are_found_and_those_in_test_only_counted(audited):
    [found] = look(audited, read_by("minilm-l6", [*range(1, 18), 33, 32, 40]))
    assert (TOO_LONG.severity, found.rows.tolist(), found.score) == ("note", [17], 2 / 20)
    # By hand: the tenth of 20 rows has 10 tokens, the nineteenth 33.
    assert found.got == (
        "2 messages of 20 (1 in test) longer than the 32 tokens that minilm-l6 reads; half have at most 10 tokens, "
        "95% 33, the longest 40"
    )
    assert found.fix.startswith("set context_tokens=40 to have them read whole")


def test_what_the_model_itself_cannot_read_needs_another_one(audited):
    lengths = [1] * 19 + [400]
    [raised], [as_it_is] = (
        look(audited, read_by("minilm-l6", lengths)),
        look(audited, read_by("minilm-l6", lengths, limit=256)),
    )
    assert raised.fix.startswith("set context_tokens=256 for the most that it takes, choose a base model with a longer")
    assert as_it_is.fix.startswith("choose a base model with a longer context, or shorten them")


def test_a_model_to_which_nothing_was_counted_is_told_beside_the_others(audited):
    lengths = (read_by("minilm-l6", [*[1] * 19, 33]), ABSENT)
    [long] = look(audited, *lengths)
    assert long.got.startswith("1 message of 20 (1 in test)")
    assert TOO_LONG.left_out(replace(audited(ROWS), lengths=lengths)) == NOT_COUNTED


def test_messages_that_fit_are_clear(audited):
    assert look(audited, read_by("minilm-l6", [32] * 20)) == []


def test_not_applicable_where_nothing_was_counted(audited):
    absent = replace(audited(ROWS), lengths=(ABSENT,))
    assert TOO_LONG.needs(absent) == NOT_COUNTED
    assert TOO_LONG.needs(audited(ROWS)) == "no rung of the ladder counts in tokens"

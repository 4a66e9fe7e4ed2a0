import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.audit import stop_on
from suffice.audit.label_form import label_form
from suffice.errors import AuditStop

CLEAR = [("a", "top_up", "train"), ("b", "top-up", "train"), ("c", "top ups", "train")]


@pytest.mark.parametrize(
    "variant",
    [
        "Café Bill",
        "café bill ",
        "cafébill",
        "cafe\u0301 bill",
        "café\u00a0bill",
        "café bill\u200b",
        "ｃａｆé bill",
        "\U0001d402afé bill",
    ],
)
def test_labels_that_differ_by_case_space_or_unicode_form_are_found(found, variant):
    rows = [("a", "café bill", "train"), ("b", "café bill", "train"), ("c", variant, "train"), ("d", "other", "train")]
    [finding] = found("label_variants", rows)
    assert (finding.severity, finding.rows) == ("stop", ("id2",))


def test_the_commonest_spelling_is_the_one_to_keep(audited):
    rows = [("a", "Late", "train"), ("b", "LATE", "train"), ("c", "late", "train"), ("d", "late", "test")]
    got = "got: one label in several spellings: 'late' on 2 rows, 'LATE' on 1 row, 'Late' on 1 row"
    fix = r"fix: write 'late' in all of these rows, .*; or `audit.allow=\[label_variants\]` keeps them"
    with pytest.raises(AuditStop, match=rf"m.csv: rows 0, 1\): .*\n  {got}\n  {fix}"):
        stop_on(audited(rows), allow=["rare_label"])


def test_variants_of_a_declared_label_that_no_row_has_are_found(found):
    [finding] = found("label_variants", CLEAR, declared=["top_up", "top-up", "top ups", "Top_Up"])
    assert finding.message.endswith("'top_up' on 1 row, 'Top_Up' on 0 rows")


def test_a_variant_outside_the_declared_set_is_left_to_unknown_label(found):
    rows = [*CLEAR, ("d", "TOP_UP", "train")]
    assert found("label_variants", rows, declared=["top_up", "top-up", "top ups"]) == []


def test_labels_that_differ_by_punctuation_or_letters_are_clear(found):
    assert found("label_variants", CLEAR) == []


def test_not_applicable_with_one_label(why_not):
    assert why_not("label_variants", CLEAR[:1]) == "there is one label"


@given(st.text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.sampled_from(["", " ", "\u00a0", "\u200b"]))
def test_form_and_white_space_around_never_make_another_label(label, form, space):
    assert label_form(space + unicodedata.normalize(form, label) + space) == label_form(label)

import pytest

from suffice.audit.label_form import label_form


@pytest.mark.parametrize(
    "spelling", ["Top up", "TOP UP", "top  up ", "topup", "\u200btop up", "top\u00a0up", "\uff34op up"]
)
def test_case_white_space_and_unicode_form_do_not_count(spelling):
    assert label_form(spelling) == "topup"


def test_case_folds_where_lower_case_does_not():
    assert label_form("Stra\u00dfe") == label_form("STRASSE") == "strasse"
    assert label_form("\ufb01ne") == label_form("FINE")


@pytest.mark.parametrize(("one", "other"), [("top_up", "top-up"), ("caf\u00e9", "cafe"), ("tier 1", "tier 2")])
def test_punctuation_accents_and_digits_count(one, other):
    assert label_form(one) != label_form(other)

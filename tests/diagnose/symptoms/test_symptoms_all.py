from suffice.diagnose.symptoms import SYMPTOMS, look
from suffice.records.symptoms import Clear, NotApplicable


def test_the_five_symptoms_have_names_of_their_own_and_say_what_they_mean_and_where_it_comes_from():
    assert [symptom.name for symptom in SYMPTOMS] == [
        "repetition",
        "poor_logic",
        "no_gain",
        "hallucination",
        "prompt_reliance",
    ]
    for symptom in SYMPTOMS:
        assert len(symptom.definition) > 20
        assert symptom.unit in {"fraction", "points"}
        assert symptom.source


def test_each_says_found_clear_or_not_applicable_in_order(observed):
    looked = look(observed())
    assert [one.symptom for one in looked] == [symptom.name for symptom in SYMPTOMS]
    assert [type(one) for one in looked] == [Clear, NotApplicable, NotApplicable, Clear, NotApplicable]


def test_what_is_held_against_a_threshold_has_the_symptoms_unit(observed):
    for symptom, one in zip(SYMPTOMS, look(observed()), strict=True):
        if isinstance(one, Clear) and one.figures:
            assert one.figures[0].unit == symptom.unit
            assert one.threshold_from

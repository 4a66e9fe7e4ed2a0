from suffice.evaluate.clusters.traits import phrases, traits_of


def test_phrases_are_runs_of_up_to_three_words_with_numbers_alike():
    assert phrases("Tom's 12 eggs") == {"tom's", "#", "eggs", "tom's #", "# eggs", "tom's # eggs"}
    assert phrases("1,000.50 eggs") == {"#", "eggs", "# eggs"}
    assert phrases("") == set()


def test_a_very_long_text_is_read_in_part():
    assert "end" not in phrases("word " * 5_000 + "end")


def test_traits_of_the_very_same_rows_are_one_and_the_longest_phrase_names_them():
    traits = traits_of(["twice as many", "twice as many", "none", "none"], {}, at_least=2)
    assert {one.value for one in traits.traits} == {"twice as many", "none"}


def test_a_feature_stands_for_the_phrase_of_the_same_rows_and_may_have_several_values():
    traits = traits_of(["a", "a", "b"], {"tool": [["x", "y"], ["x"], ["y"]]}, at_least=2)
    assert [one.says for one in traits.traits] == ["tool: x", "tool: y"]
    assert traits.column(1).tolist() == [True, False, True]


def test_what_all_rows_have_and_what_too_few_have_is_no_trait():
    assert traits_of(["a b", "a c"], {}, at_least=2).traits == ()

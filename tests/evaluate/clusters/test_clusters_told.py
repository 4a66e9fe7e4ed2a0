import numpy as np

from suffice.evaluate.clusters.search import Candidate
from suffice.evaluate.clusters.told import name_of, telling
from suffice.evaluate.clusters.traits import Trait, traits_of


def test_of_phrases_that_share_a_word_only_the_most_telling_is_told():
    texts = ["twice as many old eggs"] * 30 + ["as many seats"] * 30 + ["eggs"] * 40
    inside = np.arange(100) < 30
    words, features = telling(traits_of(texts, {}, at_least=5), inside, ~inside)
    told = [set(one.split()) for one in words]
    assert words
    assert all(not one & other for n, one in enumerate(told) for other in told[:n])
    assert features == []


def test_a_subject_is_named_by_its_words_and_a_rule_by_itself():
    member = np.ones(3, dtype=bool)
    rule = Trait(kind="feature", name="tool", value="search")
    assert name_of(Candidate(trait=rule, member=member), ["eggs"]) == "tool: search"
    assert name_of(Candidate(trait=None, member=member), ["eggs", "farm", "hens", "day"]) == "about eggs, farm, hens"
    assert name_of(Candidate(trait=None, member=member), []) == "one subject that no word names"

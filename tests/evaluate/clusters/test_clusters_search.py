import numpy as np

from suffice.evaluate.clusters.search import candidates
from suffice.evaluate.clusters.traits import traits_of


def test_of_rules_for_the_same_failures_only_the_best_is_taken():
    texts = ["as many"] * 20 + ["twice as many"] * 20 + ["none"] * 60
    failed = np.arange(100) // 20 == 1
    (one,) = candidates(traits_of(texts, {}, at_least=5), np.zeros((100, 0), bool), failed, np.ones(100, bool))
    assert one.trait.value == "twice as many"
    assert one.member.tolist() == failed.tolist()


def test_a_row_belongs_to_the_first_rule_that_fits():
    features = {
        "a": [["x"] if row < 30 else [] for row in range(100)],
        "b": [["y"] if 25 <= row < 50 else [] for row in range(100)],
    }
    first, second = candidates(
        traits_of([""] * 100, features, at_least=5), np.zeros((100, 0), bool), np.arange(100) < 50, np.ones(100, bool)
    )
    assert (first.member.sum(), second.member.sum()) == (30, 20)


def test_what_most_rows_have_is_no_kind_of_row_and_leaves_its_failures_to_others():
    features = {
        "calls": [["1"] if row < 75 else ["0"] for row in range(100)],
        "tool": [["light"] if row < 40 else ["room"] for row in range(100)],
    }
    failed = (np.arange(100) < 36) | (np.arange(100) // 10 == 5)
    traits = traits_of([""] * 100, features, at_least=5)
    found = candidates(traits, np.zeros((100, 0), bool), failed, np.ones(100, bool))
    assert [one.trait.says for one in found] == ["tool: light"]


def test_the_other_half_is_never_looked_at():
    texts = ["twice"] * 50 + ["none"] * 50
    half = np.arange(100) % 2 == 0
    failed = (np.arange(100) < 50) & ~half
    failed[60:80:2] = True
    found = candidates(traits_of(texts, {}, at_least=5), np.zeros((100, 0), bool), failed, half)
    assert [one.trait.value for one in found] == ["none"]


def test_subjects_are_candidates_too():
    subjects = (np.arange(100) < 20)[:, None]
    (one,) = candidates(traits_of([""] * 100, {}, at_least=5), subjects, np.arange(100) < 20, np.ones(100, bool))
    assert one.trait is None


def test_where_failures_are_as_frequent_everywhere_there_is_no_candidate():
    texts = ["a" if row % 2 else "b" for row in range(100)]
    failed = np.arange(100) % 4 < 2
    assert not candidates(traits_of(texts, {}, at_least=5), np.zeros((100, 0), bool), failed, np.ones(100, bool))

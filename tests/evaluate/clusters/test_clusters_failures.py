from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.evaluate.clusters import failure_clusters, too_little
from suffice.evaluate.clusters.failures import half_of
from suffice.records.clusters import FailureClusters
from suffice.records.evaluation import NotMeasured
from suffice.store.strict_json import dumps, loads


def by_phrase(subject, phrase, divides):
    return 0.9 if phrase == "twice as many" else 0.1


def test_a_phrase_on_which_the_system_fails_is_found_and_named(rows):
    data = rows(by_phrase)
    found = failure_clusters(data, seed=0)
    (cluster,) = found.clusters
    assert (cluster.found_by, cluster.name) == ("words", 'says "twice as many"')
    assert "twice as many" in cluster.words
    texts = dict(zip(data.ids, data.texts, strict=True))
    failed = dict(zip(data.ids, data.failed.tolist(), strict=True))
    assert len(cluster.typical) == 10
    assert all("twice as many" in texts[one] and failed[one] for one in cluster.typical)


def test_figures_are_those_of_the_half_that_it_was_not_found_on(rows):
    data = rows(by_phrase)
    found = failure_clusters(data, seed=0)
    (cluster,) = found.clusters
    second = ~half_of(data.groups, seed=0)
    inside = np.array(["twice as many" in text for text in data.texts]) & second
    assert (found.n_found_on, found.n_measured_on) == (200, 200)
    assert (cluster.n, cluster.n_failed) == (inside.sum(), (inside & data.failed).sum())
    assert cluster.share == pytest.approx(inside.sum() / 200)
    assert cluster.share_of_loss == pytest.approx((inside & data.failed).sum() / (second & data.failed).sum())
    assert cluster.accuracy == pytest.approx(1 - data.failed[inside].mean())
    assert cluster.accuracy_outside == pytest.approx(1 - data.failed[second & ~inside].mean())
    assert cluster.interval.low <= cluster.accuracy <= cluster.interval.high < cluster.interval_outside.low
    assert cluster.difference.high < 0.0
    assert found.n_scattered == found.n_failed - cluster.n_failed


def test_a_feature_is_found_beside_a_phrase(rows):
    data = rows(lambda subject, phrase, divides: 0.9 if divides or phrase == "twice as many" else 0.05)
    found = failure_clusters(data, seed=1)
    assert {one.name for one in found.clusters} == {'says "twice as many"', "operation: /"}
    assert all(one.features == ("operation: /",) for one in found.clusters if one.found_by == "feature")


def test_a_subject_that_no_single_word_names_is_found_where_failures_lie_close_together(rows):
    data = rows(lambda subject, phrase, divides: 0.9 if subject == 0 else 0.05)
    hidden = tuple(f"Question {row}" for row in range(len(data.ids)))
    found = failure_clusters(replace(data, texts=hidden), seed=0)
    (cluster,) = found.clusters
    assert (cluster.found_by, cluster.name) == ("subject", "one subject that no word names")
    assert cluster.accuracy < 0.3


def test_what_goes_wrong_in_a_cluster_is_told_where_it_is_not_what_goes_wrong_elsewhere(rows):
    data = rows(by_phrase)
    says = ["twice" in text for text in data.texts]
    (cluster,) = failure_clusters(rows(by_phrase, wrong=lambda row: "half" if says[row] else "other"), seed=0).clusters
    assert cluster.went_wrong == ("answer: half",)
    assert failure_clusters(data, seed=0).clusters[0].went_wrong == ()


# Failures that have nothing to do with anything: of 20 systems one in twenty would be called clustered by chance.
def test_failures_by_chance_are_scattered(rows):
    found = [failure_clusters(rows(lambda *of: 0.3, seed=seed), seed=seed) for seed in range(20)]
    assert sum(bool(one.clusters) for one in found) <= 3
    assert all(one.n_scattered == one.n_failed for one in found if not one.clusters)


def test_copies_of_a_few_questions_prove_less_than_as_many_questions(rows):
    alone = rows(by_phrase)
    order = np.argsort(["twice" in text for text in alone.texts], kind="stable")
    groups = np.empty(400, dtype=np.int64)
    groups[order] = np.arange(400) // 10
    together = failure_clusters(rows(by_phrase, groups=groups), seed=0)
    (cluster,) = failure_clusters(alone, seed=0).clusters
    assert all(one.q_value > cluster.q_value for one in together.clusters)
    assert all(one.interval.high - one.interval.low > 0.1 for one in together.clusters)


@pytest.mark.parametrize(
    ("n_failed", "n_groups", "why"),
    [
        (19, 100, "19 rows failed"),
        (1, 100, "1 row failed"),
        (81, 100, "19 rows did not fail"),
        (99, 100, "1 row did not fail"),
        (50, 5, "the rows are of 5 groups"),
    ],
)
def test_too_little_to_measure_says_what_is_missing(n_failed, n_groups, why):
    said = too_little(np.arange(100) < n_failed, np.arange(100) % n_groups)
    assert isinstance(said, NotMeasured)
    assert why in said.why


def test_few_failures_are_no_figure(rows):
    assert isinstance(failure_clusters(rows(lambda *of: 0.01), seed=0), NotMeasured)


def test_clusters_are_the_same_when_they_are_read_back_and_with_the_same_seed(rows):
    found = failure_clusters(rows(by_phrase), seed=0)
    assert loads(dumps(found).encode(), FailureClusters) == found == failure_clusters(rows(by_phrase), seed=0)


@given(groups=st.lists(st.integers(0, 30), min_size=2, max_size=200), seed=st.integers(0, 9))
def test_no_group_is_in_both_halves_and_neither_is_above_half_by_more_than_a_group(groups, seed):
    codes = np.array(groups)
    first = half_of(codes, seed=seed)
    assert not set(codes[first]) & set(codes[~first])
    assert abs(first.sum() - len(codes) / 2) <= np.bincount(codes).max()

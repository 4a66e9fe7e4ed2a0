"""Entries to requests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.watch.traffic import traffic_of


def test_requests_come_in_order_of_time_with_their_numbers(entry):
    found = traffic_of([entry(2, label="refund", probability=0.5), entry(1)], {"length": np.array([7.0, 3.0])})
    assert found.at.tolist() == [1_000.0, 2_000.0]
    assert found.confidence.tolist() == [0.75, 0.5]
    assert found.codes.tolist() == [0, 1]
    assert found.n_labels == 2
    assert found.scores["length"].tolist() == [3.0, 7.0]
    assert found.hours.tolist() == [0, 0]


def test_a_message_counts_once_an_hour(entry):
    at = (0.0, 600.0, 3_599.0, 3_600.0, 7_300.0)
    found = traffic_of([entry(i, at=time, text_hash="same") for i, time in enumerate(at)] + [entry(9, at=10.0)])
    assert found.at.tolist() == [0.0, 10.0, 3_600.0, 7_300.0]
    assert found.n_copies == 2


def test_an_endpoint_that_rests_does_not_look_like_other_messages(entry):
    routes = (("local", 0.9), ("local", 0.6), ("escalated", 0.01), ("review", 0.4))
    found = traffic_of([entry(i, route=route, probability=p) for i, (route, p) in enumerate(routes)])
    assert found.confidence.tolist() == [0.9, 0.6, 0.6, 0.6]
    assert found.local.tolist() == [True, True, False, False]
    as_it_was = traffic_of([entry(i, route=route, probability=p) for i, (route, p) in enumerate(routes) if p != 0.01])
    assert as_it_was.confidence.tolist() == [0.9, 0.6, 0.4]


def test_what_was_sent_on_counts_by_the_bundles_own_answer_where_that_is_known(entry):
    sent_on = entry(0, route="escalated", label="money", probability=0.01, own_label="card", own_probability=0.3)
    found = traffic_of([sent_on, entry(1, label="card", probability=0.9), entry(2, route="review", probability=0.4)])
    assert found.confidence.tolist() == [0.3, 0.9, 0.4]
    assert found.codes.tolist() == [0, 0, 0]
    assert found.local.tolist() == [False, True, False]
    assert "own_probability" not in found.scores


def test_what_is_out_of_scope_is_known_of_bundles_that_can_tell(entry):
    assert traffic_of([entry(0, why="unsure", route="review"), entry(1)]).outside is None
    found = traffic_of([entry(0, scope=9.0, why="outside", route="escalated"), entry(1, scope=1.0), entry(2)])
    assert found.outside.tolist() == [True, False, False]


def test_a_message_without_a_number_takes_the_middle_one_and_switches_no_statistic_off(entry):
    some = [replace(entry(i), scope=float(i)) for i in range(1, 20)]
    found = traffic_of([*some, replace(entry(20), scope=None)]).scores["scope"]
    assert (found[0], found[-1]) == (1.0, 10.0)
    assert "scope" not in traffic_of([*some, *(replace(entry(20 + i), scope=None) for i in range(10))]).scores


def test_time_and_money_are_no_scores(entry):
    assert set(traffic_of([entry(0), entry(1)]).scores) <= {"scope"}


def test_answers_that_were_narrowed_are_left_out_and_counted(entry):
    some = [entry(i, probability=0.5 + 0.01 * i, narrowed=i % 3 == 0, label=f"{i % 3}") for i in range(9)]
    found = traffic_of(some, {"length": np.arange(9.0)})
    assert found.n_narrowed == 3
    assert found.n_copies == 0
    assert [one.id for one in found.entries] == [one.id for one in some if not one.narrowed]
    assert found.confidence.tolist() == pytest.approx([0.51, 0.52, 0.54, 0.55, 0.57, 0.58])
    assert found.scores["length"].tolist() == [1.0, 2.0, 4.0, 5.0, 7.0, 8.0]
    assert found.n_labels == 2


def test_what_an_endpoint_would_ask_is_no_score_of_a_message(entry):
    assert "hosted" not in traffic_of([entry(0, hosted=0.5), entry(1, hosted=0.5)]).scores

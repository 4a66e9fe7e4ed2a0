"""Requests are scored together, in order, within bounds, over classifiers that tell what they were asked."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from time import monotonic, sleep

import pytest
from slow_rungs import Slow, clerk_of

from suffice.errors import DataError, Problem
from suffice.serve.lanes import Lane, Lanes, Request
from suffice.serve.refusal import Refused


def request(clerk, *texts, seconds=10.0, among=None):
    return Request(clerk=clerk, texts=texts, among=among, deadline=monotonic() + seconds)


@pytest.fixture
def batches():
    return []


@pytest.fixture
def lane(batches):
    found = Lane(max_waiting=600, window_s=0.0, told=lambda n, seconds: batches.append(n))
    yield found
    found.close()


def wait_for(condition):
    until = monotonic() + 10
    while not condition():
        assert monotonic() < until
        sleep(0.005)


def test_what_comes_while_a_batch_is_scored_is_scored_together(lane, batches):
    rung = Slow()
    clerk = clerk_of(rung)
    requests = [request(clerk, "first")]
    lane.ask(requests[0])
    wait_for(lambda: rung.asked)
    for texts in (("b1", "a1"), ("b2",), ("", "a2")):
        requests.append(request(clerk, *texts))
        lane.ask(requests[-1])
    assert lane.n_waiting == 5
    rung.gate.set()
    found = [one.future.result(10) for one in requests]
    assert [[answer.label for answer in one.answers] for one in found] == [["a"], ["b", "a"], ["b"], ["a", "a"]]
    assert [answer.route for answer in found[3].answers] == ["review", "local"]
    assert rung.asked == [["first"], ["b1", "a1", "b2", "a2"]]
    assert batches == [1, 5]
    assert all(one.busy_s > 0.0 for one in found)


def test_a_long_request_is_answered_in_parts_and_in_order(lane, batches):
    rung = Slow()
    rung.gate.set()
    one = request(clerk_of(rung), *[f"{'b' if i % 3 else 'a'}{i}" for i in range(600)])
    lane.ask(one)
    assert [answer.label for answer in one.future.result(10).answers] == ["b" if i % 3 else "a" for i in range(600)]
    wait_for(lambda: batches == [256, 256, 88])


def test_beyond_the_bound_requests_are_refused_with_when_to_ask_again(lane):
    rung = Slow()
    clerk = clerk_of(rung)
    lane.ask(request(clerk, "first"))
    wait_for(lambda: rung.asked)
    waiting = request(clerk, *["x"] * 600)
    lane.ask(waiting)
    with pytest.raises(Refused) as caught:
        lane.ask(request(clerk, "one more"))
    assert caught.value.status == 429
    assert int(caught.value.headers["Retry-After"]) >= 1
    rung.gate.set()
    assert len(waiting.future.result(10).answers) == 600


def test_who_can_only_be_answered_late_in_its_time_is_refused_at_once(lane):
    rung = Slow()
    clerk = clerk_of(rung)
    lane._per_second = 1.0  # A lane learns it from full batches, which would be the test's only load.
    asked = [request(clerk, "scored")]
    lane.ask(asked[0])
    wait_for(lambda: rung.asked)
    # One is scored and three wait: the fifth is expected after five of its eleven seconds, the sixth after six.
    asked += [request(clerk, text, seconds=11.0) for text in ("a1", "a2", "a3", "a4")]
    for one in asked[1:]:
        lane.ask(one)
    with pytest.raises(Refused, match="ask again in 6 s"):
        lane.ask(request(clerk, "a5", seconds=11.0))
    rung.gate.set()
    assert all(one.future.result(10).answers for one in asked)


def test_all_lanes_are_full_only_where_none_has_room_for_one_more_message():
    lanes = Lanes(max_waiting=2, window_s=0.0, told=lambda n, seconds: None)
    rungs = Slow(), Slow()
    clerks = tuple(clerk_of(rung, name) for rung, name in zip(rungs, ("one", "two"), strict=True))
    asked = [request(clerk, "scored") for clerk in clerks]
    try:
        for one, rung in zip(asked, rungs, strict=True):
            lanes.ask(one)
            wait_for(lambda rung=rung: rung.asked)
        fulls = []
        for clerk in clerks:
            fulls.append(lanes.full_s(clerks, allowed_s=10.0))
            asked.append(request(clerk, "waits", "and waits"))
            lanes.ask(asked[-1])
        assert fulls == [None, None]  # None waits; then the second has room.
        assert lanes.full_s(clerks, allowed_s=10.0) == 0.0  # How quickly it answers is not known.
        lanes._lanes[clerks[0].lane]._per_second = 0.5
        lanes._lanes[clerks[1].lane]._per_second = 1.0
        assert lanes.full_s(clerks, allowed_s=10.0) == 4.0  # One is scored, two wait, and one more.
        assert lanes.full_s((), allowed_s=10.0) is None
    finally:
        for rung in rungs:
            rung.gate.set()
        lanes.close()


def test_one_request_larger_than_the_bound_is_answered_where_nothing_waits(lane):
    rung = Slow()
    rung.gate.set()
    one = request(clerk_of(rung), *["x"] * 700)
    lane.ask(one)
    assert len(one.future.result(10).answers) == 700


def test_a_request_that_waited_too_long_is_told_so_and_not_scored(lane):
    rung = Slow()
    clerk = clerk_of(rung)
    lane.ask(request(clerk, "first"))
    wait_for(lambda: rung.asked)
    late, other = request(clerk, "late", seconds=0.05), request(clerk, "b")
    lane.ask(late)
    lane.ask(other)
    sleep(0.1)
    rung.gate.set()
    with pytest.raises(Refused):
        late.future.result(10)
    assert other.future.result(10).answers[0].label == "b"
    assert ["b"] in rung.asked
    assert lane.n_waiting == 0


def test_what_was_answered_by_the_deadline_says_how_many_messages_fit(lane):
    rung = Slow()
    one = request(clerk_of(rung), *["x"] * 600)
    one.begun_at = monotonic() - 8.0  # Of the ten seconds that it may take.
    one.answers = [None] * 200
    assert (one.late().status, one.late().body.error.code) == (413, "too_many_messages")
    assert "of these about 250 can" in str(one.late())  # 200 in 8 s are 250 in 10 s.
    one.begun_at = monotonic() - 2.0  # It waited for the rest: another time it may be answered.
    assert one.late().status == 429


def test_a_fault_of_the_model_reaches_who_asked_and_the_lane_goes_on(lane):
    rung = Slow()
    rung.gate.set()
    clerk = clerk_of(rung)
    failed, fine = request(clerk, "fault"), request(clerk, "b")
    lane.ask(failed)
    with pytest.raises(RuntimeError):
        failed.future.result(10)
    lane.ask(fine)
    assert fine.future.result(10).answers[0].label == "b"


def test_a_message_too_long_for_the_task_fails_its_own_request_alone(lane, monkeypatch):
    rung = Slow()
    clerk = clerk_of(rung)
    read = clerk.classifier.read

    def refusing(texts):
        if "long" in texts:
            raise DataError(Problem(where="too_long", rule="must fit", got="9 tokens", fix="shorten it"))
        return read(texts)

    monkeypatch.setattr(clerk.classifier, "read", refusing)
    lane.ask(request(clerk, "first"))
    wait_for(lambda: rung.asked)
    long, fine = request(clerk, "long"), request(clerk, "b")
    lane.ask(long)
    lane.ask(fine)
    rung.gate.set()
    assert fine.future.result(10).answers[0].label == "b"
    with pytest.raises(DataError, match="must fit"):
        long.future.result(10)


def test_labels_are_chosen_among_those_that_are_asked_for(lane):
    rung = Slow()
    rung.gate.set()
    one = request(clerk_of(rung), "b", among=frozenset({"a"}))
    lane.ask(one)
    (answer,) = one.future.result(10).answers
    assert answer.probabilities == {"a": 1.0, "b": 0.0}


def test_closing_answers_what_waits(batches):
    rung = Slow()
    clerk = clerk_of(rung)
    lanes = Lanes(max_waiting=600, window_s=0.0, told=lambda n, seconds: batches.append(n))
    requests = [request(clerk, "first"), request(clerk, "b")]
    lanes.ask(requests[0])
    wait_for(lambda: rung.asked)
    lanes.ask(requests[1])
    rung.gate.set()
    lanes.close()
    assert [one.future.result(0).answers[0].label for one in requests] == ["a", "b"]


def test_a_bundle_that_took_anothers_place_leaves_none_of_its_requests_unanswered():
    old, new = Slow(), Slow()
    new.gate.set()
    before, after = clerk_of(old), clerk_of(new)
    lanes = Lanes(max_waiting=600, window_s=0.0, told=lambda n, seconds: None)
    begun = request(before, "b")
    lanes.ask(begun)
    wait_for(lambda: old.asked)
    waiting, late = request(before, "b"), request(before, "b")
    lanes.ask(waiting)
    ending = threading.Thread(target=lanes.keep, args=([after],))
    ending.start()
    lanes.ask(late)  # It held the old bundle when the new one came.
    old.gate.set()
    ending.join(10)
    assert [one.future.result(10).answers[0].label for one in (begun, waiting, late)] == ["b"] * 3
    lanes.close()


class Unknowing(Future):
    """Says that it is not done, as one does that another thread settles in the next moment."""

    def done(self):
        return False


def test_what_two_threads_settle_at_once_is_settled_once_and_stops_neither():
    gone, answered = (Request(clerk=None, texts=[], among=None, deadline=0.0, future=Unknowing()) for _ in range(2))
    gone.future.cancel()
    gone.finish()
    gone.fail(RuntimeError("late"))
    assert gone.future.cancelled()
    answered.finish()
    answered.fail(RuntimeError("late"))
    assert answered.future.result(0).answers == ()

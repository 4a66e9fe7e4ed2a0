from __future__ import annotations

from threading import Event, Thread

import pytest

from suffice.bundles.handover import Handover


def test_items_come_in_order_and_at_most_as_many_as_asked_for():
    between = Handover(most=10)
    between.give("abc")
    between.give("de")
    assert [between.take(least=1, most=2) for _ in range(3)] == [["a", "b"], ["c", "d"], ["e"]]


def test_fewer_than_wanted_come_only_at_the_end():
    between = Handover(most=10)
    taken, taken_one = [], Event()

    def take() -> None:
        while some := between.take(least=2, most=2):
            taken.append(some)
            taken_one.set()

    thread = Thread(target=take)
    thread.start()
    for item in "abc":
        between.give(item)
    assert taken_one.wait(10)
    assert taken == [["a", "b"]]
    between.end()
    thread.join(10)
    assert taken == [["a", "b"], ["c"]]


def test_who_gives_waits_until_there_is_room():
    between = Handover(most=2)
    given = []

    def give() -> None:
        for item in range(10):
            between.give([item])
            given.append(item)
        between.end()

    thread = Thread(target=give)
    thread.start()
    taken = 0
    while some := between.take(least=1, most=1):
        assert some == [taken]
        taken += 1
        assert len(given) <= taken + 2
    thread.join(10)
    assert taken == 10


def test_an_error_at_the_end_comes_after_what_was_given():
    between = Handover(most=10)
    between.give("ab")
    between.end(ValueError("bad row"))
    assert between.take(least=5, most=5) == ["a", "b"]
    with pytest.raises(ValueError, match="bad row"):
        between.take(least=1, most=1)


def test_breaking_off_reaches_both_sides_at_once_and_the_first_reason_holds():
    between = Handover(most=1)
    between.give("a")
    between.break_off(BrokenPipeError("gone"))
    between.end()
    with pytest.raises(BrokenPipeError, match="gone"):
        between.take(least=1, most=1)
    with pytest.raises(BrokenPipeError, match="gone"):
        between.give("b")


@pytest.mark.parametrize("waits", [lambda it: it.take(least=2, most=2), lambda it: it.give("b")], ids=["take", "give"])
def test_whoever_waits_is_woken_by_breaking_off(waits):
    between, got, begun = Handover(most=1), [], Event()
    between.give("a")

    def wait() -> None:
        begun.set()
        try:
            waits(between)
        except BrokenPipeError as error:
            got.append(error)

    thread = Thread(target=wait)
    thread.start()
    assert begun.wait(10)
    between.break_off(BrokenPipeError("gone"))
    thread.join(10)
    assert len(got) == 1

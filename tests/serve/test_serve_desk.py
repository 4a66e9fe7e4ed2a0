"""What becomes of a request between the lanes and the ledger."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from time import monotonic

import pytest
from slow_rungs import Slow, clerk_of

from suffice.serve.book import BookSettings, new_id
from suffice.serve.desk import Desk
from suffice.serve.refusal import Refused
from suffice.serve.settings import ServeSettings
from suffice.serve.shelf import Shelf
from suffice.store.requests import read_entries


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'answers.sqlite'}"


@contextmanager
def desk_of(url, **settings):
    desk = Desk(Shelf(), ServeSettings(**settings), book=BookSettings(url=url), escalation=None)
    try:
        yield desk
    finally:
        desk.close()


def asked(desk, clerk, *texts, among=None):
    return desk.answers(clerk, texts, among=among, who=b"", id_=new_id())


def test_a_request_is_refused_at_its_deadline_while_it_is_scored_and_is_not_written_down(url):
    rung = Slow()
    clerk = clerk_of(rung)

    async def two_requests(desk):
        began = monotonic()
        with pytest.raises(Refused) as caught:
            await asked(desk, clerk, "b1")
        assert monotonic() - began < 5.0  # The gate is shut for ten.
        assert (caught.value.status, caught.value.body.error.code) == (429, "overloaded")
        # Nothing waits: it took too long by itself.
        assert str(caught.value).startswith("the answer took longer than the 0.3 s that a request may")
        rung.gate.set()
        return await asked(desk, clerk, "b3")

    with desk_of(url, deadline_s=0.3) as desk:
        answered = asyncio.run(two_requests(desk))
    assert [one.label for one in answered.answers] == ["b"]
    assert rung.asked == [["b1"], ["b3"]]
    assert [one.label for one in read_entries(url)] == ["b"]


def test_a_request_whose_own_messages_take_too_long_is_told_to_ask_fewer_and_not_to_try_again(url):
    rung = Slow()
    clerk = clerk_of(rung)

    async def too_many(desk):
        with pytest.raises(Refused, match=r"300 messages take longer than the 0.3 s .* about 150 can") as caught:
            await asked(desk, clerk, *["b"] * 300)
        rung.gate.set()
        return caught.value

    with desk_of(url, deadline_s=0.3) as desk:
        refused = asyncio.run(too_many(desk))
    # None of the first 256 was answered: half as many are a guess.
    assert (refused.status, refused.body.error.code, refused.headers) == (413, "too_many_messages", {})


def test_what_is_refused_for_load_takes_nothing_off_what_a_key_may_ask(url):
    rung = Slow()
    clerk = clerk_of(rung)

    async def three_then_one(desk):
        first = asyncio.create_task(asked(desk, clerk, "b1"))
        while not rung.asked:
            await asyncio.sleep(0.01)
        waits = asyncio.create_task(asked(desk, clerk, "b2"))
        await asyncio.sleep(0.05)
        for _ in range(3):  # One may wait, and one does.
            with pytest.raises(Refused, match="more messages wait"):
                await asked(desk, clerk, "b3")
        rung.gate.set()
        await first, await waits
        await asked(desk, clerk, "b4")
        with pytest.raises(Refused, match="3 messages a minute for each key; 1 were asked and 0 are left"):
            await asked(desk, clerk, "b5")

    with desk_of(url, max_waiting=1, per_minute=3) as desk:
        asyncio.run(three_then_one(desk))
    assert len(read_entries(url)) == 3


def test_what_was_late_takes_nothing_off_what_a_key_may_ask(url):
    rung = Slow()
    clerk = clerk_of(rung)

    async def late_then_two(desk):
        with pytest.raises(Refused, match="took longer"):
            await asked(desk, clerk, "b1")
        rung.gate.set()
        await asked(desk, clerk, "b2", "b3")
        with pytest.raises(Refused, match="1 were asked and 0 are left"):
            await asked(desk, clerk, "b4")

    with desk_of(url, deadline_s=0.5, per_minute=2) as desk:
        asyncio.run(late_then_two(desk))


def test_who_shares_a_batch_with_a_request_that_is_late_is_answered(url):
    rung = Slow()
    clerk = clerk_of(rung)

    async def together(desk):
        first = asyncio.create_task(asked(desk, clerk, "b1"))
        while not rung.asked:
            await asyncio.sleep(0.01)
        # One gives up while both are scored in one batch.
        rung.asked.clear()
        gone, stays = (asyncio.create_task(asked(desk, clerk, text)) for text in ("b2", "b3"))
        await asyncio.sleep(0.05)
        gate, rung.gate = rung.gate, type(rung.gate)()
        gate.set()
        while not rung.asked:
            await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.wait([gone])
        rung.gate.set()
        return await first, await stays

    with desk_of(url) as desk:
        found = asyncio.run(together(desk))
    assert rung.asked == [["b2", "b3"]]
    assert [one.answers[0].label for one in found] == ["b", "b"]
    assert len(read_entries(url)) == 2


def test_the_ledger_marks_what_was_narrowed_and_knows_what_an_endpoint_would_have_asked(url):
    rung = Slow()
    rung.gate.set()
    clerk = clerk_of(rung, hosted=0.5)  # Money for a message.

    async def both(desk):
        await asked(desk, clerk, "b1", among=frozenset({"a"}))
        await asked(desk, clerk, "b2")

    with desk_of(url) as desk:
        asyncio.run(both(desk))
    assert [(one.label, one.narrowed, one.hosted) for one in read_entries(url)] == [("a", True, 0.5), ("b", False, 0.5)]


def test_ids_of_a_request_count_its_messages_and_the_ledger_says_that_there_is_no_threshold(url):
    rung = Slow()
    rung.gate.set()
    id_ = new_id()
    with desk_of(url) as desk:
        asyncio.run(desk.answers(clerk_of(rung), ["b1", "a", "b2"], among=None, who=b"", id_=id_))
    found = sorted(read_entries(url), key=lambda one: one.id)
    assert [one.id for one in found] == [id_, f"{id_[:-1]}1", f"{id_[:-1]}2"]
    assert [one.label for one in found] == ["b", "a", "b"]
    assert {one.has_threshold for one in found} == {False}

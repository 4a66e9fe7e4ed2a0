"""A server that is behind or full refuses at once, and one that was held up once does not."""

from __future__ import annotations

import asyncio
import json
from time import sleep

import pytest

from suffice.serve.doorway import BEAT_S, Doorway, Pulse


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def late(*turns: float) -> float:
    """How far a loop is behind whose turns took so many seconds longer than a beat; the last one is under way."""

    async def run() -> float:
        clock = Clock()
        pulse = Pulse(clock=clock)
        async with pulse.beating():
            for i, seconds in enumerate(turns):
                clock.now += BEAT_S + seconds
                if i + 1 < len(turns):
                    pulse.beat()
            return pulse.behind_s

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("turns", "behind_s"),
    [((0.0,), 0.0), ((2.0,), 0.0), ((2.0, 0.0), 0.0), ((2.0, 3.0), 2.0), ((3.0, 2.0), 2.0), ((0.0, 3.0), 0.0)],
)
def test_a_loop_is_behind_where_two_turns_in_a_row_are_long(turns, behind_s):
    assert late(*turns) == pytest.approx(behind_s)


def test_a_loop_that_is_held_up_again_and_again_is_behind():
    async def run() -> tuple[float, float]:
        pulse = Pulse()
        async with pulse.beating():
            await asyncio.sleep(0)
            before = pulse.behind_s
            for _ in range(2):
                sleep(2 * BEAT_S)
                await asyncio.sleep(0)
            sleep(2 * BEAT_S)
            return before, pulse.behind_s

    before, after = asyncio.run(run())
    assert before == 0.0
    assert after >= 0.9 * BEAT_S  # Twice a beat, less the one that was waited for.


class Behind(Pulse):
    """By so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._last_s, self._due = seconds, self._clock() - seconds


def asked(method: str, *, behind_s: float = 0.0, full_s: float | None = None, path: str = "/classify"):
    """What got through, what was sent, and how many parts of the request were left unread."""
    through, sent, parts = [], [], [b"one", b"two"]

    async def app(scope, receive, send):
        through.append(scope["method"])

    async def receive():
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message):
        sent.append(message)

    doorway = Doorway(app, pulse=Behind(behind_s), most_s=0.5, full_s=lambda: full_s, asks=("/classify",))
    asyncio.run(doorway({"type": "http", "method": method, "path": path}, receive, send))
    return through, sent, len(parts)


def test_while_the_loop_is_behind_what_is_asked_is_read_to_its_end_and_refused():
    through, sent, unread = asked("POST", behind_s=0.6)
    assert (through, unread) == ([], 0)
    assert sent[0]["status"] == 429
    assert dict(sent[0]["headers"])[b"retry-after"] == b"1"
    assert json.loads(sent[1]["body"])["error"]["code"] == "overloaded"


@pytest.mark.parametrize(("method", "behind_s"), [("POST", 0.4), ("GET", 60.0)])
def test_otherwise_and_for_whoever_looks_after_the_server_it_is_open(method, behind_s):
    assert asked(method, behind_s=behind_s) == ([method], [], 2)


def test_while_no_queue_has_room_what_is_asked_is_refused_with_when_there_will_be():
    through, sent, unread = asked("POST", full_s=4.2)
    assert (through, unread) == ([], 0)
    assert sent[0]["status"] == 429
    assert dict(sent[0]["headers"])[b"retry-after"] == b"5"


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/load_lora_adapter"), ("GET", "/classify")])
def test_what_is_put_into_no_queue_comes_through_while_all_are_full(method, path):
    assert asked(method, full_s=4.2, path=path) == ([method], [], 2)

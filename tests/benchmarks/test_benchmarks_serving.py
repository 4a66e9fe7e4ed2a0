"""What the benchmarks of serving share: arrivals, latencies that count from when a request was due, and the books."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from collections import Counter
from pathlib import Path

import pytest
import serve_faults
import serve_load
import serve_peer
import serve_schema
import serving
from serving import Load, Reply
from stub_endpoint import stub_endpoint

TEXTS = ["my card", "my parcel", "a refund"]


def reply(text: str, *, due: float, seconds: float = 0.1, status: int = 200) -> Reply:
    return Reply(text=text, due=due, seconds=seconds, status=status, body=b"")


@pytest.fixture
def address():
    with stub_endpoint({text: text.rpartition(" ")[2] for text in TEXTS}) as url:
        host, _, port = url.removeprefix("http://").removesuffix("/v1").rpartition(":")
        yield host, int(port)


def test_requests_arrive_at_their_rate_and_bring_back_their_own_answers(address) -> None:
    load = serving.by_chance(address, TEXTS, rate=200.0, seconds=1.0, seed=1, body=serving.chat("clerk"))
    # Poisson with a mean of 200: five standard deviations are 71.
    assert 129 <= len(load.replies) <= 271
    assert load.statuses == {200: len(load.replies)}
    assert all(one.label == one.text.rpartition(" ")[2] for one in load.replies)
    again = serving.by_chance(address, TEXTS, rate=200.0, seconds=1.0, seed=1, body=serving.chat("clerk"))
    assert len(again.replies) == len(load.replies)


def test_clients_side_by_side_ask_every_message_once(address) -> None:
    load = serving.one_by_one(address, TEXTS * 5, body=serving.chat("clerk"), n_at_once=4)
    assert Counter(one.text for one in load.replies) == dict.fromkeys(TEXTS, 5)
    assert load.statuses == {200: 15}


def test_a_server_that_is_gone_is_told_as_no_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = taken.getsockname()
    load = serving.one_by_one(address, TEXTS[:1], body=serving.chat("clerk"))
    assert load.statuses == {serving.NO_ANSWER: 1}
    assert load.latency_ms(0.5) is None


def test_a_connection_that_the_server_closed_while_it_rested_is_not_taken_up_again() -> None:
    """As a server does with those that nobody uses: after a minute and more, or as here after one answer."""
    said = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
    n_connections = 0

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal n_connections
        n_connections += 1
        await reader.readuntil(b"}]}")
        writer.write(said)
        await writer.drain()
        writer.close()

    async def ask_twice() -> list[int]:
        server = await asyncio.start_server(answer_once, "127.0.0.1", 0)
        lines, found = serving._Lines(server.sockets[0].getsockname()), []
        for _ in range(2):
            found.append((await lines.ask(serving.CHAT, json.dumps(serving.chat("clerk")("x", 0)).encode()))[0])
            await asyncio.sleep(0.1)
        lines.close()
        server.close()
        return found

    assert asyncio.run(ask_twice()) == [200, 200]
    assert n_connections == 2


def test_answers_count_in_the_second_in_which_they_come() -> None:
    # Answers at 1.1, 2.1, 3.1 and 4.1, one refusal; the stretch from 1 s to 4 s has the second, third and first.
    load = Load(replies=[*(reply("x", due=float(i)) for i in range(5)), reply("x", due=4.0, status=429)])
    assert load.answered_per_second(skip_s=1.0) == pytest.approx(3 / 3)


def test_the_books_tell_what_a_kill_may_lose_from_what_it_may_not() -> None:
    replies = [reply("early", due=0.0), reply("late", due=9.5), reply("kept", due=1.0), reply("twice", due=2.0)]
    replies += [reply("refused", due=3.0, status=429), reply("cut", due=9.9, status=serving.NO_ANSWER)]
    found = serve_faults.books(replies, Counter(kept=1, twice=2, cut=1), killed_at=10.0)
    assert (found["answered"], found["missing"], found["missing_beyond_what_is_promised"]) == (4, 2, 1)
    assert (found["twice"], found["written_but_not_answered"]) == (1, 1)
    assert found["oldest_missing_s"] == pytest.approx(9.9)


def test_without_a_kill_nothing_may_be_missing() -> None:
    found = serve_faults.books([reply("lost", due=0.0)], Counter())
    assert (found["missing_beyond_what_is_promised"], found["oldest_missing_s"]) == (1, None)


def test_numbered_messages_are_all_different() -> None:
    assert len(set(serve_faults.numbered(TEXTS, 100, of="before"))) == 100


def test_a_changed_bundle_has_the_hashes_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a").write_bytes(b"a")
    (tmp_path / "SHA256SUMS").write_text("old")
    serving.seal(tmp_path)
    assert (tmp_path / "SHA256SUMS").read_text() == f"{hashlib.sha256(b'a').hexdigest()}  model/a\n"


def test_level_memory_has_no_slope_and_a_leak_has_its_own() -> None:
    watched = serve_load.Watched.__new__(serve_load.Watched)
    watched.bytes = [100_000_000] * 60
    assert watched.growth_mb_per_minute() == pytest.approx(0.0)
    watched.bytes = [100_000_000 + 50_000 * second for second in range(60)]  # 0.05 MB a second.
    assert watched.growth_mb_per_minute() == pytest.approx(3.0)


def test_load_is_held_against_the_engine_and_the_single_request() -> None:
    one = {
        "engine_per_second": 100.0,
        "answered_per_second": 90.0,
        "single": {"p50_ms": 50.0},
        "half": {"p99_ms": 200.0},
    }
    over = {"statuses": {"200": 5, "429": 5, "0": 1}, "growth_mb_per_minute": 0.1}
    said = serve_load.summary({"repeat 0": one, "repeat 1": one, "twice 1": over})
    assert said["of_the_engine"]["median"] == 0.9
    assert said["p99_at_half_over_single_p50"]["median"] == 4.0
    assert said["neither_answered_nor_429"] == {"0": 1}


def test_only_requests_are_told_the_models_name() -> None:
    request = {"title": "ChatRequest", "required": ["model"], "properties": {"model": {"type": "string"}}}
    answer = {"title": "ChatCompletion", "required": ["model"], "properties": {"model": {"type": "string"}}}
    openapi = {"components": {"schemas": {"a": request, "b": answer}}}
    serve_schema.described(openapi, model="clerk")
    assert request["properties"]["model"]["enum"] == ["clerk"]
    assert "enum" not in answer["properties"]["model"]


def test_a_peer_that_did_not_run_is_told_with_its_reason() -> None:
    ours = {"p50_ms": 10.0, "p99_ms": 20.0, "per_second": 100.0, "invalid": 0, "statuses": {"200": 9}}
    theirs = ours | {"p50_ms": 40.0, "per_second": 25.0, "invalid": 2}
    cells = {f"{serve_peer.OURS}, 8 tokens, repeat {r} 9": ours for r in range(3)}
    cells |= {f"{serve_peer.TRANSFORMERS}, 8 tokens, repeat {r} 9": theirs for r in range(3)}
    cells |= {f"{serve_peer.VLLM}, 8 tokens, repeat 0 9": {"not_run": "no server"}}
    said = serve_peer.summary(cells)["sides"]
    peer = said[f"{serve_peer.TRANSFORMERS}, 8 tokens"]
    assert (peer["ours_is_faster"]["ratio"], peer["ours_answers_sooner"]["ratio"], peer["invalid"]) == (4.0, 4.0, 6)
    assert said[f"{serve_peer.VLLM}, 8 tokens"] == {"not_run": "no server"}

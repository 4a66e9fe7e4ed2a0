"""The server as a process: keys, bundles that come and go under load, its end, and what it wrote down."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from commands import run_here, run_suffice
from messages import LABELS
from served import Served, another_version, served
from suffice.serve.log import MOST

KEYS = {"SUFFICE_API_KEY": "first-key, second-key", "SUFFICE_ADMIN_KEY": "admin-key,other-admin"}
ASK = {"authorization": "Bearer second-key"}
CHANGE = {"authorization": "Bearer admin-key"}


def ledger_rows(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "answers.sqlite") as connection:
        return connection.execute("select bundle, version, label, route, text, text_hash from answers").fetchall()


@pytest.fixture
def shelf(fitted, tmp_path):
    """A folder of bundles to load while the server runs."""
    for name in ("tfidf", "majority"):
        shutil.copytree(fitted.bundle(name), tmp_path / "shelf" / name)
    shutil.copytree(fitted.bundle("tfidf"), tmp_path / "outside")
    return tmp_path / "shelf"


def test_with_keys_nobody_else_asks_or_changes_anything(fitted, tmp_path, shelf):
    with served(fitted.bundle("tfidf"), "--bundles", shelf, home=tmp_path / "home", **KEYS) as up:
        body = {"model": "tfidf", "texts": ["my card"]}
        for path, sent in (("/classify", body), ("/v1/models", None), ("/metrics", None)):
            assert up.ask(path, sent).status == 401
            assert up.ask(path, sent, authorization="Bearer wrong").error["code"] == "invalid_api_key"
            assert up.ask(path, sent, **ASK).status == 200
        assert up.ask("/health").status == up.ask("/ready").status == 200
        load = {"lora_name": "new", "lora_path": "majority"}
        assert up.ask("/v1/load_lora_adapter", load, **ASK).status == 401
        assert up.ask("/v1/load_lora_adapter", load, **CHANGE).status == 200
        assert up.ask("/classify", {"model": "new", "texts": ["x"]}, **ASK).status == 200
        assert up.ask("/v1/unload_lora_adapter", {"lora_name": "new"}, **CHANGE).status == 200
        assert up.ask("/classify", {"model": "new", "texts": ["x"]}, **ASK).status == 404
        gone = up.ask("/v1/unload_lora_adapter", {"lora_name": "new"}, **CHANGE)
        assert (gone.status, gone.error["param"]) == (400, "lora_name")
        other = {"authorization": "bearer other-admin"}
        assert up.ask("/v1/load_lora_adapter", load, **other).status == 200
        # Nothing of a body is looked at before the key, not even whether it is one.
        for path in ("/classify", "/v1/chat/completions", "/v1/load_lora_adapter"):
            assert up.ask(path, raw=b"{").status == 401
        loaded = {"lora_name": "tfidf", "lora_path": "majority"}
        assert up.ask("/v1/load_lora_adapter", loaded, **CHANGE).status == 200
        said = up.end()
    assert not any(key in said for key in ("first-key", "second-key", "admin-key"))
    # What happened, a line each: loaded, loaded, taken off, loaded again, replaced, and the end.
    lines = said.splitlines()
    happened = [line.split(" INFO ")[1] for line in lines if "has no threshold" not in line]
    assert [line.partition(":")[0] for line in happened] == [
        "tfidf is loaded",
        "new is loaded",
        "new is taken off",
        "new is loaded",
        "tfidf is replaced",
        "told to end; requests under way, which are answered first",
        "ended",
    ]


def test_only_whole_bundles_of_the_folder_are_loaded(fitted, tmp_path, shelf):
    (shelf / "tfidf" / "README.md").write_text("changed")
    (shelf / "link").symlink_to(tmp_path / "outside")
    with served(fitted.bundle("tfidf"), "--bundles", shelf, home=tmp_path / "home", **KEYS) as up:
        bad = ("../outside", "/etc", "nowhere", ".", "majority/model", "link", "tfidf", "a\0b", "\ud800", "a" * 5_000)
        for path in bad:
            reply = up.ask("/v1/load_lora_adapter", {"lora_name": "new", "lora_path": path}, **CHANGE)
            assert reply.status == 400, path
        for name in ("a\nb: c", "", "\ud800", "a/b", "new\n"):
            reply = up.ask("/v1/load_lora_adapter", {"lora_name": name, "lora_path": "majority"}, **CHANGE)
            assert (reply.status, reply.error["param"]) == (400, "lora_name"), name
        assert [one["id"] for one in up.ask("/v1/models", **ASK).body["data"]] == ["tfidf"]


def test_a_bundle_is_swapped_under_load_and_no_request_is_lost(fitted, causal_bundle, tmp_path):
    shutil.copytree(causal_bundle, tmp_path / "shelf" / "one")
    another_version(causal_bundle, tmp_path / "shelf" / "two")
    start = f"clerk={tmp_path / 'shelf' / 'one'}"
    versions, statuses = set(), []
    with served(start, "--bundles", tmp_path / "shelf", home=tmp_path / "home", **KEYS) as up:
        ends = threading.Event()

        def ask(_: int) -> None:
            while not ends.is_set():
                reply = up.ask("/classify", {"model": "clerk", "texts": ["my parcel", "my card"]}, **ASK)
                statuses.append(reply.status)
                versions.add(reply.headers["x-suffice-bundle"])

        with ThreadPoolExecutor(8) as pool:
            asking = [pool.submit(ask, i) for i in range(8)]
            for path in ("two", "one", "two", "one"):
                sleep(0.2)
                change = {"lora_name": "clerk", "lora_path": path}
                assert up.ask("/v1/load_lora_adapter", change, **CHANGE).status == 200
            ends.set()
            for one in asking:
                one.result(60)
        up.end()
    assert set(statuses) == {200}
    assert len(versions) == 2
    assert len(ledger_rows(tmp_path / "home")) == 2 * len(statuses)


def test_connections_that_are_no_http_or_ask_for_another_protocol_fill_no_log(fitted, tmp_path):
    upgrade = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n"
    with served(fitted.bundle("tfidf"), home=tmp_path, **KEYS) as up:
        port = int(up.url.rpartition(":")[2])
        for sent, status in ((b"\x16\x03\x01 nothing\r\n\r\n", b" 400 "), (upgrade, b" 200 ")):
            for _ in range(4 * MOST):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                    connection.sendall(sent)
                    assert status in connection.recv(1_000)
        said = up.end()
    assert said.count("Invalid HTTP request received.") == MOST
    assert said.count("Unsupported upgrade request.") == MOST
    assert "pip install" not in said
    assert all(line[:4].isdecimal() for line in said.splitlines()), said  # Every line is dated, as ours are.


def test_told_to_end_it_answers_what_it_has_begun(causal_bundle, tmp_path):
    with served(f"tiny={causal_bundle}", home=tmp_path / "home") as up, ThreadPoolExecutor(4) as pool:
        texts = [f"my parcel number {i} never came" for i in range(1_000)]
        asked = [pool.submit(up.ask, "/classify", {"model": "tiny", "texts": texts}) for _ in range(4)]
        sleep(1.0)
        up.process.send_signal(signal.SIGTERM)
        replies = [one.result(60) for one in asked]
        up.process.communicate(timeout=60)
        assert up.process.returncode == 0
    assert [reply.status for reply in replies] == [200] * 4
    assert all(len(reply.body["results"]) == 1_000 for reply in replies)
    assert len(ledger_rows(tmp_path / "home")) == 4_000


def test_messages_are_kept_only_where_that_is_turned_on(fitted, tmp_path):
    secret = "my secret parcel"
    for name, options in (("plain", ()), ("kept", ("--keep-text",))):
        with served(fitted.bundle("tfidf"), *options, home=tmp_path / name) as up:
            up.chat("tfidf", secret)
            up.ask("/classify", {"model": "tfidf", "texts": [""]})
            assert up.chat("nobody", secret).status == 404
            said = up.end()
        assert secret not in said
        first, empty = ledger_rows(tmp_path / name)
        assert first[0] == "tfidf"
        assert first[2] in LABELS
        assert first[4] == (secret if options else None)
        assert len(str(first[5])) == 32
        assert empty[3] == "review"
        with (tmp_path / name / "answers.sqlite").open("rb") as file:
            assert (secret.encode() in file.read()) == bool(options)


def test_the_ledger_says_what_the_clerk_did(fitted, tmp_path):
    with served(fitted.bundle("tfidf"), home=tmp_path) as up:
        four = {"model": "tfidf", "texts": ["my parcel", "my card", "", "refund"] * 250}
        id_ = up.ask("/classify", four).headers["x-suffice-id"]
        up.end()
    said = run_here("ledger", "--hosted-per-thousand", "0.4", home=tmp_path)
    assert said.returncode == 0, said.stderr
    assert max(map(len, said.stdout.splitlines())) <= 80
    assert "1,000" in said.stdout
    assert "250" in said.stdout
    assert "tfidf: labels of its own answers, the least sure first" in said.stdout
    assert "No threshold: none of 1,000 answers of tfidf" in said.stdout
    assert "suffice drift BUNDLE" in said.stdout
    assert "suffice collect TASK" in said.stdout
    shown = json.loads(run_suffice("ledger", "show", id_, home=tmp_path).stdout)
    assert [one["id"] for one in shown] == [f"{id_[:-8]}{n:08x}" for n in range(1_000)]
    unknown = run_suffice("ledger", "show", "chatcmpl-0", home=tmp_path)
    assert (unknown.returncode, "must be the id of an answer in the ledger" in unknown.stderr) == (2, True)
    least = json.loads(run_suffice("ledger", "--json", home=tmp_path).stdout)["labels"]
    assert "; 1 of " in " ".join(run_suffice("ledger", "--labels", "1", home=tmp_path).stdout.split())
    assert len(least) > 1
    days = [line.split() for line in said.stdout.splitlines() if line.startswith(" 20")]
    # Of 250 empty messages the answers are flagged; at midnight there are two days.
    assert [sum(int(day[place].replace(",", "")) for day in days) for place in (1, 2, 3, 4)] == [1_000, 750, 250, 0]
    assert "day (UTC)" in said.stdout
    assert "for review: 250 empty." in said.stdout
    assert "are counted by /metrics alone" in " ".join(said.stdout.split())
    assert "saved is not known" in run_here("ledger", home=tmp_path).stdout
    document = json.loads(run_here("ledger", "--json", "--hosted-per-thousand", "0.4", home=tmp_path).stdout)
    assert sum(day["n"] for day in document["days"]) == 1_000
    # The 250 that a person looks at save nothing.
    assert document["saved"] == pytest.approx(0.3 - sum(day["cost"] for day in document["days"]))
    assert json.loads(run_here("ledger", "--json", home=tmp_path).stdout)["saved"] is None
    assert "1,000 answers" in run_here("ledger", "purge", "--keep-days", "0", home=tmp_path).stdout
    assert "nothing was answered" in run_here("ledger", home=tmp_path).stdout


def test_a_killed_server_loses_no_more_than_the_last_second(fitted, tmp_path):
    with served(fitted.bundle("tfidf"), home=tmp_path) as up:
        for _ in range(20):
            up.chat("tfidf", "my card")
        sleep(1.0)
        up.process.kill()
        up.process.wait()
    assert len(ledger_rows(tmp_path)) == 20


def test_without_a_ledger_answers_go_out_and_it_is_not_ready(fitted, tmp_path):
    place = tmp_path / "ledger"
    place.mkdir()
    with served(fitted.bundle("tfidf"), "--ledger", f"sqlite:///{place}/a.sqlite", home=tmp_path / "home") as up:
        shutil.rmtree(place)
        place.write_text("no folder")
        assert up.chat("tfidf", "my card").status == 200
        for _ in range(100):
            sleep(0.1)
            if up.ask("/ready").status == 503:
                break
        assert up.ask("/ready").error["code"] == "ledger"
        assert up.chat("tfidf", "my card").status == 200
        place.unlink()
        place.mkdir()
        for _ in range(100):
            sleep(0.1)
            if up.ask("/ready").status == 200:
                break
        assert up.ask("/ready").status == 200
        up.end()
    with sqlite3.connect(place / "a.sqlite") as connection:
        assert connection.execute("select count(*) from answers").fetchone() == (2,)


def test_told_to_end_without_a_ledger_it_says_how_many_answers_are_in_none(fitted, tmp_path):
    place = tmp_path / "ledger"
    place.mkdir()
    with served(fitted.bundle("tfidf"), "--ledger", place / "a.sqlite", home=tmp_path / "home") as up:
        shutil.rmtree(place)
        assert up.ask("/classify", {"model": "tfidf", "texts": ["my secret card"] * 3}).status == 200
        said = up.end()
        assert up.process.returncode == 2
    assert f"{place}/a.sqlite: every answer that goes out is written down\n  got: 3 are in no ledger" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--host", "0.0.0.0"), r"SUFFICE_API_KEY"),
        (("--port", "70000"), r"less than or equal to 65535"),
        (("tfidf=elsewhere",), r"every bundle has a name of its own"),
        (("--ledger", "sqlite:////proc/nothing/a.sqlite"), r"must be a database that can be written"),
    ],
)
def test_what_cannot_be_served_is_refused_at_once(fitted, tmp_path, arguments, said):
    port = () if "--port" in arguments else ("--port", "0")
    ran = run_suffice("serve", fitted.bundle("tfidf"), *arguments, *port, home=tmp_path)
    assert ran.returncode == 2, ran.stderr
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_what_is_wrong_with_a_bundle_is_told_by_the_key_that_named_it_and_without_paths(fitted, tmp_path, shelf):
    (shelf / "tfidf" / "README.md").write_text("changed")
    (shelf / "nothing").mkdir()
    with served(fitted.bundle("tfidf"), "--bundles", shelf, home=tmp_path / "home", **KEYS) as up:
        for path, said in (("tfidf", "README.md: must have the sha256"), ("nothing", "nothing: must be a bundle")):
            reply = up.ask("/v1/load_lora_adapter", {"lora_name": "new", "lora_path": path}, **CHANGE)
            assert (reply.status, reply.error["param"]) == (400, "lora_path")
            assert reply.error["message"].startswith(said)
            assert str(tmp_path) not in reply.text


def test_a_ledger_that_cannot_be_opened_is_told_before_anything_is_loaded(causal_bundle, tmp_path):
    for url, said in (("sqlite:////proc/no/a.sqlite", "in a folder that is there"), ("mssql+nodriver://a/b", "")):
        ran = run_suffice("serve", causal_bundle, "--ledger", url, "--port", "0", home=tmp_path)
        assert ran.returncode == 2
        assert "must be a database that can be written" in ran.stderr
        assert said in ran.stderr
        assert "is loaded" not in ran.stderr


def test_what_a_bundle_stands_on_is_told_before_it_is_loaded(causal_bundle, tiny_llama, tmp_path):
    with served(f"tiny={causal_bundle}", home=tmp_path) as up:
        first, second, *_ = up.end().splitlines()
    assert f"tiny: its base model {tiny_llama}"[:40] in first
    assert "fetched before where it is not on this machine" in first
    assert "tiny is loaded: " in second


def test_a_port_that_is_taken_is_named(server: Served, fitted, tmp_path):
    port = server.url.rpartition(":")[2]
    ran = run_suffice("serve", fitted.bundle("majority"), "--port", port, home=tmp_path)
    assert ran.returncode == 2
    assert f"127.0.0.1:{port}: must be free to listen at" in ran.stderr


def test_a_changed_bundle_is_not_served(fitted, tmp_path):
    bundle = shutil.copytree(fitted.bundle("tfidf"), tmp_path / "bundle")
    (bundle / "README.md").write_text("changed")
    ran = run_suffice("serve", bundle, "--port", "0", home=tmp_path / "home")
    assert ran.returncode == 2
    assert "must have the sha256" in ran.stderr


def test_garbage_is_looked_for_once_it_answers_and_not_before(fitted, tmp_path, monkeypatch):
    looked_for = []

    def serve(app, taken, *, drain_s, ready):
        looked_for.append(gc.isenabled())
        ready("http://here")
        looked_for.append(gc.isenabled())

    monkeypatch.setattr("suffice.serve.serve", serve)
    assert run_here("serve", fitted.bundle("tfidf"), "--port", "0", home=tmp_path).returncode == 0
    assert looked_for == [False, True]
    # Nor is it left off where nothing comes to be served.
    assert run_here("serve", tmp_path / "nothing", "--port", "0", home=tmp_path).returncode == 2
    assert gc.isenabled()


def test_help_loads_no_server():
    code = "import sys; sys.argv = ['suffice', '--help']; from suffice.cli import main\n"
    code += "try: main()\nexcept SystemExit: pass\n"
    code += "print([m for m in ('torch', 'fastapi', 'sqlalchemy', 'uvicorn') if m in sys.modules], file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert ran.stderr.strip() == "[]"


def test_ngrams_are_served_without_what_language_models_need(fitted):
    code = "import sys; from pathlib import Path; from suffice.serve import Shelf, make_app\n"
    code += (
        f"clerk = Shelf().put('tfidf', Path({str(fitted.bundle('tfidf'))!r})); clerk.classifier.classify(['card'])\n"
    )
    code += "print([m for m in ('torch', 'transformers', 'huggingface_hub', 'gguf') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert ran.stdout.strip() == "[]"

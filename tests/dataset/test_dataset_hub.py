"""Data sets by hub id, against a server on this machine that answers the routes which huggingface_hub asks for."""

import json
import os
import subprocess
import sys
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from huggingface_hub import constants

from suffice.dataset import open_source
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec

COMMIT = "1" * 40
ROWS = b"text,label\n"
REPOSITORIES = {
    "own/splits": {
        "README.md": b"# A card",
        "categories.csv": b"name\nx\n",
        "train.csv": ROWS + b"a,x\n",
        "test.csv": ROWS + b"b,y\n",
    },
    "own/whole": {"data/rows.jsonl": b'{"text": "a", "label": "x"}\n', "info.json": b"{}"},
    "own/parts": {"de/train.csv": ROWS, "en/train.csv": ROWS},
    "own/folders": {"train/0.csv": ROWS + b"a,x\n", "test/0.csv": ROWS + b"b,y\n"},
    "own/images": {"a.png": b""},
    "own/broken": {"train.csv": b"text,label\na,x\nshort\n"},
    "own/secret": {"rows.csv": ROWS + b"a,x\n"},
}


class Hub(BaseHTTPRequestHandler):
    """The hub's routes for repositories that do not change; `own/secret` is for those who have the token."""

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        parts = self.path.partition("?")[0].strip("/").split("/")
        kind, repo = ("resolve", "/".join(parts[1:3])) if parts[0] == "datasets" else ("api", "/".join(parts[2:4]))
        files = REPOSITORIES.get(repo)
        if files is None or (repo == "own/secret" and self.headers["Authorization"] != "Bearer hf_token"):
            return self.answer(404, b"", {"X-Error-Code": "RepoNotFound"})
        if kind == "resolve":
            content = files["/".join(parts[5:])]
            return self.answer(200, content, {"ETag": f'"{sha256(content).hexdigest()}"'})
        return self.answer(200, json.dumps(self.about(repo, files, tree=parts[4:5] == ["tree"])).encode(), {})

    def about(self, repo, files, *, tree):
        if tree:
            return [{"type": "file", "path": name, "size": len(file), "oid": "a" * 40} for name, file in files.items()]
        return {"id": repo, "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "X-Repo-Commit": COMMIT, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def hub_url():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def hub(hub_url, tmp_path, monkeypatch):
    """The hub as huggingface_hub sees it, which reads the environment when it is imported."""
    monkeypatch.setattr(constants, "ENDPOINT", hub_url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub_url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    return hub_url


class Heard:
    """Progress that remembers what was said."""

    def __init__(self):
        self.said = []

    def step(self, what, *, total):
        return SILENT.step(what, total=total)

    def say(self, message):
        self.said.append(message)


def test_files_named_after_splits_are_the_splits_and_others_are_left_out_and_said(hub, tmp_path):
    heard = Heard()
    source = open_source(DataSpec(path="own/splits"), folder=tmp_path, progress=heard)
    rows = [row for batch in source.batches() for row in batch.to_pylist()]
    assert [(r["source"], r["text"], r["split"]) for r in rows] == [
        ("test.csv", "b", "test"),
        ("train.csv", "a", "train"),
    ]
    assert heard.said == [
        f"no file 'own/splits' here: looking for a data set of that name on {hub}",
        "own/splits: left out, as their names say no split: categories.csv",
    ]


def test_a_single_file_is_read_without_a_split(hub, read):
    assert [(r["source"], r["split"]) for r in read("own/whole")] == [("data/rows.jsonl", None)]


def test_folders_may_be_the_splits(hub, read):
    assert [(r["source"], r["split"]) for r in read("own/folders")] == [
        ("test/0.csv", "test"),
        ("train/0.csv", "train"),
    ]


def test_a_repository_of_several_data_sets_is_refused_before_anything_is_fetched(hub, refused, tmp_path):
    (problem,) = refused("own/parts")
    assert (problem.where, problem.got) == ("own/parts", "one in each of the folders 'de', 'en'")
    assert "hf download own/parts --repo-type dataset --include 'en/*'" in problem.fix
    assert not (tmp_path / "cache").exists()


def test_a_bad_row_is_told_in_its_file(hub, refused):
    (problem,) = refused("own/broken")
    assert problem.where == "train.csv:3"


def test_what_was_fetched_once_is_found_without_a_network(hub, read, monkeypatch):
    online = read("own/splits")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert read("own/splits") == online


def test_an_unknown_id_names_all_that_was_tried(hub, refused, tmp_path):
    (problem,) = refused("own/nothing")
    assert problem.where == "own/nothing"
    assert f"a file 'own/nothing' in {str(tmp_path)!r}: none" in problem.got
    assert f"{hub}: RepositoryNotFoundError: 404" in problem.got
    assert f"the cache {str(tmp_path / 'cache')!r}: not there" in problem.got
    assert "for a private or gated data set set HF_TOKEN" in problem.fix


def test_offline_is_honoured_and_said(hub, refused, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "OfflineModeIsEnabled" in refused("own/splits")[0].got


def test_a_repository_without_rows_is_told(hub, refused):
    assert "a data set without Parquet, CSV, TSV or JSON files" in refused("own/images")[0].got


def test_the_token_is_sent_and_never_shown(hub, refused, read, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "hf_wrong" not in str(refused("own/secret"))
    monkeypatch.setenv("HF_TOKEN", "hf_token")
    assert len(read("own/secret")) == 1


@pytest.mark.parametrize("path", ["own/splits.csv", "own/splits/train.csv", "splits"])
def test_what_is_no_hub_id_is_a_missing_file(hub, refused, path):
    assert refused(path)[0].rule == "the data must be there"
    assert hub not in refused(path)[0].got


def test_a_file_of_that_name_goes_before_the_hub(hub, write, refused):
    write("own/splits", "text,label\na,x\n")
    assert refused("own/splits")[0].got == "a name without an ending"


def test_the_environment_names_hub_and_cache(hub_url, tmp_path):
    script = """
import sys
from pathlib import Path
from suffice.dataset import open_source
from suffice.records.progress import SILENT
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec
source = open_source(DataSpec(path="own/whole"), folder=Path.cwd(), progress=SILENT)
print(sum(batch.num_rows for batch in source.batches()))
"""
    own = {"HF_ENDPOINT": hub_url, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | own, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"
    assert list((tmp_path / "home" / "hub").glob("datasets--own--whole/snapshots/*/data/rows.jsonl"))


def test_no_network_at_all_is_told(hub, refused, monkeypatch):
    # Port 9 is "discard", where nothing listens.
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    (problem,) = refused("own/splits")
    assert "http://127.0.0.1:9: ConnectError: [Errno 111] Connection refused" in problem.got

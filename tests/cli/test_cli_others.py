"""init, models, bundle."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from messages import LABELS, message_rows, write_csv
from served import user
from suffice.base_models import CATALOGUE
from suffice.store.task_file import load_task


def test_init_writes_a_task_file_and_says_what_it_guessed_and_why(tmp_path, suffice):
    messages = write_csv(tmp_path / "messages.csv", message_rows(400))
    ran = suffice("init", messages, "--task", tmp_path / "task.yaml")
    assert ran.code == 0, ran.err
    task = load_task(tmp_path / "task.yaml")
    assert (task.labels, task.target.at_least, task.data.path) == (LABELS, 0.95, "messages.csv")
    said = " ".join(ran.out.split())
    assert "'text'" in said
    assert "'label'" in said
    assert "80 test rows prove accuracy of 0.95 if none of them is wrong" in said
    assert f"suffice fit {tmp_path / 'task.yaml'}" in said


def test_init_takes_another_target(tmp_path, suffice):
    messages = write_csv(tmp_path / "messages.csv", message_rows(100))
    ran = suffice("init", messages, "--task", tmp_path / "task.yaml", "--at-least", "0.9", "--json")
    assert set(json.loads(ran.out)) == {"task", "guesses", "plan"}
    assert yaml.safe_load((tmp_path / "task.yaml").read_text())["target"]["at_least"] == 0.9


def test_init_is_told_what_names_do_not_say(tmp_path, suffice):
    rows = "".join(f"words {i},more,{'ab'[i % 2]},c{i // 2},2024-01-{1 + i % 28:02d}\n" for i in range(60))
    (tmp_path / "odd.csv").write_text("q1,q2,k,who,when\n" + rows, encoding="utf-8")
    ran = suffice("init", tmp_path / "odd.csv", "--task", tmp_path / "task.yaml")
    assert ran.code == 2
    assert "say which one it is: --text COLUMN with init, data.text=COLUMN with fit" in ran.err
    named = ("--text", "q1", "--text", "q2", "--label", "k", "--group", "who", "--time", "when")
    assert suffice("init", tmp_path / "odd.csv", "--task", tmp_path / "task.yaml", *named).code == 0
    data = load_task(tmp_path / "task.yaml").data
    assert (data.text, data.label, data.group, data.time) == (("q1", "q2"), "k", "who", "when")
    assert "no column 'nope'" in suffice("init", tmp_path / "odd.csv", "--task", tmp_path / "t", "--text", "nope").err


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"question": "How many?", "answer": "#### 3"}, "answer"),
        ({"messages": [user("Light")], "tools": [{"name": "lamp"}], "accepted_calls": []}, "tools"),
    ],
)
def test_init_says_of_other_kinds_that_it_is_for_labels_and_what_to_write(tmp_path, suffice, row, kind):
    (tmp_path / "rows.jsonl").write_text(f"{json.dumps(row)}\n" * 2, encoding="utf-8")
    ran = suffice("init", tmp_path / "rows.jsonl", "--task", tmp_path / "task.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert "init writes the task file of labelled messages" in ran.err
    assert f"kind: {kind}" in ran.err
    assert "annotators" not in ran.err
    (tmp_path / "task.yaml").write_text(ran.err.split("`")[1], encoding="utf-8")
    task = load_task(tmp_path / "task.yaml", kinds=("answer", "tools"))
    assert (task.name, task.kind, task.data.path) == ("rows", kind, "rows.jsonl")


def test_init_of_labels_that_cannot_be_read_speaks_of_them_alone(tmp_path, suffice):
    (tmp_path / "rows.csv").write_text("text,label\nhello,\n", encoding="utf-8")
    ran = suffice("init", tmp_path / "rows.csv", "--task", tmp_path / "task.yaml")
    assert ran.code == 2
    assert "kind:" not in ran.err


def test_init_does_not_write_over_a_task_file(tmp_path, suffice):
    messages = write_csv(tmp_path / "messages.csv", message_rows(100))
    (tmp_path / "task.yaml").write_text("name: mine\n")
    ran = suffice("init", messages, "--task", tmp_path / "task.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert "an existing file is not overwritten" in ran.err
    assert (tmp_path / "task.yaml").read_text() == "name: mine\n"


def test_the_command_that_init_names_can_be_typed_as_it_stands(tmp_path, suffice, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "my messages.csv", message_rows(100))
    arguments = ("init", "my messages.csv", "--task", "my task.yaml")
    assert suffice(*arguments).out.endswith("then: suffice fit 'my task.yaml'\n")
    assert "fix: go on with it: `suffice fit 'my task.yaml'`; or" in suffice(*arguments).err


def test_init_of_a_file_without_labels_writes_nothing(tmp_path, suffice):
    (tmp_path / "messages.csv").write_text("id,words\n1,hello\n")
    ran = suffice("init", tmp_path / "messages.csv", "--task", tmp_path / "task.yaml")
    assert ran.code == 2
    assert "a column must hold the text" in ran.err
    assert "a column must hold the label" in ran.err
    assert not (tmp_path / "task.yaml").exists()


def test_models_list_names_the_catalogue_and_what_is_here(suffice):
    document = json.loads(suffice("models", "list", "--json").out)
    assert [one["name"] for one in document] == [entry.name for entry in CATALOGUE]
    assert not any(one["here"] for one in document)
    said = suffice("models", "list").out
    assert all(entry.name in said for entry in CATALOGUE)


def test_models_pull_of_a_folder_gives_its_fingerprint(suffice, tiny_llama):
    (one,) = json.loads(suffice("models", "pull", tiny_llama, "--json").out)
    assert one["folder"] == str(tiny_llama.resolve())
    assert len(one["fingerprint"]) == 64
    assert str(tiny_llama) in suffice("models", "pull", tiny_llama).out


def test_models_pull_of_what_is_nowhere_names_what_was_tried(suffice):
    ran = suffice("models", "pull", "somebody/nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert "HF_HUB_OFFLINE is set" in ran.err
    assert "nearest: 'smollm2-135m'" in suffice("models", "pull", "smolm2-135m").err


def test_bundle_checks_every_hash(suffice, fitted, tmp_path):
    ran = suffice("bundle", fitted.bundle("tfidf"))
    assert "tfidf, every hash matches" in " ".join(ran.out.split())
    changed = shutil.copytree(fitted.bundle("tfidf"), tmp_path / "bundle")
    (changed / "README.md").write_text("changed")
    assert suffice("bundle", changed).code == 2


def test_bundle_with_its_base_has_the_base_in_it(suffice, fitted_causal, tmp_path):
    (place,) = [folder for folder in fitted_causal.bundle("").iterdir() if folder.name != "majority"]
    bundle = shutil.copytree(place, tmp_path / "bundle")
    document = json.loads(suffice("bundle", bundle, "--with-base", "--json").out)
    assert document["size_bytes"] == sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
    assert (bundle / "base" / "model.safetensors").exists()
    assert "base/model.safetensors" in (bundle / "SHA256SUMS").read_text()


def test_bundle_with_base_of_a_rung_that_has_none_says_so(suffice, fitted):
    ran = suffice("bundle", fitted.bundle("majority"), "--with-base")
    assert ran.code == 2
    assert "goes with a bundle that stands on a base model" in ran.err

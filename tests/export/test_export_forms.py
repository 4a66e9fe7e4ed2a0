"""Exports of a tuned tiny language model, loaded by transformers and PEFT, and held against the bundle."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

import suffice
from commands import run_here
from messages import LABELS, message_rows
from suffice.bundles.folder import add_base
from suffice.errors import BundleError
from suffice.export import FORMS, check_parity, export_bundle
from suffice.rungs.bases import matching_base

TEXTS = [row.text for row in message_rows(40, seed=7)]


@pytest.fixture(scope="module")
def bundle(fitted_causal):
    """A bundle in the output folder of its fit."""
    (place,) = [folder for folder in fitted_causal.bundle("").iterdir() if folder.name != "majority"]
    return place


@pytest.fixture(scope="module")
def exports(bundle, tmp_path_factory):
    """Every form, by name."""
    folder = tmp_path_factory.mktemp("exports")
    for form in FORMS:
        export_bundle(bundle, folder / form.name, form=form)
    return folder


@pytest.mark.parametrize("form", [form.name for form in FORMS])
def test_an_export_answers_as_the_bundle_does(bundle, exports, form):
    found = check_parity(bundle, exports / form, TEXTS)
    assert found.n == 40
    assert found.same_labels >= 0.95
    assert found.largest < 0.08


@pytest.mark.parametrize("form", FORMS[:2], ids=lambda form: form.name)
def test_a_bundle_with_its_base_in_it_is_held_to_that_one(bundle, tmp_path, monkeypatch, form):
    whole = shutil.copytree(bundle, tmp_path / "whole")
    add_base(whole)

    def inside(reference, *, base_folder):
        assert base_folder == whole / "base", "looked for the base elsewhere"
        return matching_base(reference, base_folder=base_folder)

    monkeypatch.setattr("suffice.bundles.folder.matching_base", inside)
    monkeypatch.setattr("suffice.rungs.causal.matching_base", inside)
    export_bundle(whole, tmp_path / form.name, form=form)
    assert check_parity(whole, tmp_path / form.name, TEXTS[:2]).n == 2


def test_nothing_compared_is_an_error_and_no_parity(bundle, exports):
    with pytest.raises(BundleError, match=r"one message at least\n  got: none[\s\S]*raise context_tokens"):
        check_parity(bundle, exports / "peft", [])


def test_the_commands_write_an_export_and_hold_it_against_the_bundle(bundle, tmp_path):
    home = tmp_path / "home"
    ran = run_here("export", bundle, "--to", "peft", "--out", tmp_path / "peft", home=home)
    assert ran.returncode == 0, ran.stderr
    ran = run_here("parity", bundle, tmp_path / "peft", home=home)
    assert ran.returncode == 0, ran.stderr
    assert "over 200 messages the same prompts, token for token" in " ".join(ran.stdout.split())
    (tmp_path / "peft" / "adapter_model.safetensors").unlink()
    ran = run_here("parity", bundle, tmp_path / "peft", home=home)
    assert ran.returncode == 2
    assert "missing file" in ran.stderr


@pytest.mark.parametrize("form", ["peft", "merged"])
def test_the_readme_of_an_export_runs_as_it_stands(bundle, exports, form):
    readme = (exports / form / "README.md").read_text()
    code = readme.split("```python\n")[1].split("```")[0].replace("a message", "my parcel was lost")
    assert code.count("FOLDER") >= 2
    script = f"FOLDER = {str(exports / form)!r}\n{code}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip().split("\n")[-1] == suffice.load(bundle).classify(["my parcel was lost"])[0].label


def test_a_request_for_vllm_has_the_prompt_and_the_answers(exports):
    request = json.loads((exports / "vllm" / "request.json").read_text())
    contract = json.loads((exports / "vllm" / "suffice.json").read_text())
    assert request["prompt"] == f"{contract['before']} a message{contract['after']}"
    assert (request["max_tokens"], request["temperature"]) == (1, 0.0)
    assert contract["labels"] == list(LABELS)
    assert len(set(contract["answer_ids"])) == len(LABELS)


def test_every_token_that_a_request_for_vllm_admits_is_a_whole_answer(exports):
    request = json.loads((exports / "vllm" / "request.json").read_text())
    answers = json.loads((exports / "vllm" / "suffice.json").read_text())["answers"]
    tokenizer = AutoTokenizer.from_pretrained(exports / "vllm")
    assert [tokenizer.decode([one]) for one in request["allowed_token_ids"]] == answers
    # Beside them are tokens that an answer begins with, the blank for one: a choice of answers would let them come.
    every = tokenizer.batch_decode([[one] for one in range(len(tokenizer))])
    begin = [said for said in every if said and any(answer.startswith(said) for answer in answers)]
    assert len(begin) > len(answers)
    assert "structured_outputs" not in request


def test_a_request_for_vllm_is_answered_with_the_label_of_the_bundle(bundle, exports):
    """By transformers, held to the same tokens."""
    request = json.loads((exports / "vllm" / "request.json").read_text())
    contract = json.loads((exports / "vllm" / "suffice.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(exports / "vllm")
    model = AutoModelForCausalLM.from_pretrained(exports / "vllm", dtype="auto").eval()
    for answer in suffice.load(bundle).classify(TEXTS[:5]):
        given = tokenizer(request["prompt"].replace("a message", answer.text), return_tensors="pt")
        (said,) = model.generate(
            **given,
            max_new_tokens=request["max_tokens"],
            do_sample=request["temperature"] > 0,
            prefix_allowed_tokens_fn=lambda _, __: request["allowed_token_ids"],
        )
        whole = tokenizer.decode(said[given.input_ids.shape[1] :])
        assert contract["labels"][contract["answers"].index(whole)] == answer.label


@pytest.fixture
def changed(exports, tmp_path):
    """A copy of an export, to be spoiled."""
    return lambda form: shutil.copytree(exports / form, tmp_path / form)


def saved(state, export, name="model.safetensors"):
    save_file({key: t.contiguous() for key, t in state.items()}, export / name, metadata={"format": "pt"})


def test_another_template_is_named(bundle, changed):
    export = changed("merged")
    contract = json.loads((export / "suffice.json").read_text())
    (export / "suffice.json").write_text(json.dumps(contract | {"after": "\nLabel:"}))
    with pytest.raises(BundleError, match=r"wrong template: `after` in suffice.json must be the bundle's"):
        check_parity(bundle, export, TEXTS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompt": "WRONG"}, "wrong template: `prompt` in request.json must be the bundle's"),
        ({"allowed_token_ids": [1]}, "other choices: `allowed_token_ids` in request.json must be the bundle's"),
        ({"structured_outputs": {"choice": ["x"]}}, "other choices: `structured_outputs` in request.json must be left"),
        ({"temperature": 1.0}, "other request: `temperature` in request.json"),
        ({"stop": ["x"]}, "other request: `stop` in request.json must be left out"),
    ],
)
def test_another_request_for_vllm_is_named(bundle, changed, change, said):
    export = changed("vllm")
    request = json.loads((export / "request.json").read_text())
    (export / "request.json").write_text(json.dumps(request | change))
    with pytest.raises(BundleError, match=said):
        check_parity(bundle, export, TEXTS[:2])


def test_a_prompt_of_a_request_that_differs_by_one_blank_is_named(bundle, changed):
    export = changed("vllm")
    request = json.loads((export / "request.json").read_text())
    (export / "request.json").write_text(json.dumps(request | {"prompt": request["prompt"] + " "}))
    with pytest.raises(BundleError, match="wrong template: `prompt`"):
        check_parity(bundle, export, TEXTS[:2])


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_request_for_vllm_that_is_not_there_or_none_is_named(bundle, changed, text):
    export = changed("vllm")
    (export / "request.json").unlink()
    if text is not None:
        (export / "request.json").write_text(text)
    with pytest.raises(BundleError, match=r"request.json: missing file"):
        check_parity(bundle, export, TEXTS[:2])


def test_what_a_served_model_is_called_is_left_to_whoever_starts_it(bundle, changed):
    export = changed("vllm")
    request = json.loads((export / "request.json").read_text())
    (export / "request.json").write_text(json.dumps(request | {"model": "billing"}))
    assert check_parity(bundle, export, TEXTS[:2]).n == 2


def test_a_doubled_beginning_is_named(bundle, changed):
    export = changed("merged")
    described = json.loads((export / "tokenizer.json").read_text())
    first = suffice.load(bundle).rung.prompts_of(["a"])[0][0]
    (token,) = [token for token, number in described["model"]["vocab"].items() if number == first] or [
        one["content"] for one in described["added_tokens"] if one["id"] == first
    ]
    begin, template = {"SpecialToken": {"id": token, "type_id": 0}}, described["post_processor"]
    template["single"].insert(0, begin)
    template["special_tokens"][token] = {"id": token, "ids": [first], "tokens": [token]}
    (export / "tokenizer.json").write_text(json.dumps(described))
    with pytest.raises(BundleError, match=r"doubled BOS: a prompt begins once"):
        check_parity(bundle, export, TEXTS)


def test_a_missing_adapter_is_named(bundle, changed):
    export = changed("peft")
    state = load_file(export / "adapter_model.safetensors")
    zero = {name: torch.zeros_like(t) if "lora_B" in name else t for name, t in state.items()}
    saved(zero, export, "adapter_model.safetensors")
    with pytest.raises(BundleError, match="missing adapter: the adapter changes"):
        check_parity(bundle, export, TEXTS)


def test_the_bare_base_is_no_merged_adapter(bundle, changed, tiny_llama):
    export = changed("merged")
    kind = next(iter(load_file(export / "model.safetensors").values())).dtype
    saved({name: t.to(kind) for name, t in load_file(tiny_llama / "model.safetensors").items()}, export)
    with pytest.raises(BundleError, match=r"missing adapter[\s\S]*the weights of the bare base"):
        check_parity(bundle, export, TEXTS)


def test_another_precision_is_named(bundle, changed):
    export = changed("merged")
    saved({name: t.half() for name, t in load_file(export / "model.safetensors").items()}, export)
    config = json.loads((export / "config.json").read_text())
    (export / "config.json").write_text(json.dumps(config | {"dtype": "float16"}))
    with pytest.raises(BundleError, match=r"other precision: weights must be in \w+\n  got: float16"):
        check_parity(bundle, export, TEXTS)


def test_other_weights_are_seen_by_their_answers(bundle, changed):
    export = changed("merged")
    state = load_file(export / "model.safetensors")
    saved({name: t * 4.0 if name == "model.norm.weight" else t for name, t in state.items()}, export)
    with pytest.raises(BundleError, match="other answers: every probability must be within"):
        check_parity(bundle, export, TEXTS)


def test_a_bundle_without_a_language_model_is_refused(fitted, tmp_path):
    with pytest.raises(BundleError, match="got: a bundle of tfidf"):
        export_bundle(fitted.bundle("tfidf"), tmp_path / "x", form=FORMS[0])
    assert not (tmp_path / "x").exists()


def test_another_folder_is_not_replaced(bundle, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BundleError, match="name another folder"):
        export_bundle(bundle, tmp_path, form=FORMS[0])
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_training_rows_leave_as_chats(bundle, tmp_path):
    arguments = ("--to", "openai-jsonl", "--out", tmp_path / "rows.jsonl")
    ran = run_here("export", bundle, *arguments, home=tmp_path / "home")
    assert ran.returncode == 0, ran.stderr
    rows = [json.loads(line)["messages"] for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert 140 <= len(rows) < 160  # Of the 160 rows some are drawn for calibration.
    assert {tuple(message["role"] for message in row) for row in rows} == {("system", "user", "assistant")}
    assert {row[2]["content"] for row in rows} == set(LABELS)
    assert all(label in rows[0][0]["content"] for label in LABELS)
    (tmp_path / "rows.jsonl").write_text("mine")
    ran = run_here("export", bundle, *arguments, home=tmp_path / "home")
    assert ran.returncode == 2
    assert "an existing file is not overwritten" in ran.stderr
    assert "name another file" in ran.stderr
    assert (tmp_path / "rows.jsonl").read_text() == "mine"

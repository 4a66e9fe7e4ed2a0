"""A bundle of a tuned language model to folders that transformers, PEFT and vLLM load."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from suffice.base_models import BaseModelFiles, Causal, hub_id_of, load_causal
from suffice.base_models.quiet import quiet
from suffice.bundles.classifier import SavedClassifier
from suffice.bundles.folder import base_of, verify
from suffice.bundles.record import BundleRecord
from suffice.errors import BundleError, Problem
from suffice.export.contract import CONTRACT, Contract, FormName, contract_of
from suffice.export.vllm import EXAMPLE, REQUEST, request
from suffice.rungs.adapter_files import load_updates
from suffice.rungs.causal import SavedCausal
from suffice.rungs.ladder import describe
from suffice.store import strict_json
from suffice.store.files import replacing_folder, write_text

_ADAPTER = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A bundle, opened to be written in another form."""

    bundle: Path
    saved: SavedCausal
    files: BaseModelFiles
    """The base model."""
    contract: Contract


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One form that a bundle can be written in."""

    name: FormName
    write: Callable[[Source, Path], None]
    """Writes into an empty folder what the contract does not say."""


def export_bundle(bundle: Path, out: Path, *, form: Form) -> Contract:
    """Writes a bundle in another form; a folder that an export has made is replaced.

    Args:
        bundle: of a tuned language model.
        out: the folder to be.
        form: one of `FORMS`.

    Returns:
        What an engine has to do with it.

    Raises:
        BundleError: no bundle, none of a language model that answers with tokens, or `out` is something else.
        ModelError: its base model cannot be found.
        StorageError: the folder cannot be written.
    """
    tuned(bundle)
    _must_be_ours(out)
    saved = strict_json.read(bundle / "model" / "causal.json", SavedCausal)
    classifier = strict_json.read(bundle / "classifier.json", SavedClassifier)
    contract = contract_of(saved, classifier.labels, temperature=classifier.temperature, form=form.name)
    source = Source(bundle=bundle, saved=saved, files=base_of(bundle, saved.base), contract=contract)
    with replacing_folder(out) as part:
        form.write(source, part)
        strict_json.write(part / CONTRACT, contract)
        write_text(part / "README.md", _card(form, source))
    return contract


def tuned(bundle: Path) -> BundleRecord:
    """What a bundle is that other engines can load.

    Args:
        bundle: a folder that fit wrote.

    Raises:
        BundleError: no bundle, or none of a tuned language model that gives labels.
    """
    record = verify(bundle)
    kind = record.run.cell.kind
    if kind != "classify" or not describe(record.rung).tunes_causal:
        command = "classify" if kind == "classify" else "answer"
        raise BundleError(
            Problem(
                where=str(bundle),
                rule="other engines load tuned language models that give labels",
                got=f"a bundle of {record.rung}, kind: {kind}",
                fix=f"serve it with `suffice serve`, or answer a file with `suffice {command}`",
            )
        )
    return record


def _must_be_ours(out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / CONTRACT).is_file():
        rule, got = "an export takes the place of an export, not of another folder", f"no {CONTRACT} in it"
        raise BundleError(Problem(where=str(out), rule=rule, got=got, fix="name another folder"))


def _loaded(source: Source) -> Causal:
    return load_causal(source.files, precision=source.saved.precision, device="cpu", weights="full")


def _write_adapter(source: Source, folder: Path) -> None:
    for name in _ADAPTER:
        shutil.copyfile(source.bundle / "model" / name, folder / name)
    _loaded(source).tokenizer.save_pretrained(folder)


def _write_merged(source: Source, folder: Path) -> None:
    """Base and adapter are added in float32 and rounded once, as a bundle adds them when it answers."""
    loaded = _loaded(source)
    body, scale = loaded.model.get_decoder(), source.saved.lora.scale
    with torch.no_grad():
        for name, (a, b) in load_updates(source.bundle / "model").items():
            weight = body.get_submodule(name).weight
            weight.copy_(weight.float() + (b.float() * scale) @ a.float())
    with quiet():
        loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)


def _write_for_vllm(source: Source, folder: Path) -> None:
    _write_merged(source, folder)
    write_text(folder / REQUEST, json.dumps(request(source.contract, EXAMPLE), indent=2) + "\n")


FORMS: tuple[Form, ...] = (
    Form(name="peft", write=_write_adapter),
    Form(name="merged", write=_write_merged),
    Form(name="vllm", write=_write_for_vllm),
)


def _card(form: Form, source: Source) -> str:
    contract = source.contract
    base = hub_id_of(contract.base) or contract.base
    load = {
        "peft": (
            "from peft import PeftModel\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
            f"model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained({base!r}), FOLDER)"
        ),
        "merged": (
            "from transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
            "model = AutoModelForCausalLM.from_pretrained(FOLDER)"
        ),
    }
    how = load.get(form.name, load["merged"])
    lines = [
        f"# A tuned {base}, for {form.name}",
        "",
        f"It puts a message into one of {len(contract.labels)} categories. `{CONTRACT}` has the exact prompt and the "
        "token that stands for each label; an engine has to keep to both.",
        "",
        "```python",
        "import json",
        "",
        "import torch",
        how,
        "",
        "tokenizer = AutoTokenizer.from_pretrained(FOLDER)",
        f'contract = json.load(open(f"{{FOLDER}}/{CONTRACT}"))',
        'prompt = contract["before"] + " " + "a message" + contract["after"]',
        "with torch.inference_mode():",
        '    logits = model(**tokenizer(prompt, return_tensors="pt")).logits[0, -1, contract["answer_ids"]]',
        'probabilities = (logits.float() / contract["temperature"]).softmax(0)',
        'print(contract["labels"][int(probabilities.argmax())])',
        "```",
    ]
    if form.name == "vllm":
        lines += [
            "",
            "With vLLM: `vllm serve FOLDER --served-model-name clerk`, and `POST /v1/completions` with "
            f"`{REQUEST}`, the message in the place of `{EXAMPLE}` in its prompt and all else as it stands. "
            f"`allowed_token_ids` are the tokens of `answers` in `{CONTRACT}`, so that one of them comes back, whole; "
            "the label is the one at the same place in `labels`. `structured_outputs` with a choice of the answers is "
            "no substitute: it admits every token that an answer begins with, and the answer comes back cut.",
            "",
            "`logprobs` are of the whole vocabulary. `vllm serve --logprobs-mode processed_logprobs --max-logprobs "
            f"{len(contract.answers)}`, asked for as many, tells those of the answers alone: divided by `temperature` "
            f"of `{CONTRACT}`, their softmax is the bundle's probabilities.",
        ]
    lines += ["", "Messages longer than `context_tokens` tokens are shortened by suffice and by nobody else."]
    return "\n".join(lines) + "\n"

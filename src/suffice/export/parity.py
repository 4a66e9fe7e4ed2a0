"""Whether an export answers as its bundle does: the same prompts, the same labels, nearly the same probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.base_models import load_causal
from suffice.base_models.four_bit import import_quietly
from suffice.base_models.quiet import quiet
from suffice.bundles import Classifier, load_bundle
from suffice.bundles.folder import base_of
from suffice.errors import BundleError, Problem
from suffice.export.contract import CONTRACT, Contract, contract_of, read_contract
from suffice.export.vllm import EXAMPLE, REQUEST, SERVED_AS, read_request, request
from suffice.rungs.adapter_files import load_updates
from suffice.rungs.causal import SavedCausal, TunedCausal
from suffice.stats.temperature import softmax
from suffice.store import strict_json
from suffice.text.normalise import readable

CLOSE = {"fp32": 0.002, "bf16": 0.08}
"""How far a probability may differ: other engines add in another order, which in bf16 moves a logit by some hundredths.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parity:
    """How an export answers beside its bundle."""

    n: int
    """Messages."""
    same_labels: float
    """Share whose label is the same."""
    largest: float
    """Largest difference of a probability."""


def check_parity(bundle: Path, export: Path, texts: Sequence[str]) -> Parity:
    """Answers messages by both, the export through transformers.

    Args:
        bundle: what was exported.
        export: what `export_bundle` wrote.
        texts: messages with something in them that fit the context, at least one.

    Raises:
        BundleError: there is no message to compare; or the export does not answer as the bundle does: every fault that
            was seen, named.
    """
    if not texts:
        rule, got = "both are asked about one message at least", "none that has something in it and fits the context"
        fix = "validation rows are asked: fit with some, or raise context_tokens"
        raise BundleError(Problem(where=str(export), rule=rule, got=got, fix=fix))
    contract, classifier = read_contract(export), load_bundle(bundle)
    saved = strict_json.read(bundle / "model" / "causal.json", SavedCausal)
    model, tokenizer = _theirs(bundle, export, contract, saved)
    ids = [tokenizer(contract.prompt(readable(text))).input_ids for text in texts]
    problems = [
        *_in_contract(contract, classifier, saved, export),
        *_in_request(contract, export),
        *_in_tokens(ids, texts, classifier, export),
        *_in_weights(model, saved, bundle, export),
    ]
    if problems:
        raise BundleError(problems)
    ours = _ours(classifier, texts)
    theirs = _probabilities(model, ids, contract)
    found = Parity(
        n=len(texts),
        same_labels=float((ours.argmax(axis=1) == theirs.argmax(axis=1)).mean()),
        largest=float(np.abs(ours - theirs).max()),
    )
    if found.largest > CLOSE[contract.precision]:
        rule = f"every probability must be within {CLOSE[contract.precision]:g} of the bundle's"
        got = f"{found.largest:.3f} off at most; the same label for {found.same_labels:.1%} of {found.n:,} messages"
        raise BundleError(_fault(export, "other answers", rule=rule, got=got))
    return found


def _theirs(bundle: Path, export: Path, contract: Contract, saved: SavedCausal) -> tuple[Any, Any]:
    """Model and tokenizer as transformers loads them, the base in the precision that the bundle was measured in.

    Raises:
        BundleError: they cannot be loaded.
    """
    try:
        with quiet():
            return _loaded(bundle, export, contract, saved)
    except (OSError, ValueError, RuntimeError) as error:
        rule, got = "transformers must load it", str(error).splitlines()[0]
        raise BundleError(_fault(export, "missing file", rule=rule, got=got)) from error


def _loaded(bundle: Path, export: Path, contract: Contract, saved: SavedCausal) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - it takes seconds

    tokenizer = AutoTokenizer.from_pretrained(export)
    if contract.is_merged:
        return AutoModelForCausalLM.from_pretrained(export, dtype="auto").eval(), tokenizer
    import_quietly()  # PEFT imports bitsandbytes wherever it is installed.
    from peft import PeftModel  # noqa: PLC0415

    kind = torch.bfloat16 if contract.precision == "bf16" else torch.float32
    base = AutoModelForCausalLM.from_pretrained(base_of(bundle, saved.base).folder, dtype=kind)
    with catch_warnings():
        simplefilter("ignore", FutureWarning)  # PEFT asks transformers in words that it will give up.
        return PeftModel.from_pretrained(base, str(export)).eval(), tokenizer


def _in_contract(contract: Contract, classifier: Classifier, saved: SavedCausal, export: Path) -> Iterator[Problem]:
    """A prompt or answers that are not the bundle's, byte for byte."""
    names, temperature = classifier.labels.names, classifier.saved.temperature
    wanted = contract_of(saved, names, temperature=temperature, form=contract.form)
    for key in ("before", "after", "labels", "answers", "answer_ids", "temperature"):
        if getattr(contract, key) != getattr(wanted, key):
            yield _fault(
                export, "wrong template", rule=f"`{key}` in {CONTRACT} must be the bundle's", got="another one"
            )
            return


def _in_request(contract: Contract, export: Path) -> Iterator[Problem]:
    """What vLLM is told to be asked, where that is another prompt, byte for byte, or lets other answers come."""
    if contract.form != "vllm":
        return
    given, wanted = read_request(export), request(contract, EXAMPLE)
    names = {"prompt": "wrong template", "allowed_token_ids": "other choices", "structured_outputs": "other choices"}
    for key in dict.fromkeys((*wanted, *given)):
        if key != SERVED_AS and given.get(key) != wanted.get(key):
            got = "another one" if key in given and key in wanted else "none" if key in wanted else "one"
            rule = f"`{key}` in {REQUEST} must be " + ("the bundle's" if key in wanted else "left out")
            yield _fault(export, names.get(key, "other request"), rule=rule, got=got)


def _in_tokens(
    ids: Sequence[list[int]], texts: Sequence[str], classifier: Classifier, export: Path
) -> Iterator[Problem]:
    """A prompt whose tokens are not the bundle's."""
    assert isinstance(classifier.rung, TunedCausal), "nothing else is exported"
    for text, theirs, own in zip(texts, ids, classifier.rung.prompts_of(texts), strict=True):
        if tuple(theirs) == own:
            continue
        if tuple(theirs[1:]) == own and theirs[:1] == theirs[1:2]:
            got = "the token that begins a text, twice"
            yield _fault(export, "doubled BOS", rule="a prompt begins once", got=got)
        else:
            differ = [i for i, (a, b) in enumerate(zip(theirs, own, strict=False)) if a != b]
            at = min([*differ, len(theirs), len(own)])
            got = f"another token at place {at} of the prompt for a message of {len(text):,} characters"
            yield _fault(export, "wrong template", rule="prompts must have the bundle's tokens", got=got)
        return


def _in_weights(model: Any, saved: SavedCausal, bundle: Path, export: Path) -> Iterator[Problem]:
    """Weights in another precision, or without what was trained."""
    kind = torch.bfloat16 if saved.precision == "bf16" else torch.float32
    names = {name: p for name, p in model.named_parameters() if "lora_" not in name}
    if any(p.dtype != kind for p in names.values()):
        got = ", ".join(sorted({str(p.dtype).removeprefix("torch.") for p in names.values()}))
        yield _fault(export, "other precision", rule=f"weights must be in {saved.precision}", got=got)
        return
    updates = load_updates(bundle / "model")
    wrapped = {name.split(".base_layer")[0]: p for name, p in names.items() if ".base_layer" in name}
    if wrapped:
        trained = [p for name, p in model.named_parameters() if ".lora_B." in name]
        if len(trained) != len(updates) or not any(p.any() for p in trained):
            rule, got = f"the adapter changes {len(updates)} layers", f"{len(trained)} updates, or all of them zero"
            yield _fault(export, "missing adapter", rule=rule, got=got)
        return
    files = base_of(bundle, saved.base)
    base = load_causal(files, precision=saved.precision, device="cpu", weights="full").model.get_decoder()
    body = model.get_decoder()
    if all(torch.equal(body.get_submodule(n).weight, base.get_submodule(n).weight) for n in updates):
        rule, got = f"the adapter changes {len(updates)} layers", "the weights of the bare base"
        yield _fault(export, "missing adapter", rule=rule, got=got)


def _ours(classifier: Classifier, texts: Sequence[str]) -> NDArray[np.float64]:
    probs = classifier.predict(texts, [str(i) for i in range(len(texts))]).probs
    assert probs is not None
    return probs


def _probabilities(model: Any, ids: Sequence[list[int]], contract: Contract) -> NDArray[np.float64]:
    """One prompt at a time, as its README says, shape [N, K]."""
    with torch.inference_mode():
        logits = [model(torch.tensor([row])).logits[0, -1, list(contract.answer_ids)].double() for row in ids]
    return softmax(torch.stack(logits).numpy(), temperature=contract.temperature)


def _fault(export: Path, name: str, *, rule: str, got: str) -> Problem:
    fix = "do not use it: export the bundle again, with the versions of the libraries that it was made with"
    return Problem(where=f"{export}: {name}", rule=rule, got=got, fix=fix)

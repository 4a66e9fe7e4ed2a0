"""The real models: sensible next tokens, upstream tokens, and what the catalogue says of them.

They lie in `SUFFICE_MODEL_FILES` (default `~/.cache/suffice-model-files`): `minilm-l6` as the folder
`all-MiniLM-L6-v2`, the others as GGUF files. Conversions are kept in `SUFFICE_HOME`.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from suffice.base_models import BaseModelFiles, Causal, load_causal, load_encoder, locate
from suffice.base_models.catalogue import entry_named
from suffice.records.progress import SILENT

pytestmark = pytest.mark.real

FILES = Path(os.environ.get("SUFFICE_MODEL_FILES") or "~/.cache/suffice-model-files").expanduser()
MODELS = {
    "smollm2-135m": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "gemma3-270m": "gemma-3-270m.Q4_K_M.gguf",
    "qwen2.5-0.5b": "Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf",
}
TEXTS = (
    "My card was declined this morning, why?",
    "  two  spaces   12  34 and 1,234.56\n\n\ttab\r\n",
    "Ünïcödé naïve café, 日本語のテキスト, Привет, 😀👍🏽",
    "decomposed: cafe\u0301",
    "I'm sure we've DON'T'd",
    "word " * 6_000,
)


def at(name: str) -> BaseModelFiles:
    return locate(str(FILES / MODELS[name]), progress=SILENT)


@pytest.fixture(scope="module", params=MODELS)
def causal(request: pytest.FixtureRequest) -> Causal:
    return load_causal(at(request.param), precision="fp32")


def next_token(causal: Causal, text: str) -> str:
    ids = torch.tensor([causal.tokenizer(text).input_ids])
    with torch.inference_mode():
        return str(causal.tokenizer.decode(causal.model(ids).logits[0, -1].argmax()))


def test_the_next_token_is_sensible(causal: Causal) -> None:
    # Norms off by one, heads in the wrong order or a wrong rotation all end in noise here.
    assert next_token(causal, "The capital of France is the city of") == " Paris"
    assert next_token(causal, "Paris is the capital of France. Berlin is the capital of") == " Germany"


def test_texts_come_back_whole_from_their_tokens(causal: Causal) -> None:
    normalised = causal.model.config.model_type == "qwen2"
    for text in TEXTS:
        back = causal.tokenizer.decode(causal.tokenizer(text).input_ids, skip_special_tokens=True)
        assert back == (unicodedata.normalize("NFC", text) if normalised else text)


def test_the_tokenizer_is_the_same_however_it_is_loaded(causal: Causal) -> None:
    theirs = AutoTokenizer.from_pretrained(causal.files.folder, local_files_only=True)
    for text in TEXTS:
        assert theirs(text).input_ids == causal.tokenizer(text).input_ids


def test_only_gemma_begins_with_a_token_of_its_own_and_all_have_a_pad_token(causal: Causal) -> None:
    begins = [causal.tokenizer.bos_token_id] if causal.model.config.model_type == "gemma3_text" else []
    assert causal.tokenizer("").input_ids == begins
    assert causal.tokenizer.pad_token is not None
    assert len(causal.tokenizer) <= causal.model.get_input_embeddings().num_embeddings


def test_digits_stand_alone(causal: Causal) -> None:
    # All three families split numbers into digits; merged digits would mean a lost splitting rule.
    pieces = causal.tokenizer.tokenize("12 and 345")
    assert [piece for piece in pieces if any(letter.isdigit() for letter in piece)] == ["1", "2", "3", "4", "5"]


def test_tied_embeddings_stay_tied(causal: Causal) -> None:
    tied = causal.model.get_output_embeddings().weight is causal.model.get_input_embeddings().weight
    assert tied == causal.model.config.tie_word_embeddings


def test_the_catalogue_counts_the_parameters_that_there_are(causal: Causal) -> None:
    name = next(name for name, file in MODELS.items() if causal.files.origin.endswith(file))
    entry = entry_named(name)
    assert entry is not None
    embeddings = causal.model.get_input_embeddings().weight.numel()
    heads = 0 if causal.model.config.tie_word_embeddings else causal.model.get_output_embeddings().weight.numel()
    total = causal.model.num_parameters()
    # A file may hold an output head that upstream ties to the embeddings; the catalogue counts upstream's parameters.
    assert (entry.n_body, entry.n_total) == (total - embeddings - heads, total - heads)


def test_the_catalogue_knows_the_packaged_files() -> None:
    smollm2, minilm = entry_named("smollm2-135m"), entry_named("minilm-l6")
    assert smollm2 is not None
    assert smollm2.package is not None
    assert minilm is not None
    assert minilm.package is not None
    paths = [(FILES / file.path, file) for file in smollm2.package.files]
    paths += [(FILES / "all-MiniLM-L6-v2" / file.path, file) for file in minilm.package.files]
    for path, file in paths:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    assert sum(path.stat().st_size for path, _ in paths[1:]) <= minilm.package.unpacked_bytes


def test_minilm_puts_messages_of_one_meaning_together() -> None:
    loaded = load_encoder(locate(str(FILES / "all-MiniLM-L6-v2"), progress=SILENT), precision="fp32")
    assert (loaded.context, loaded.pooling) == (256, "mean")
    assert loaded.model.num_parameters() == 22_713_216
    texts = ["My card was stolen", "Somebody took my bank card", "What is the exchange rate?"]
    batch = loaded.tokenizer(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        hidden = loaded.model(**batch).last_hidden_state
    mask = batch["attention_mask"][..., None]
    vectors = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
    same, other = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert same > 0.6 > 0.4 > other

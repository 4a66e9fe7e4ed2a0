"""Tiny models with random weights and a really trained tokenizer, written as folders: what tests load instead of a base
model. Seeded, under two seconds each, and shaped like the real ones where the shape matters: grouped-query heads, tied
embeddings, a beginning-of-text token only where upstream adds one, both layer types in Gemma 3.
"""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CONTEXT = 256
"""Positions of every causal model."""
GEMMA_WINDOW = 16
"""Sliding window of the tiny Gemma 3, far below its context."""
BERT_CONTEXT = 64
"""Positions of the tiny encoder."""

_SUBJECTS = ("My card", "The transfer", "My refund", "The payment", "My account", "The cash machine", "Your app")
_EVENTS = (
    "was declined in the shop this morning",
    "has not arrived after three days",
    "charged me a fee twice",
    "is still pending and nobody answers",
    "shows the wrong exchange rate",
    "does not accept my new address",
    "was stolen, please block it now",
)
_ASKS = ("Why?", "Please help me.", "How long does it take?", "What can I do?", "I want my money back!")
_WORDS = (
    "label category message answer question support customer billing delivery login password verify identity top up "
    "invoice subscription upgrade cancel technical general feedback complaint shipping order product warranty return "
    "exchange rate limit currency country phone email notification statement balance deposit withdrawal fraud dispute "
    "yes no true false alpha beta gamma delta red green blue one two three four five six seven eight nine ten "
    "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z 0 1 2 3 4 5 6 7 8 9"
)
_BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

_TOOL_TEMPLATE = (
    "{% if tools %}<|im_start|>system\n{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] }}\n"
    "{% endif %}{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}<|im_end|>\n{% endif %}"
    "{% for message in messages %}{% if message['role'] != 'system' or not tools %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}{% for call in message.tool_calls or [] %}"
    "<tool_call>\n{{ call.function | tojson }}\n</tool_call>{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""Takes tools as the templates of Qwen do."""
TOOL_CONTEXT = 1024
"""Positions of models that are told tools: their tokenizers know no JSON, and take a token for two or three signs."""


def corpus() -> list[str]:
    """The sentences that the tokenizers are trained on."""
    sentences = [f"{s} {event}. {ask}" for s, event, ask in itertools.product(_SUBJECTS, _EVENTS, _ASKS)]
    return sentences + [_WORDS, _WORDS.title()] * 5


def write_tiny_llama(folder: Path, *, seed: int = 0, context: int = CONTEXT) -> Path:
    """A Llama shaped like SmolLM2: no beginning-of-text token, chat template."""
    tokenizer = _byte_level_bpe(special=("<|endoftext|>", "<|im_start|>", "<|im_end|>"), n_tokens=640)
    wrapped = _wrapped(tokenizer, bos="<|im_start|>", eos="<|im_end|>", pad="<|im_end|>")
    wrapped.chat_template, wrapped.model_max_length = _CHAT_TEMPLATE, context
    config = transformers.LlamaConfig(**shape_of(wrapped, context=context))
    return _written(transformers.LlamaForCausalLM, config, tokenizer=wrapped, folder=folder, seed=seed)


def write_tiny_qwen2(folder: Path, *, seed: int = 0, takes_tools: bool = False) -> Path:
    """A Qwen2: biases on queries, keys and values; no beginning-of-text token; chat template, of tools where asked."""
    tokenizer = _byte_level_bpe(special=("<|endoftext|>", "<|im_start|>", "<|im_end|>"), n_tokens=700)
    wrapped = _wrapped(tokenizer, bos=None, eos="<|im_end|>", pad="<|endoftext|>")
    wrapped.chat_template = _TOOL_TEMPLATE if takes_tools else _CHAT_TEMPLATE
    context = wrapped.model_max_length = TOOL_CONTEXT if takes_tools else CONTEXT
    config = transformers.Qwen2Config(**shape_of(wrapped, context=context))
    return _written(transformers.Qwen2ForCausalLM, config, tokenizer=wrapped, folder=folder, seed=seed)


def write_tiny_gemma3(folder: Path, *, seed: int = 0) -> Path:
    """A Gemma 3 text model: `<bos>` before every text, sliding and full attention layers, no chat template."""
    tokenizer = _byte_level_bpe(special=("<pad>", "<eos>", "<bos>", "<unk>"), n_tokens=560)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A",
        pair="<bos> $A <bos>:1 $B:1",
        special_tokens=[("<bos>", tokenizer.token_to_id("<bos>"))],
    )
    wrapped = _wrapped(tokenizer, bos="<bos>", eos="<eos>", pad="<pad>")
    shape = {**shape_of(wrapped), "num_hidden_layers": 3, "num_key_value_heads": 1}
    config = transformers.Gemma3TextConfig(
        **shape,
        head_dim=16,
        query_pre_attn_scalar=16,
        sliding_window=GEMMA_WINDOW,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    )
    return _written(transformers.Gemma3ForCausalLM, config, tokenizer=wrapped, folder=folder, seed=seed)


def write_tiny_bert(folder: Path, *, seed: int = 0) -> Path:
    """A BERT encoder with WordPiece, in the shape of a sentence-transformers folder."""
    tokenizer = _word_piece(n_tokens=500)
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        mask_token="[MASK]",
        model_max_length=BERT_CONTEXT,
    )
    config = transformers.BertConfig(
        vocab_size=len(wrapped),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=BERT_CONTEXT,
        initializer_range=0.2,
        pad_token_id=wrapped.pad_token_id,
    )
    _written(transformers.BertModel, config, tokenizer=wrapped, folder=folder, seed=seed)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 48, "do_lower_case": False}))
    return folder


def shape_of(tokenizer: transformers.PreTrainedTokenizerFast, *, context: int = CONTEXT) -> dict[str, object]:
    """What the causal configurations share. Weights are drawn wide, so that a wrong computation shows in the logits."""
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": context,
        "initializer_range": 0.2,
        "tie_word_embeddings": True,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _byte_level_bpe(*, special: tuple[str, ...], n_tokens: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=n_tokens,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def _word_piece(*, n_tokens: int) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(_word_pieces(n_tokens), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(list(_BERT_SPECIAL))
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return tokenizer


def _word_pieces(n_tokens: int) -> dict[str, int]:
    """Characters, words, then endings of words: tokenizers' own trainer gives another vocabulary in every process."""
    words = sorted({word for text in corpus() for word in re.findall(r"\w+|[^\w\s]", text.lower())})
    characters = sorted(set("".join(words)))
    endings = sorted({f"##{word[i:]}" for word in words for i in range(1, len(word) - 1)}, key=lambda e: (len(e), e))
    pieces = dict.fromkeys((*_BERT_SPECIAL, *characters, *(f"##{c}" for c in characters), *words, *endings))
    return {piece: i for i, piece in enumerate(itertools.islice(pieces, n_tokens))}


def _wrapped(tokenizer: Tokenizer, *, bos: str | None, eos: str, pad: str) -> transformers.PreTrainedTokenizerFast:
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=bos, eos_token=eos, pad_token=pad, model_max_length=CONTEXT
    )


def _written(
    architecture: type[transformers.PreTrainedModel],
    config: transformers.PreTrainedConfig,
    *,
    tokenizer: transformers.PreTrainedTokenizerFast,
    folder: Path,
    seed: int,
) -> Path:
    """Draws the weights from `seed` without moving the caller's random state, and writes model and tokenizer."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = architecture(config)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "norm" in name.lower():  # All ones (zeros in Gemma) would hide a forgotten normalisation weight.
                    weight.add_(0.2 * torch.randn_like(weight))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder

"""A model is asked through its chat template where it has one, and no text begins twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import transformers

from suffice.errors import ModelError
from suffice.kinds.prompts import ChatMessage, ChatPrompt, ToolChat
from suffice.predict.chat import prompt_ids
from suffice.predict.stopping import end_tokens, turn_end
from tiny_completers import loaded

TWO = (ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="Why was my card declined?"))
PROMPT = ChatPrompt(messages=TWO, plain="Be brief.\n\nQuestion: Why was my card declined?\nAnswer:")
# Shaped like Gemma's: a beginning of text of its own, and no system turn.
STRICT = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{{ message['role'] }}: {{ message['content'] }}<eos>\n{% endfor %}"
    "{% if add_generation_prompt %}model: {% endif %}"
)
DEAF = STRICT.replace("{{ raise_exception('System role not supported') }}{% endif %}", "{% else %}").replace(
    "<eos>\n{% endfor %}", "<eos>\n{% endif %}{% endfor %}"
)


def tokenizer_of(folder: Path, template: str | None = None) -> Any:
    tokenizer = loaded(folder).tokenizer
    if template is not None:
        tokenizer.chat_template = template
    return tokenizer


@pytest.mark.parametrize("name", ["tiny_llama", "tiny_qwen2"])
def test_a_model_with_a_template_is_asked_through_it(name: str, request: pytest.FixtureRequest) -> None:
    tokenizer = tokenizer_of(request.getfixturevalue(name))
    said = [{"role": one.role, "content": one.content} for one in TWO]
    expected = tokenizer.apply_chat_template(said, add_generation_prompt=True, return_dict=False)
    assert prompt_ids(tokenizer, [PROMPT, PROMPT]) == [tuple(expected)] * 2
    assert tokenizer.decode(expected).endswith("<|im_start|>assistant\n")


def test_a_model_without_one_goes_on_with_the_plain_text_behind_one_beginning(tiny_gemma3: Path) -> None:
    tokenizer = tokenizer_of(tiny_gemma3)
    (ids,) = prompt_ids(tokenizer, [PROMPT])
    assert ids == tuple(tokenizer(PROMPT.plain).input_ids)
    assert ids.count(tokenizer.bos_token_id) == 1


def test_a_template_that_brings_its_own_beginning_of_text_gets_no_second_one(tiny_gemma3: Path) -> None:
    tokenizer = tokenizer_of(tiny_gemma3, STRICT)
    (ids,) = prompt_ids(tokenizer, [ChatPrompt(messages=TWO[1:], plain="")])
    assert (ids[0], ids.count(tokenizer.bos_token_id)) == (tokenizer.bos_token_id, 1)


@pytest.mark.parametrize("template", [STRICT, DEAF])
def test_a_system_turn_that_a_template_refuses_or_leaves_out_stands_in_the_users(
    tiny_gemma3: Path, template: str
) -> None:
    tokenizer = tokenizer_of(tiny_gemma3, template)
    (ids,) = prompt_ids(tokenizer, [PROMPT])
    assert tokenizer.decode(ids) == "<bos>user: Be brief.\n\nWhy was my card declined?<eos>\nmodel: "


def test_a_template_that_does_not_work_is_told(tiny_gemma3: Path) -> None:
    tokenizer = tokenizer_of(tiny_gemma3, "{{ raise_exception('never') }}")
    with pytest.raises(ModelError, match="the turns user\n  got: never\n  fix: choose another base model"):
        prompt_ids(tokenizer, [PROMPT])


def test_the_end_of_a_turn_is_read_off_the_template(tiny_llama: Path, tiny_gemma3: Path) -> None:
    assert tokenizer_of(tiny_llama).decode([turn_end(tokenizer_of(tiny_llama))]) == "<|im_end|>"
    assert turn_end(tokenizer_of(tiny_gemma3)) is None
    assert tokenizer_of(tiny_gemma3).decode([turn_end(tokenizer_of(tiny_gemma3, STRICT))]) == "<eos>"
    # A word behind what the model says is no token that ends it.
    assert turn_end(tokenizer_of(tiny_gemma3, STRICT.replace("<eos>", "over"))) is None


def test_a_model_ends_with_all_that_its_record_and_its_template_name(tiny_llama: Path) -> None:
    tiny = loaded(tiny_llama)
    assert end_tokens(tiny.model, tiny.tokenizer) == (tiny.tokenizer.eos_token_id,)
    tiny.model.generation_config.eos_token_id = [0, 1]
    assert end_tokens(tiny.model, tiny.tokenizer) == (0, 1, tiny.tokenizer.eos_token_id)


TOOL = {"type": "function", "function": {"name": "clock", "description": "", "parameters": {"type": "object"}}}
ASKED = {"role": "user", "content": "What time is it?"}
NATIVE = ChatPrompt(
    messages=(ChatMessage(role="user", content="in words"),),
    plain="",
    native=ToolChat(messages=(ASKED,), tools=(TOOL,)),
)


def told(folder: Path, prompt: ChatPrompt) -> str:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    (ids,) = prompt_ids(tokenizer, [prompt])
    return str(tokenizer.decode(ids))


def test_a_template_that_shows_tools_is_given_them(tool_qwen2: Path) -> None:
    assert '"name": "clock"' in told(tool_qwen2, NATIVE)
    assert "in words" not in told(tool_qwen2, NATIVE)


def test_a_template_that_leaves_tools_out_or_refuses_the_turns_reads_words(
    tiny_llama: Path, tool_qwen2: Path, tmp_path: Path
) -> None:
    assert "in words" in told(tiny_llama, NATIVE)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tool_qwen2)
    refuses = "{% if tools %}{{ raise_exception('no tools') }}{% endif %}"
    tokenizer.chat_template = refuses + "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    tokenizer.save_pretrained(tmp_path)
    assert told(tmp_path, NATIVE) == "in words"

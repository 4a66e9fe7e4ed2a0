"""What a language model is asked, as it was trained to be asked: through its chat template where it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2.exceptions import TemplateError

from suffice.errors import ModelError, Problem
from suffice.kinds.prompts import ChatMessage, ChatPrompt, ToolChat
from suffice.predict.frame import beginning_of_text
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import token_ids


def prompt_ids(tokenizer: Any, prompts: Sequence[ChatPrompt]) -> list[Tokens]:
    """Token ids of each prompt, whole, up to where the model's own words begin.

    A chat template brings its own beginning of text, if there is to be one; in front of a plain prompt stands the
    tokenizer's. It never stands there twice.

    Args:
        tokenizer: the model's own.
        prompts: what is asked.

    Raises:
        ModelError: the template cannot be filled in.
    """
    if not tokenizer.chat_template:
        first = beginning_of_text(tokenizer)
        return [(*first, *ids) for ids in token_ids(tokenizer, [prompt.plain for prompt in prompts])]
    return token_ids(tokenizer, [_asked(tokenizer, prompt) for prompt in prompts])


def rendered(
    tokenizer: Any,
    said: Sequence[Mapping[str, Any]],
    *,
    to_be_answered: bool,
    tools: Sequence[Mapping[str, Any]] | None = None,
) -> str:
    """The text of a conversation by the tokenizer's chat template.

    Args:
        tokenizer: a Hugging Face tokenizer with a chat template.
        said: turns with `role` and `content`.
        to_be_answered: whether the beginning of the model's next turn stands at its end.
        tools: what may be called, in OpenAI's form; None for nothing.

    Raises:
        ModelError: the template refuses the turns, or does not work.
    """
    try:
        text: str = tokenizer.apply_chat_template(
            list(said),
            tools=None if tools is None else list(tools),
            tokenize=False,
            add_generation_prompt=to_be_answered,
        )
    except TemplateError as error:
        problem = Problem(
            where="chat template",
            rule=f"the model's chat template must take the turns {', '.join(turn['role'] for turn in said)}",
            got=str(error),
            fix="choose another base model, or take `chat_template` out of its tokenizer_config.json",
        )
        raise ModelError(problem) from error
    return text


def _asked(tokenizer: Any, prompt: ChatPrompt) -> str:
    """With its tools, where there are some and the template shows every one of them; otherwise in words."""
    if prompt.native is None:
        return _filled_in(tokenizer, prompt.messages)
    return _with_tools(tokenizer, prompt.native) or _filled_in(tokenizer, prompt.messages)


def _with_tools(tokenizer: Any, chat: ToolChat) -> str | None:
    """None where the template knows nothing of tools, or leaves something out."""
    try:
        text = rendered(tokenizer, chat.messages, to_be_answered=True, tools=chat.tools)
    except ModelError:
        return None
    shown = [tool["function"]["name"] for tool in chat.tools]
    shown += [str(one["content"]).strip() for one in chat.messages if one["role"] in {"system", "user"}]
    return text if all(part in text for part in shown) else None


def _filled_in(tokenizer: Any, messages: Sequence[ChatMessage]) -> str:
    """By the template; where it refuses a system turn or leaves it out, that stands at the head of the user's."""
    said = [{"role": one.role, "content": one.content} for one in messages]
    if messages[0].role != "system":
        return rendered(tokenizer, said, to_be_answered=True)
    head, first, *rest = said
    together = [{"role": "user", "content": f"{head['content']}\n\n{first['content']}"}, *rest]
    try:
        text = rendered(tokenizer, said, to_be_answered=True)
    except ModelError:
        return rendered(tokenizer, together, to_be_answered=True)
    left_out = [one for one in messages if one.content.strip() not in text]
    return rendered(tokenizer, together, to_be_answered=True) if left_out else text

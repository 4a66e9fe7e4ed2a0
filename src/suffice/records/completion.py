"""What a language model wrote, whole, and how it was let write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StopReason = Literal["end", "stop", "length", "refused", "tool_calls", "other"]
"""`end`: it said that it is done, or what it is held to leaves nothing more to say. `stop`: it wrote one of the stop
strings. `length`: it was cut off. Of endpoints alone: `refused` by the filter there, `tool_calls` where a tool was
called instead of an answer, `other` for a reason that is known to nobody here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoding:
    """How the next token is chosen, and when to stop."""

    max_new_tokens: int
    """The most tokens that are written, at least 1; fewer where the model's context ends before."""
    temperature: float = 0.0
    """Logits are divided by it before one is drawn; 0 takes the likeliest token, of equal ones that of the lowest
    number."""
    top_p: float = 1.0
    """Drawn from the likeliest tokens that come to this probability, above 0 and at most 1.

    Source: Holtzman et al. 2020, The Curious Case of Neural Text Degeneration, section 3.1."""
    seed: int = 0
    """Of what is drawn, at least 0; with a row's id it decides all of the row's draws, whatever it is written beside.
    """
    stop: tuple[str, ...] = ()
    """Strings that end a completion, none of them empty; the first that occurs is cut off with all behind it."""

    def __post_init__(self) -> None:
        assert self.max_new_tokens >= 1, "a completion has room for a token"
        assert self.temperature >= 0.0, "a temperature is not negative"
        assert 0.0 < self.top_p <= 1.0, "a share of probability to draw from"
        assert self.seed >= 0, "a seed is not negative"
        assert all(self.stop), "an empty string would end every completion before it begins"


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """What was written behind one prompt."""

    id: str
    """Of the row that was asked."""
    text: str
    """All that was written, special tokens included, without the token that ends it or the stop string."""
    n_prompt_tokens: int
    """Tokens of the whole prompt."""
    n_tokens: int
    """Tokens that were written, the one that ends included."""
    stop_reason: StopReason
    """Why it ended."""
    seconds: float
    """Wall time from the reading of its prompt to its end, in the company of the rows it was written beside."""
    held: bool = False
    """Whether it had ended in another form than was asked for, and was made to end in that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptCompletion:
    """A completion as it is stored."""

    key: str
    """Hash of all that decides it: model, adapter, prompt, decoding, and what it is held to; of one that was brought to
    the form, of what it came to."""
    completion: Completion
    """What was written."""

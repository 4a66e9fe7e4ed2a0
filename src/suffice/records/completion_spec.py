"""The section `completion` of the task file: how what a rung writes is let come about."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from suffice.records.completion import Decoding
from suffice.records.section import Section


class CompletionSpec(Section):
    """How completions of generating rungs are written."""

    max_tokens: Annotated[int, Field(ge=1)] = 256
    """The most tokens of a completion; one that is longer is cut off, and counted as such."""
    temperature: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 0.0
    """Of sampling; 0 takes the likeliest token."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Drawn from the likeliest tokens that come to this probability."""
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Strings that end a completion."""

    def decoding(self, *, seed: int) -> Decoding:
        """The same as the engine takes it.

        Args:
            seed: of what is drawn, at least 0.
        """
        return Decoding(
            max_new_tokens=self.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            seed=seed,
            stop=self.stop,
        )

"""What every part of the task file is, and how one says that its keys do not hold together."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

BROKEN = "broken_rule"
"""The type of error of a rule that names the keys to blame, and what to do."""


class Section(BaseModel):
    """A part of the task file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def broken_rule(rule: str, *, keys: tuple[str, ...], fix: str) -> PydanticCustomError:
    """What a section raises where a rule is broken by certain keys: their values are shown, at their lines.

    Args:
        rule: what must hold.
        keys: dotted, from the top of the task file.
        fix: what to do about it.
    """
    return PydanticCustomError(BROKEN, "{rule}", {"rule": rule, "keys": keys, "fix": fix})

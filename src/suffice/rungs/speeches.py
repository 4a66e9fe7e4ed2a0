"""A section of the task file to how its kind speaks."""

from __future__ import annotations

from suffice.records.free_spec import FreeSpec
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.speech import Speech
from suffice.rungs.speech_of_answers import SpeechOfAnswers
from suffice.rungs.speech_of_calls import SpeechOfCalls


def speech_of(spec: FreeSpec) -> Speech:
    """How a kind is asked for and said.

    Args:
        spec: its section of the task file.
    """
    return SpeechOfCalls(spec) if isinstance(spec, ToolSpec) else SpeechOfAnswers(spec)

"""What is asked and what is answered, in one word each, by the kind of the task."""

from __future__ import annotations

from collections.abc import Mapping

from suffice.records.task import Kind

ASKED: Mapping[Kind, str] = {"classify": "message", "answer": "question", "tools": "request"}
"""What goes in."""
ANSWERED: Mapping[Kind, str] = {"classify": "label", "answer": "answer", "tools": "call"}
"""What comes out."""

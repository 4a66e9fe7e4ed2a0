"""The section `knowledge` of the task file: documents that answers can stand on, and how a model reads them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from suffice.records.knowledge import Way
from suffice.records.section import Section

Use = Literal["switch", "always"]


class KnowledgeSpec(Section):
    """Documents, and what of them stands before a question."""

    path: Annotated[str, Field(min_length=1)]
    """A file, or a folder with all that lies below it: Markdown, HTML, text, JSONL, PDF; relative to the task file. A
    task file that has nothing more to say writes `knowledge: docs/`."""
    use: Use = "switch"
    """`switch`: models answer without it, and what it would bring is measured on some rows; `always`: language models
    read it before every question, and ship with it."""
    passages: Annotated[int, Field(ge=1, le=20)] = 3
    """Passages that stand before a question, at most: the best ones that are found for it."""
    words: Annotated[int, Field(ge=20)] = 600
    """Words that they may have together, with what says where they stand; no passage is cut."""
    ranking: Way | Literal["auto"] = "auto"
    """How passages are ranked: by `bm25` (shared words; needs no encoder), `embeddings`, or `fused`; `auto` takes what
    finds the gold passages of most training rows, and `fused` where none has links."""

    @model_validator(mode="before")
    @classmethod
    def _path_alone(cls, given: Any) -> Any:
        return {"path": given} if isinstance(given, str) else given

"""Knowledge files and a question in; the passages that answer it out, as a context that a model reads and cites."""

from suffice.retrieval.changes import changes_since, require_unchanged
from suffice.retrieval.context import cited_in, filled, place_of
from suffice.retrieval.index import Index
from suffice.retrieval.read import read_knowledge
from suffice.retrieval.recall import recalls

__all__ = [
    "Index",
    "changes_since",
    "cited_in",
    "filled",
    "place_of",
    "read_knowledge",
    "recalls",
    "require_unchanged",
]

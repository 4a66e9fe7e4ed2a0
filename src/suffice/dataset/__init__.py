"""Files to a Dataset, or every unreadable row with its line."""

from suffice.dataset.columns import Column, Columns
from suffice.dataset.guess import Guess, guess_task
from suffice.dataset.source import FileDigest, Source, open_source

__all__ = ["Column", "Columns", "FileDigest", "Guess", "Source", "guess_task", "open_source"]

"""Flags in, exit code out: one command per file; everything heavy is imported inside the command that needs it."""

from suffice.cli.main import main

__all__ = ["main"]

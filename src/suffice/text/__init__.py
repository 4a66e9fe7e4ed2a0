"""Strings: canonical forms, token-budget cuts and the prompt template."""

"""Tokenised messages to a score for every label of a closed set, in one forward pass; training uses the same pass."""

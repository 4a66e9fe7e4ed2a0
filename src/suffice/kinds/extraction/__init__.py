"""A completion to its final answer, by rules that never see the right one; an answer to the form asked for."""

"""Predictions to an Evaluation; one layer per file."""

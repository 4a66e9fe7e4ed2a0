"""Rows to what is doubtful about them, and what people decide to a new data version."""

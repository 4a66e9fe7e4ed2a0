"""Queue and decisions to the rows of a new data version."""

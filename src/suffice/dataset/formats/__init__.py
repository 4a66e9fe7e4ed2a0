"""One file per format: a path to chunks of rows, every row that the format forbids reported at its line."""

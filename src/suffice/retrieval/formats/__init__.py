"""One file per format: a knowledge file to its sections, each with where it stands, and what of it is unreadable."""

"""Dataset to findings; one check per file."""

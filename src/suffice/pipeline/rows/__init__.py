"""A task file to the rows that a fit may see, those that are sealed, and what stands before them."""

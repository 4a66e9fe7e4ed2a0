"""A text that reasons to its steps and equations, what is wrong in them, what nothing supports, and its style."""

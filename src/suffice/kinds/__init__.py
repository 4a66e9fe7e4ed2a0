"""One file per kind of task: an example to prompt and completion, and back."""

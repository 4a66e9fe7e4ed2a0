"""One file per kind of task: an example to prompt and completion, and back; what several of them read is in rooms."""

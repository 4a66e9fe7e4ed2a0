"""What the data says is right to an answer and what leads to it; two answers to whether they have the same value."""

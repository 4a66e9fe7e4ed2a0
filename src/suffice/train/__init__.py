"""Examples and a configuration to trained parameters: batches, loop, early stop, checkpoints."""

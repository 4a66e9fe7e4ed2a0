"""The name of a base model (catalogue, hub id, folder or GGUF file) in; its files on this machine, or the model, out."""

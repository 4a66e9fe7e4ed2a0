"""Knowledge files and a question in; the passages that answer it out, as a context that a model reads and cites.

What reads files is imported by whoever reads some: bundles without knowledge are loaded without it.
"""

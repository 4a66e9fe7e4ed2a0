"""A bundle after its fit: what it may promise, what it is asked, where it leaves for."""

"""Text to exact numbers, their units and tokens of arithmetic; tokens to a value, and to what it agrees with."""

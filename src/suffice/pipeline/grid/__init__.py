"""Finished cells to what is known, what is run next, and what is proposed and confirmed."""

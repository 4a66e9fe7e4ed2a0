"""Frozen records that cross rooms: what one room writes and another reads."""

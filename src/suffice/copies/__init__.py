"""Rows to groups of copies."""

from suffice.copies.groups import group_rows

__all__ = ["group_rows"]

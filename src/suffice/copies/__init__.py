"""Rows to groups of copies."""

from suffice.copies.groups import CopyGroups, group_rows

__all__ = ["CopyGroups", "group_rows"]

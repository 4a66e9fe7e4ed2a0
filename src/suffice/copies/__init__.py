"""Rows to copies, and copies to groups."""

from suffice.copies.find import COPIES_FORMAT, find_copies
from suffice.copies.groups import group_rows
from suffice.copies.nearest import Nearest, nearest_rows, paraphrase_groups
from suffice.copies.thin import stay_for

__all__ = ["COPIES_FORMAT", "Nearest", "find_copies", "group_rows", "nearest_rows", "paraphrase_groups", "stay_for"]

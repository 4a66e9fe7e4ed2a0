"""Rows of which it is known whether a system failed on them to the kinds of rows on which it fails more often."""

from suffice.evaluate.clusters.failures import failure_clusters, too_little

__all__ = ["failure_clusters", "too_little"]

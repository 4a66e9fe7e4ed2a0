"""One file per rung: training rows to something that scores every label. Listing the rungs loads no torch."""

from suffice.rungs.ladder import RUNGS, Descriptor, describe, in_order_of_cost

__all__ = ["RUNGS", "Descriptor", "describe", "in_order_of_cost"]

"""Judged rungs to a proposal, and the proposal's test rows to a verdict; pure, trains nothing."""

from suffice.diagnose.break_even import hosted_or_own
from suffice.diagnose.capability import capability
from suffice.diagnose.choice import propose
from suffice.diagnose.diagnosis import diagnose
from suffice.diagnose.goals import Judged, Paired, goals_of
from suffice.diagnose.next_cells import next_cells
from suffice.diagnose.plan import what_can_be_proven
from suffice.diagnose.plans import settled_by
from suffice.diagnose.rounds import rounds_of
from suffice.diagnose.spent import SPENT, conclude_spent, describe_only
from suffice.diagnose.verdict import NO_TEST, conclude

__all__ = [
    "NO_TEST",
    "SPENT",
    "Judged",
    "Paired",
    "capability",
    "conclude",
    "conclude_spent",
    "describe_only",
    "diagnose",
    "goals_of",
    "hosted_or_own",
    "next_cells",
    "propose",
    "rounds_of",
    "settled_by",
    "what_can_be_proven",
]

"""What lies outside of a bundle, in a sentence."""

from __future__ import annotations

from suffice.records.scope import ScopeRecord


def scope_sentence(scope: ScopeRecord) -> str:
    """From where on messages are outside, what that refuses and catches, and by what it was told; or why nowhere.

    Args:
        scope: as calibration found it.
    """
    if scope.threshold is None:
        return f"No message is taken for out of scope: {scope.why}"
    by = "messages that the data calls out of scope"
    if scope.outside_by == "held_out":
        by = "messages of labels that were held out in turn, which stand nearer than most that are out of scope"
    caught = f"{scope.n_caught:,} of {scope.n_outside:,} {by}" if scope.n_outside else "nothing tells how many others"
    return (
        f"Messages with `out_of_scope` above {scope.threshold:.4g} go to review: {scope.n_refused:,} of "
        f"{scope.n_inside:,} messages in scope that were not seen before (at most {scope.max_refused:.4g} of those to "
        f"come are expected), and {caught}."
    )

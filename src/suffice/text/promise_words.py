"""A promise about answers, in a sentence."""

from __future__ import annotations

from suffice.records.promise import Promise


def promise_sentence(promise: Promise) -> str:
    """What is promised, on what it stands, and what makes it void; or why nothing is.

    Args:
        promise: as calibration found it.
    """
    if promise.threshold is None:
        more = ""
        if promise.rows_needed is not None:
            more = f"; about {promise.rows_needed:,} calibration rows would do four times in five"
        return f"nothing is promised: {promise.why}{more}"
    return (
        f"Answers that are at least {promise.threshold:.4g} sure are given, the others go to review: "
        f"{promise.n_answered:,} of {promise.n:,} calibration rows ({promise.answered_share:.0%}), of which "
        f"{promise.n_wrong:,} are wrong. With confidence {promise.confidence:g} over the draw of calibration rows, at "
        f"most {promise.max_error:.4g} of the answers given to messages drawn like them are wrong, as labelled there. "
        "Void once messages drift, and for another adapter or another precision."
    )

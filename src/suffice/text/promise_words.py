"""A promise about answers, in a sentence."""

from __future__ import annotations

from suffice.records.promise import Promise


def promise_sentence(promise: Promise) -> str:
    """What is promised, on what it stands, and what makes it void; or why nothing is.

    Args:
        promise: as calibration found it.
    """
    if promise.threshold is None:
        more = "; how many would do, these rows do not tell"
        if promise.rows_needed is not None:
            more = f"; about {promise.rows_needed:,} calibration rows would do four times in five"
        how = "one in twenty rows is drawn for calibration, or those that a `split` column of the data names so"
        return f"nothing is promised: {promise.why}{more} ({how})"
    given = f"Answers that are at least {promise.threshold:.4g} sure are given, the others go to review"
    if not promise.threshold:
        given = "All answers are given, however sure"
    return (
        f"{given}: "
        f"{promise.n_answered:,} of {promise.n:,} calibration rows ({promise.answered_share:.0%}), of which "
        f"{promise.n_wrong:,} are wrong. With confidence {promise.confidence:g} over the draw of calibration rows, at "
        f"most {promise.max_error:.4g} of the answers given to messages drawn like them are wrong, as labelled there. "
        "Void once messages drift, and for another adapter or another precision."
    )

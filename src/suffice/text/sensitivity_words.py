"""What small changes of a question change in the answers, in words, the same ones on every page and terminal."""

from __future__ import annotations

from suffice.records.hosted import Consistency
from suffice.records.sensitivity import FlipRate, Sensitivity, SmallChange, Together
from suffice.records.task import Kind
from suffice.text.counted import counted
from suffice.text.rounding import difference, p_value, percent, percent_interval, signed_points


def change_words(change: SmallChange, *, kind: Kind) -> str:
    """A small change in a few words.

    Args:
        change: any.
        kind: of the task.
    """
    turned = "tools in another order" if kind == "tools" else "options in another order"
    return {
        "case": "without capitals",
        "typo": "slips of the keyboard",
        "greeting": "a greeting before it",
        "options": turned,
    }[change]


def flips_sentence(found: FlipRate) -> str:
    """How many answers flip, and which way: `7 of 98 answers flip (7.1%, 2.9 to 14.2%): 5 from right to wrong, ...`.

    Args:
        found: of the same rows answered twice.
    """
    n_flipped = found.n_right_to_wrong + found.n_wrong_to_right + (found.n_wrong_to_other or 0)
    other = "" if found.n_wrong_to_other is None else f", {found.n_wrong_to_other:,} from one wrong label to another"
    return (
        f"{n_flipped:,} of {counted(found.n, 'answer')} flip ({percent(found.rate)}, "
        f"{percent_interval(found.interval)}): {found.n_right_to_wrong:,} from right to wrong, "
        f"{found.n_wrong_to_right:,} from wrong to right{other}; accuracy {difference(found.difference)} "
        f"({signed_points(found.difference_interval)}, {p_value(found.p_value)})"
    )


def beside_sentences(found: Sensitivity) -> tuple[str, ...]:
    """What stands beside the changes one by one: all of them together, and what repeated calls alone change.

    Args:
        found: of one rung.
    """
    together = () if found.together is None else (_together(found.together, n_changes=len(found.flips)),)
    return together if found.repeated is None else (*together, _repeated(found.repeated))


def _together(found: Together, *, n_changes: int) -> str:
    ways = "it" if n_changes == 1 else f"these {n_changes} changes"
    return (
        f"whether rows are as often right under {ways} as they are unchanged: Cochran's Q {found.statistic:.2f} on "
        f"{counted(found.n, 'row')} that were asked every way, {p_value(found.p_value)}"
    )


def _repeated(found: Consistency) -> str:
    n_other = found.n - found.n_same
    return (
        f"with nothing changed, {found.repeats} calls with one question come to more than one answer on {n_other:,} of "
        f"{counted(found.n, 'row')} ({percent(n_other / found.n)})"
    )

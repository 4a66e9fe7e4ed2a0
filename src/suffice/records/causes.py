"""The one table of causes: what each code says, for which kinds of task it can be true, and what identifies it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.records.task import Kind

VerdictCode = Literal[
    "suffices",
    "as_good_as_best",
    "undecided",
    "more_data",
    "clean_labels",
    "merge_labels",
    "fix_training",
    "fix_format",
    "fix_prompt",
    "add_retrieval",
    "scale_up",
    "keep_prompting",
    "not_learnable",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """One code of a verdict."""

    code: VerdictCode
    words: str
    """The code in a word or four."""
    says: str
    """In one sentence."""
    kinds: tuple[str, ...]
    """Kinds of task in which it can occur."""
    identified_by: str
    """The run, or the rescoring, that tells it from the others."""
    of_answers: tuple[str, str] | None = None
    """`words` and `says` where answers are free text, and these speak of labels; None where both fit any kind."""

    def called(self, kind: Kind) -> str:
        """The code in a word or four.

        Args:
            kind: of the task.
        """
        return self.words if kind == "classify" or self.of_answers is None else self.of_answers[0]

    def told(self, kind: Kind) -> str:
        """What it says in one sentence.

        Args:
            kind: of the task.
        """
        return self.says if kind == "classify" or self.of_answers is None else self.of_answers[1]


EVERY = ("classify", "answer", "tools")
GENERATING = ("answer", "tools")

_EVERY_CAUSE: tuple[Cause, ...] = (
    Cause(
        code="suffices",
        words="Suffices",
        says="this rung, the cheapest that is proven, meets the target",
        kinds=EVERY,
        identified_by="an exact one-sided bound on the sealed test",
    ),
    Cause(
        code="as_good_as_best",
        words="As good as the best",
        says="this rung is at most the margin worse than the best one",
        kinds=EVERY,
        identified_by="Tango's paired score test on the sealed test",
    ),
    Cause(
        code="undecided",
        words="Undecided",
        says="the held-out rows, the reviewed labels or the budget cannot tell",
        kinds=EVERY,
        identified_by="the rows or cells that would",
    ),
    Cause(
        code="more_data",
        words="More data",
        says="the curve still climbs",
        kinds=EVERY,
        identified_by="nested subsets, and a forecast within four times the rows seen",
    ),
    Cause(
        code="clean_labels",
        words="Clean the labels",
        says="wrong labels cost the difference, in training rows or in those that models are judged on",
        kinds=EVERY,
        identified_by="training on repaired labels with evaluation fixed; rescoring with reviewed labels; of free "
        "answers, training without the rows whose traces are found wrong",
        of_answers=("Clean the traces", "wrong traces of training rows cost the difference"),
    ),
    Cause(
        code="merge_labels",
        words="Merge labels",
        says="two labels cannot be told apart",
        kinds=("classify",),
        identified_by="all rungs confuse them, and rescored as one label they meet the target",
    ),
    Cause(
        code="fix_training",
        words="Fix the training",
        says="this run was badly trained, the model is not too small",
        kinds=EVERY,
        identified_by="accuracy on its own rows, and the repair sweep at the largest size",
    ),
    Cause(
        code="fix_format",
        words="Fix the format",
        says="right in substance, lost in form",
        kinds=GENERATING,
        identified_by="a rerun with repaired or constrained form",
    ),
    Cause(
        code="fix_prompt",
        words="Fix the prompt",
        says="right in substance, lost in the wording",
        kinds=GENERATING,
        identified_by="a rerun with other wordings",
    ),
    Cause(
        code="add_retrieval",
        words="Add retrieval",
        says="knowledge is missing, and retrieval brings it",
        kinds=GENERATING,
        identified_by="closed book, retrieved, gold passage",
    ),
    Cause(
        code="scale_up",
        words="Scale up",
        says="this size is at its limit, the next is not",
        kinds=EVERY,
        identified_by="the larger rung run at some size with a paired gain, after the repair sweep",
    ),
    Cause(
        code="keep_prompting",
        words="Keep prompting",
        says="the hosted model is better by more than it costs",
        kinds=EVERY,
        identified_by="the paired difference and the break-even volume",
    ),
    Cause(
        code="not_learnable",
        words="Not learnable",
        says="nothing beats the commonest label",
        kinds=EVERY,
        identified_by="the upper bound of every rung's gain over it is under two points",
    ),
)

CAUSES: dict[VerdictCode, Cause] = {cause.code: cause for cause in _EVERY_CAUSE}
"""By code."""

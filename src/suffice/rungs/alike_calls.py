"""The calls of the training request that is most alike among those that call nothing but what is offered."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from suffice.kinds.tools import called_names, offered_names, render_calls
from suffice.rungs.alike import Alike
from suffice.rungs.answering import AnyAsked, AskedRequest


class AlikeCalls(Alike):
    """Training requests as vectors, and their calls."""

    def most_alike(self, asked: AnyAsked, cosines: NDArray[np.float32]) -> str:
        """Training requests for which no call was right call nothing, and so are always among them; where none is, no
        call is made.
        """
        assert isinstance(asked, AskedRequest), "what is asked of kind tools has tools"
        offered = offered_names(asked.tools)
        could = np.array([names <= offered for names in self._called])
        if not could.any():
            return render_calls(()).strip()
        return self.answers[int(np.where(could, cosines, -np.inf).argmax())]

    @cached_property
    def _called(self) -> list[frozenset[str]]:
        return [called_names(answer) for answer in self.answers]

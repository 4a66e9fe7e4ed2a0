from __future__ import annotations

from suffice.bundles.latency import N_TIMED, N_WARM_UP, time_one_by_one
from suffice.records.progress import SILENT


class _Counting:
    def __init__(self):
        self.seen = []

    def classify(self, texts):
        self.seen.append(texts)


def test_messages_are_timed_one_at_a_time_after_a_warm_up():
    counting = _Counting()
    times = time_one_by_one(counting, ["a", "b", "c"], progress=SILENT)
    assert len(times) == N_TIMED == 200
    assert (times > 0).all()
    assert len(counting.seen) == N_TIMED + N_WARM_UP
    assert counting.seen[:4] == [["a"], ["b"], ["c"], ["a"]]

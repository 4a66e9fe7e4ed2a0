"""What a server counts of itself, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MESSAGES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Measures:
    """Counters of one server; no text and no key is among them."""

    def __init__(self, *, waiting: Callable[[], int]) -> None:
        """
        Args:
            waiting: messages that nobody has begun to score.
        """
        self.registry = CollectorRegistry()
        self.responses = Counter(
            "suffice_responses", "Responses by path and status.", ("path", "status"), registry=self.registry
        )
        self.answers = Counter(
            "suffice_answers", "Messages answered, by bundle and route.", ("bundle", "route"), registry=self.registry
        )
        self.seconds = Histogram(
            "suffice_request_seconds",
            "Seconds from request to response.",
            ("path",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.batch = Histogram(
            "suffice_batch_messages", "Messages scored together.", buckets=MESSAGES, registry=self.registry
        )
        self.scoring = Counter("suffice_scoring_seconds", "Seconds spent on scoring.", registry=self.registry)
        self.escalations = Counter(
            "suffice_escalations", "Messages put before an endpoint, by outcome.", ("outcome",), registry=self.registry
        )
        self.ledger_lost = Counter(
            "suffice_ledger_lost", "Answers that could not be written into the ledger.", registry=self.registry
        )
        gauge = Gauge("suffice_waiting_messages", "Messages that wait to be scored.", registry=self.registry)
        gauge.set_function(waiting)

    def batched(self, n: int, seconds: float) -> None:
        """Counts a batch.

        Args:
            n: messages.
            seconds: that it took.
        """
        self.batch.observe(n)
        self.scoring.inc(seconds)

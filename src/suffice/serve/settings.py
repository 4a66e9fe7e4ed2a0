"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass, field

LEAST_DRAIN_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """Who may ask, and who may change what answers; never shown."""

    api: tuple[str, ...] = ()
    """Any of these may ask; none: everybody who can reach the port."""
    admin: tuple[str, ...] = ()
    """Any of these may load and unload bundles; none: nobody."""

    def __repr__(self) -> str:
        return f"Keys({len(self.api)} to ask, {len(self.admin)} to change bundles)"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServeSettings:
    """Limits and waits of a server."""

    keys: Keys = field(default_factory=Keys)
    hosts: tuple[str, ...] = ("*",)
    """Names under which the server may be asked for; a page elsewhere that points a name of its own at this machine
    is refused by them."""
    window_ms: float = 2.0
    """How long a message waits for others to be scored with, where nothing is being scored."""
    max_waiting: int = 4_096
    """Messages that may wait for one model; beyond it requests are refused with 429."""
    deadline_s: float = 10.0
    """The most that a request may take; where the messages before it would take longer it is refused at once."""
    most_behind_s: float = 0.5
    """How far the server itself may be behind; requests that it comes to later than that are refused unread."""
    max_body_bytes: int = 4 << 20
    """Of one request."""
    max_texts: int = 1_000
    """Messages of one request."""
    max_characters: int = 100_000
    """Of one message."""
    max_tokens: int = 2_048
    """That one request may ask to be written; as many as a bundle was measured with may always be."""
    per_minute: int | None = None
    """Messages that one key may ask in a minute; None: as many as it likes."""

    @property
    def drain_s(self) -> float:
        """How long requests that are under way may take once the server is told to end: longer than any may."""
        return max(LEAST_DRAIN_S, self.deadline_s + 5.0)

"""Who may ask, and how often."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from time import monotonic

from suffice.serve.refusal import Refused

BEARER = "bearer"
"""The scheme, in small letters: case says nothing in it. Source: RFC 9110, section 11.1."""


class Doorkeeper:
    """Holds keys against those that are known, in a time that tells nothing of them, and counts what each asks."""

    def __init__(
        self, known: tuple[str, ...], *, per_minute: int | None, clock: Callable[[], float] = monotonic
    ) -> None:
        """
        Args:
            known: keys that may ask; none lets everybody in, who are counted as one.
            per_minute: messages that one key may ask in a minute; None: as many as it likes.
            clock: seconds.
        """
        self._known = tuple(_digest(key) for key in known)
        self._per_minute, self._clock = per_minute, clock
        self._left: dict[bytes, tuple[float, float]] = {}

    def admit(self, authorization: str | None) -> bytes:
        """The one who asks, by the hash of the key.

        Args:
            authorization: the header.

        Raises:
            Refused: no key, or one that is not known.
        """
        if not self._known:
            return b""
        scheme, _, key = (authorization or "").partition(" ")
        given = _digest(key.strip() if scheme.lower() == BEARER else "")
        is_known = [hmac.compare_digest(given, one) for one in self._known]  # All of them, whichever it is.
        if not any(is_known):
            got = "none" if not authorization else "another one"
            message = f"a key of this server must stand in the header Authorization, as `Bearer KEY`; got: {got}"
            raise Refused(401, message, code="invalid_api_key", kind="authentication_error")
        return given

    def count(self, who: bytes, n: int) -> None:
        """Takes messages off what somebody may ask; it comes back evenly over a minute.

        Args:
            who: as `admit` said.
            n: messages.

        Raises:
            Refused: more than are left; more than a minute has, which no waiting helps.

        Source: the token bucket: Tanenbaum and Wetherall (2011), Computer Networks, 5th ed., section 5.4.2.
        """
        if self._per_minute is None:
            return
        now, most = self._clock(), float(self._per_minute)
        if n > self._per_minute:
            message = f"a key may ask {self._per_minute:,} messages a minute, and so at most as many at once; got {n:,}"
            raise Refused(400, message, code="too_many_messages")
        left, since = self._left.get(who, (most, now))
        left = min(most, left + (now - since) * most / 60.0)
        if n > left:
            wait_s = (n - left) * 60.0 / most
            message = (
                f"{self._per_minute:,} messages a minute for each key; {n:,} were asked and {int(left):,} are left"
            )
            raise Refused(429, message, code="rate_limit_exceeded", kind="rate_limit_error", retry_after_s=wait_s)
        self._left[who] = (left - n, now)

    def give_back(self, who: bytes, n: int) -> None:
        """Gives back what `count` took, of messages that were refused because there was too much to do.

        Args:
            who: as `admit` said.
            n: messages.
        """
        if self._per_minute is not None:
            left, since = self._left[who]
            self._left[who] = (min(float(self._per_minute), left + n), since)


def _digest(key: str) -> bytes:
    return sha256(key.encode(errors="surrogateescape")).digest()

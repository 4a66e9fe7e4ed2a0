from __future__ import annotations

import pytest

from suffice.serve.keys import Doorkeeper
from suffice.serve.refusal import Refused


def test_without_keys_everybody_is_let_in_and_counted_as_one():
    door = Doorkeeper((), per_minute=None)
    assert door.admit(None) == door.admit("Bearer anything") == b""


@pytest.mark.parametrize(
    "given", [None, "", "Bearer other", "one", "Bearer on", "Basic secret-one", "secret-one", "Bearer \udce9"]
)
def test_a_key_that_is_not_known_is_refused_without_being_repeated(given):
    door = Doorkeeper(("secret-one", "secret-two"), per_minute=None)
    with pytest.raises(Refused, match="Bearer KEY") as caught:
        door.admit(given)
    assert caught.value.status == 401
    assert "secret" not in str(caught.value)
    assert "other" not in str(caught.value).replace("another", "")


def test_each_known_key_is_let_in_and_told_from_the_others():
    door = Doorkeeper(("one", "two"), per_minute=None)
    assert door.admit("Bearer one") != door.admit("Bearer two")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer ", "bEaReR"])
def test_the_scheme_is_known_in_any_case(scheme):
    # RFC 9110, section 11.1: the name of a scheme is case-insensitive.
    door = Doorkeeper(("one",), per_minute=None)
    assert door.admit(f"{scheme} one") == door.admit("Bearer one")


def test_what_a_key_asks_comes_back_evenly_over_a_minute():
    now = [0.0]
    door = Doorkeeper(("one", "two"), per_minute=60, clock=lambda: now[0])
    who, other = door.admit("Bearer one"), door.admit("Bearer two")
    door.count(who, 60)
    with pytest.raises(Refused, match="60 messages a minute for each key; 3 were asked and 0 are left") as caught:
        door.count(who, 3)
    assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "3"})
    with pytest.raises(Refused, match="may ask 60 messages a minute, and so at most as many at once; got 61") as caught:
        door.count(other, 61)
    assert (caught.value.status, caught.value.headers) == (400, {})  # No waiting helps.
    door.count(other, 60)
    now[0] = 3.0  # One a second comes back.
    door.count(who, 3)
    with pytest.raises(Refused):
        door.count(who, 1)


def test_what_is_given_back_may_be_asked_again_and_no_more_than_a_minute_has():
    door = Doorkeeper(("one",), per_minute=60, clock=lambda: 0.0)
    who = door.admit("Bearer one")
    door.count(who, 50)
    door.give_back(who, 20)
    door.count(who, 30)  # 60 less 50, and 20 again.
    with pytest.raises(Refused, match="1 were asked and 0 are left"):
        door.count(who, 1)
    door.give_back(who, 100)
    door.count(who, 60)
    with pytest.raises(Refused):
        door.count(who, 1)
    Doorkeeper((), per_minute=None).give_back(b"", 1)

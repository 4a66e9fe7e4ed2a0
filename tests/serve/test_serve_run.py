"""What a server listens with."""

from __future__ import annotations

import socket

import pytest

from suffice.errors import StorageError
from suffice.serve.run import listening
from suffice.serve.settings import Keys, ServeSettings


def test_no_part_of_an_answer_waits_until_another_is_acknowledged():
    with listening("127.0.0.1", 0) as taken:
        taken.listen()
        with socket.create_connection(taken.getsockname()):
            connection, _ = taken.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_that_is_taken_is_told():
    with listening("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StorageError, match=f"127.0.0.1:{port}: must be free"), listening("127.0.0.1", port):
            pass


def test_what_is_under_way_at_the_end_may_take_as_long_as_any_request():
    brief, long = (ServeSettings(keys=Keys(api=(), admin=()), deadline_s=seconds) for seconds in (10.0, 60.0))
    assert (brief.drain_s, long.drain_s) == (30.0, 65.0)

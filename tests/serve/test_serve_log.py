"""What a server says of itself."""

from __future__ import annotations

import logging

import pytest

from suffice.serve.log import MOST, PER_S, SERVER, Seldom, log_to_stderr


@pytest.fixture
def logger():
    """As a process that serves has it, and as it was once the test is over."""
    loggers = [logging.getLogger(name) for name in ("suffice", SERVER)]
    before = [([*one.handlers], one.level) for one in loggers]
    yield loggers[0]
    for one, (handlers, level) in zip(loggers, before, strict=True):
        one.handlers[:] = handlers
        one.setLevel(level)


def test_a_line_that_comes_again_and_again_is_shown_a_few_times_a_minute_and_counted(logger, caplog):
    now = [0.0]
    logger.addFilter(seldom := Seldom(clock=lambda: now[0]))
    for i in range(MOST + 7):
        logger.warning("the ledger failed at %d", i)
        logger.warning("another kind")
    assert caplog.messages.count("another kind") == MOST
    now[0] = PER_S
    caplog.clear()
    logger.warning("the ledger failed at %d", 99)
    logger.removeFilter(seldom)
    assert caplog.messages == ["the ledger failed at 99 (7 more like it were not shown)"]


def test_what_is_no_trouble_is_always_shown(logger, caplog):
    logger.setLevel(logging.INFO)
    logger.addFilter(seldom := Seldom())
    for _ in range(3 * MOST):
        logger.info("a bundle is loaded")
    logger.removeFilter(seldom)
    assert len(caplog.messages) == 3 * MOST


def test_a_name_that_somebody_chose_is_no_line_of_its_own(logger, capsys):
    log_to_stderr()
    logger.info("%s is loaded", "a\nERROR b\x1b[2J\u202e")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(r"INFO a\nERROR b\x1b[2J\u202e is loaded")

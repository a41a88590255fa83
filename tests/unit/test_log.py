"""One JSON line an event, no locals in tracebacks, and chatty libraries capped."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from smsgw.log import CAPPED, configure, get_logger


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    out = io.StringIO()
    configure("debug", out)
    yield out
    configure("debug", io.StringIO())


def test_an_event_is_one_json_line_whatever_stands_in_its_fields(stream: io.StringIO) -> None:
    structlog.get_logger("test").info("mo.taken", verdict="line\nbreak \N{LINE SEPARATOR}\x1b[2J")

    (line,) = stream.getvalue().splitlines()[:1]
    assert json.loads(line)["event"] == "mo.taken"
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in line


HOSTILE = "x\n2026-11-28T12:00:00Z [info] payment.done\x1b[2J\x9b31m\u2028\x85\x1e\u202e\ud800"


@pytest.mark.proves("A48")
@pytest.mark.parametrize("json_lines", [True, False])
def test_a_line_is_one_line_that_no_terminal_obeys(stream: io.StringIO, json_lines: bool) -> None:  # noqa: FBT001 -- a table's column
    """Neither a field of ours nor a message of a library begins a new line, colours it, or turns it round."""
    configure("debug", stream, json_lines=json_lines)
    structlog.get_logger("hostile").info("mo.taken", verdict=HOSTILE)
    logging.getLogger("some.library").warning("it said %s", HOSTILE)

    assert stream.getvalue().count("\n") == 2
    assert stream.getvalue().replace("\n", "").isprintable()


def fail(words: str) -> None:
    raise ValueError(words)


def test_a_traceback_on_a_terminal_keeps_its_lines_and_nothing_else(stream: io.StringIO) -> None:
    configure("debug", stream, json_lines=False)
    try:
        fail("\x1b[2J")
    except ValueError:
        structlog.get_logger("traceback").exception("mo.failed")

    assert stream.getvalue().endswith("ValueError: \\x1b[2J\n")
    assert stream.getvalue().replace("\n", "").isprintable()


def test_a_module_s_logger_writes_from_its_level_on(stream: io.StringIO) -> None:
    configure("info", stream)
    log = get_logger("module")
    for _ in range(2):
        log.debug("mo.taken")
        log.info("service.started", links=2)

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["service.started"] * 2


@pytest.mark.proves("A87")
@pytest.mark.parametrize("json_lines", [True, False])
def test_a_traceback_shows_no_values(stream: io.StringIO, json_lines: bool) -> None:  # noqa: FBT001 -- a table's column
    configure("debug", stream, json_lines=json_lines)
    password = "parol" + str(len(stream.getvalue())) + "secret"
    try:
        int("broken")
    except ValueError:
        structlog.get_logger("other").exception("mo.failed")

    assert "broken" in stream.getvalue()
    assert password not in stream.getvalue()


def test_libraries_log_in_the_same_form(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("something %s", "happened")

    assert json.loads(stream.getvalue())["event"] == "something happened"


@pytest.mark.proves("A90")
@pytest.mark.parametrize("name", list(CAPPED))
def test_libraries_never_get_to_the_level_at_which_they_print_values(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).log(CAPPED[name] - 1, "INSERT ... ['parol1']")

    assert stream.getvalue() == ""

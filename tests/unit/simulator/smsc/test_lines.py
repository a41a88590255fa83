"""Texts are spread over the binds that may take them, in turn, as far as their windows allow."""

from __future__ import annotations

from collections import deque

import pytest

from simulator.smsc.deliveries import ANY_GATEWAY, Delivery
from simulator.smsc.lines import Line, Lines
from smsgw.smpp.constants import INTERFACE_VERSION, Command
from smsgw.smpp.pdu import FieldValue
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role

SETTINGS = SessionSettings(window=2)
FIELDS: dict[str, FieldValue] = {"short_message": b"HELP"}


def bind(lines: Lines, system_id: str = "gateway", command: Command = Command.BIND_TRANSCEIVER) -> Line:
    line = Line(len(lines) + 1, "127.0.0.1:1", SETTINGS, 0.0)
    lines.opened(line)
    esme = Session(Role.ESME, now_s=0.0)
    esme.request(command, {"interface_version": INTERFACE_VERSION}, 0.0)
    line.session.receive_data(esme.data_to_send(), 0.0)
    line.session.respond(1)
    line.system_id = system_id
    lines.bound(line)
    return line


def texts(count: int) -> deque[Delivery]:
    return deque(Delivery("", FIELDS, (), lambda *_: None) for _ in range(count))


def in_flight(*lines: Line) -> list[int]:
    return [line.in_flight for line in lines]


def test_each_bind_has_its_turn() -> None:
    lines = Lines()
    first, second, third = (bind(lines) for _ in range(3))
    waiting = texts(4)
    lines.spread(waiting, "gateway", 0.0)
    assert (in_flight(first, second, third), len(waiting)) == ([2, 1, 1], 0)


def test_a_full_window_is_passed_over_and_the_rest_waits() -> None:
    lines = Lines()
    first, second = bind(lines), bind(lines)
    waiting = texts(5)
    lines.spread(waiting, "gateway", 0.0)
    assert (in_flight(first, second), len(waiting)) == ([2, 2], 1)


def test_a_transmitter_gets_nothing() -> None:
    lines = Lines()
    transmitter, receiver = bind(lines, command=Command.BIND_TRANSMITTER), bind(lines, command=Command.BIND_RECEIVER)
    lines.spread(texts(1), "gateway", 0.0)
    assert in_flight(transmitter, receiver) == [0, 1]


def test_another_gateways_texts_are_not_for_us_but_anyones_are() -> None:
    lines = Lines()
    ours, theirs = bind(lines, "ours"), bind(lines, "theirs")
    lines.spread(texts(2), "ours", 0.0)
    assert in_flight(ours, theirs) == [2, 0]
    lines.spread(texts(1), ANY_GATEWAY, 0.0)
    assert in_flight(ours, theirs) == [2, 1]


def test_who_is_gone_or_is_being_cut_gets_nothing() -> None:
    lines = Lines()
    gone, cut = bind(lines), bind(lines)
    lines.closed(gone)
    cut.cut = True
    waiting = texts(1)
    lines.spread(waiting, "gateway", 0.0)
    assert (in_flight(gone, cut), len(waiting), lines.receiving("gateway")) == ([0, 0], 1, False)
    assert (lines.get(gone.id), lines.get(cut.id), len(lines), list(lines)) == (None, cut, 1, [cut])


@pytest.mark.parametrize(("system_id", "receiving"), [("gateway", True), (ANY_GATEWAY, True), ("other", False)])
def test_it_knows_who_receives(system_id: str, receiving: bool) -> None:  # noqa: FBT001 -- a column of the table
    lines = Lines()
    bind(lines)
    assert lines.receiving(system_id) is receiving


def test_an_attempt_counts_and_is_taken_back_by_its_sequence() -> None:
    lines = Lines()
    line = bind(lines)
    (delivery,) = waiting = texts(1)
    lines.spread(waiting, "gateway", 0.0)
    assert (delivery.attempts, line.in_flight) == (1, 1)
    assert (line.take(1), line.in_flight) == (delivery, 0)


def test_a_held_line_keeps_what_it_has_to_say_and_at_last_reads_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two holds are over when both are."""
    monkeypatch.setattr("simulator.smsc.lines.HELD_OCTETS_MAX", 100)
    line = bind(Lines())
    line.data_to_send()
    line.hold()
    line.hold()
    line.say(b"x" * 99)
    assert (line.data_to_send(), line.wants_data) == (b"", True)
    line.say(b"y")
    assert (line.data_to_send(), line.wants_data) == (b"", False)
    line.release()
    assert line.data_to_send() == b""
    line.release()
    assert (line.data_to_send(), line.wants_data) == (b"x" * 99 + b"y", True)


def test_what_a_session_writes_passes_the_outlet_and_what_is_said_beside_it_does_not() -> None:
    line = bind(Lines())
    line.data_to_send()
    line.outlet = lambda data: b"<" + data[-4:] + b">"
    line.session.request(Command.DELIVER_SM, FIELDS, 0.0)
    line.say(b"aside")
    assert line.data_to_send() == b"<HELP>aside"


def test_a_half_open_line_is_heard_no_more_and_gets_nothing() -> None:
    lines = Lines()
    silent, other = bind(lines), bind(lines)
    assert silent.data_to_send()  # its bind_resp leaves still
    silent.open_half()
    lines.spread(texts(1), "gateway", 0.0)
    assert (in_flight(silent, other), silent.receives) == ([0, 1], False)
    silent.session.unbind(0.0)
    silent.say(b"aside")
    assert silent.data_to_send() == b""


def test_only_those_that_are_bound_count_as_binds() -> None:
    lines = Lines()
    for name in ("gateway", "gateway", "other"):
        bind(lines, name)
    open_only = Line(9, "127.0.0.1:1", SETTINGS, 0.0)
    open_only.system_id = "gateway"
    lines.opened(open_only)
    assert (lines.bound_count("gateway"), lines.bound_count("nobody")) == (2, 0)

"""Requests are read with care, and answers hold what was promised."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from simulator.api.bodies import (
    WAIT_S_MAX,
    entry_body,
    line_body,
    mo_body,
    mt_body,
    read_cursor,
    read_number,
    read_seconds,
)
from simulator.smsc.journal import Answer, Entry, Item, Kind, ReceiptSent, SessionChange
from simulator.smsc.lines import Line
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt
from smsgw.smpp.constants import Command, MessageState, Status
from smsgw.smpp.session import Session
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.states import Role, State

MT = Mt("1400", "998901234567", "PAID", 0, ("0000002A",), 1, "", "gateway", 3, 1.8e9)


def mo() -> Mo:
    return Mo(7, Text("+998901234567", "1400", "HELP"), 0.0, lambda _: None)


@pytest.mark.parametrize(
    ("written", "number"),
    [("+998901234567", "998901234567"), (" 998901234567", "998901234567"), ("998901234567", "998901234567"), ("", "")],
)
def test_a_number_has_a_plus_or_not_and_an_unescaped_plus_is_a_space(written: str, number: str) -> None:
    assert read_number({"to": written}, "to") == number


def test_a_cursor_and_a_time_have_defaults() -> None:
    assert (read_cursor({}), read_cursor({"since": "12"})) == (0, 12)
    assert (read_seconds({}, "wait", 10.0), read_seconds({"wait": "0.5"}, "wait", 10.0)) == (10.0, 0.5)


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "٣"])
def test_a_cursor_is_a_number(since: str) -> None:
    with pytest.raises(ValueError, match="since: "):
        read_cursor({"since": since})


@pytest.mark.parametrize("wait", ["-1", "soon", "nan", str(WAIT_S_MAX + 1)])
def test_a_time_is_bounded(wait: str) -> None:
    with pytest.raises(ValueError, match="wait: seconds from 0 to 60"):
        read_seconds({"wait": wait}, "wait", 0.0)


def test_a_status_is_there_by_number_and_name_once_there_is_one() -> None:
    sent = mo()
    waiting = mo_body(sent)
    sent.state, sent.status, sent.latency_s = MoState.RETRYING, Status.ESME_RMSGQFUL, 0.25
    answered = mo_body(sent)
    assert (waiting["state"], waiting["status"], waiting["status_name"]) == ("waiting", None, None)
    assert (answered["state"], answered["status"], answered["status_name"]) == ("retrying", 0x14, "ESME_RMSGQFUL")
    assert answered["latency_s"] == 0.25


@pytest.mark.parametrize(
    ("kind", "item", "expected"),
    [
        (Kind.MO, mo(), {"text": "HELP", "from": "+998901234567"}),
        (Kind.MT, MT, {"text": "PAID", "message_ids": ["0000002A"]}),
        (Kind.ANSWER, Answer(7, MoState.ACKED, 0, 1), {"mo": 7, "state": "acked", "status_name": "ESME_ROK"}),
        (Kind.RECEIPT, ReceiptSent("2A", MessageState.DELIVERED), {"message_id": "2A", "state": "DELIVERED"}),
        (Kind.SESSION, SessionChange(1, "gateway", State.CLOSED), {"session": 1, "state": "closed"}),
    ],
)
def test_every_entry_can_be_shown(kind: Kind, item: Item, expected: dict[str, Any]) -> None:
    shown = json.loads(json.dumps(entry_body(Entry(3, 1.8e9, kind, "998901234567", item))))
    assert shown["kind"] == kind
    assert shown | expected == shown


def test_a_text_of_the_gateway_is_shown_with_all_a_tester_asks_for() -> None:
    assert {"data_coding", "segments", "registered_delivery", "validity_period", "system_id"} <= mt_body(MT).keys()


def test_a_session_is_shown_as_json() -> None:
    line = Line(4, "127.0.0.1:1", SessionSettings(window=7), 0.0)
    shown = json.loads(json.dumps(line_body("beeline", line, 1.8e9)))
    assert (shown["id"], shown["operator"], shown["state"]) == (4, "beeline", "open")
    assert (shown["window_free"], shown["counters"]) == (7, [])


@pytest.mark.parametrize(
    ("deed", "shown"),
    [
        (lambda _: None, (True, False, False)),
        (Line.mute, (False, True, False)),
        (Line.open_half, (False, False, True)),
    ],
)
def test_a_session_that_nothing_reaches_is_told_from_one_that_is_well(
    deed: Callable[[Line], None], shown: tuple[bool, ...]
) -> None:
    line = Line(4, "127.0.0.1:1", SessionSettings(), 0.0)
    esme = Session(Role.ESME, now_s=0.0)
    esme.request(Command.BIND_TRANSCEIVER, {}, 0.0)
    line.session.receive_data(esme.data_to_send(), 0.0)
    line.session.respond(1)
    deed(line)
    body = line_body("beeline", line, 1.8e9)
    assert (body["receives"], body["stalled"], body["half_open"]) == shown
    assert body["state"] == "bound_trx"

"""What stands in requests and answers of the API: JSON to values and back. Pure.

Rule: whatever cannot be read is a ValueError whose message names the key and what may stand there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from simulator.api.text_body import write_text
from simulator.smsc.journal import Answer, Entry, ReceiptSent, SessionChange
from simulator.smsc.lines import Line
from simulator.smsc.mo import Mo
from simulator.smsc.mt import Mt
from simulator.smsc.statuses import status_name

WAIT_S_MAX: Final = 60.0
"""A poll longer than this is cut by proxies and phones."""

DIGITS_MAX: Final = 18
"""Of a whole number in a request: it fits 64 bits, and nothing that is counted here comes near it."""


def is_whole(digits: str) -> bool:
    """Whether *digits* are a whole number that a request may name."""
    return digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS_MAX


def read_number(query: Mapping[str, str], key: str) -> str:
    """Read a subscriber's number without its plus; a plus that is not escaped arrives as a space. Empty = any."""
    return query.get(key, "").strip().removeprefix("+")


def read_cursor(query: Mapping[str, str], key: str = "since") -> int:
    """Read a place in what passed: 0 = from the beginning."""
    digits = query.get(key, "0")
    if not is_whole(digits):
        wanted = f"number of up to {DIGITS_MAX} digits; give the `next` of the answer before, or 0"
        raise ValueError(f"{key}: {digits!r} is no {wanted}")
    return int(digits)


def read_seconds(query: Mapping[str, str], key: str, default: float) -> float:
    """Read a time to wait, at most WAIT_S_MAX."""
    try:
        seconds = float(query.get(key, default))
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= WAIT_S_MAX:
        raise ValueError(f"{key}: seconds from 0 to {WAIT_S_MAX:.0f}")
    return seconds


def mo_body(mo: Mo) -> dict[str, Any]:
    """A text of a subscriber and how far it has come."""
    text = mo.text
    return {
        "id": mo.id,
        **write_text(text),
        "text": text.text,
        "segments": mo.segments,
        "state": mo.state,
        **status_body(mo.status),
        "attempts": mo.attempts,
        "latency_s": None if mo.latency_s is None else round(mo.latency_s, 6),
        "parts": mo.parts,
        "parts_total": mo.parts_total,
    }


def status_body(status: int | None) -> dict[str, Any]:
    """A command_status as number and name; null before any answer."""
    return {"status": status, "status_name": None if status is None else status_name(status)}


def mt_body(mt: Mt) -> dict[str, Any]:
    """A text of the gateway."""
    return {
        "id": mt.id,
        "at_s": round(mt.at_s, 6),
        "from": mt.sender,
        "to": mt.to,
        "text": mt.text,
        "data_coding": mt.data_coding,
        "segments": mt.segments,
        "message_ids": mt.message_ids,
        "registered_delivery": mt.registered_delivery,
        "validity_period": mt.validity_period,
        "system_id": mt.system_id,
        "operator": mt.operator,
    }


def entry_body(entry: Entry) -> dict[str, Any]:
    """Anything that passed. The state of a text is that of now; its answers follow it as entries of their own."""
    head = {"id": entry.id, "at_s": round(entry.at_s, 6), "kind": entry.kind, "number": entry.number}
    return head | {"operator": entry.operator} | _item(entry)


def _item(entry: Entry) -> dict[str, Any]:
    match entry.item:
        case Mo() as mo:
            return mo_body(mo)
        case Mt() as mt:
            return mt_body(mt)
        case Answer(mo_id, state, status, attempts):
            return {"mo": mo_id, "state": state, **status_body(status), "attempts": attempts}
        case ReceiptSent(message_id, state):
            return {"message_id": message_id, "state": state.name}
        case SessionChange(line_id, system_id, session_state):
            return {"session": line_id, "system_id": system_id, "state": session_state}


def line_body(operator: str, line: Line, at_s: float) -> dict[str, Any]:
    """A session of an operator and its counters; *at_s* is the Unix time of its connection.

    `receives`: texts may go there now; `stalled` and `half_open` are what `POST /sessions/ID` or a fault made of it.
    """
    session = line.session
    return {
        "id": line.id,
        "operator": operator,
        "system_id": line.system_id,
        "state": session.state,
        "receives": line.receives,
        "stalled": line.muted,
        "half_open": line.half_open,
        "peer": line.peer,
        "since_s": round(at_s, 3),
        "window_free": session.window_free,
        "in_flight": line.in_flight,
        "unanswered": session.unanswered,
        "counters": [
            {"direction": direction, "command": command, "status": status, "count": count}
            for (direction, command, status), count in sorted(session.counters.items())
        ],
        "faults": {fault.value: count for fault, count in session.faults.items()},
    }

"""A subscriber's conversation as a phone shows it, out of what passed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from simulator.smsc.journal import Entry, ReceiptSent
from simulator.smsc.mo import Mo, MoState
from simulator.smsc.mt import Mt
from simulator.smsc.statuses import status_name

BUBBLES_MAX: Final = 200
"""On one phone; older ones are history, and GET /traffic has it."""

RECEIPT_ASKED: Final = 0x03
"""The bits of registered_delivery that ask for a receipt (SMPP 3.4, 5.2.17)."""

STATES: Final = {
    MoState.WAITING: "waiting for the gateway",
    MoState.RETRYING: "will be delivered again",
    MoState.ACKED: "delivered",
    MoState.REFUSED: "refused",
    MoState.GIVEN_UP: "given up",
}


class Bubble(NamedTuple):
    """One text: `mine` is the subscriber's. `state` is how it fares in one word, `note` in several.

    `messages` are the message_ids that its receipts will name.
    """

    id: int
    at_s: float
    mine: bool
    text: str
    note: str
    state: str = ""
    receipt_asked: bool = False
    messages: tuple[str, ...] = ()


def bubbles(entries: Iterable[Entry], number: str) -> list[Bubble]:
    """The newest texts of and to *number*, as they stand now."""
    found: dict[int, Bubble] = {}
    sent: dict[str, int] = {}
    for entry in entries:
        match entry.item:
            case Mo() as mo if entry.number == number:
                found[entry.id] = _mine(entry, mo)
            case Mt() as mt if entry.number == number:
                found[entry.id] = _theirs(entry, mt)
                sent |= dict.fromkeys(mt.message_ids, entry.id)
            case ReceiptSent(message_id, state) if message_id in sent:
                bubble = found[sent[message_id]]
                found[bubble.id] = bubble._replace(state=state.name.lower())
            case _:
                pass
    return list(found.values())[-BUBBLES_MAX:]


def _mine(entry: Entry, mo: Mo) -> Bubble:
    failed = f" · {status_name(mo.status)}" if mo.status else ""
    return Bubble(entry.id, entry.at_s, True, mo.text.text, f"{STATES[mo.state]}{failed}", mo.state)


def _theirs(entry: Entry, mt: Mt) -> Bubble:
    note = f"{mt.segments} SMS" if mt.segments > 1 else ""
    asked = bool(mt.registered_delivery & RECEIPT_ASKED)
    return Bubble(entry.id, entry.at_s, False, mt.text, note, receipt_asked=asked, messages=mt.message_ids)

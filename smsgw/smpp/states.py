"""The states of an SMPP session, and which PDU may pass in which of them.

Rule 1: every change of state is a row of NEXT; a missing row is a programming error.
Rule 2: both sides read the same tables: what one may send is what the other may receive.
"""

from enum import StrEnum
from typing import Final

from smsgw.smpp.constants import Command


class Role(StrEnum):
    """Which end of the session we are."""

    ESME = "esme"
    SMSC = "smsc"


class State(StrEnum):
    """SMPP 3.4, 2.2; UNBINDING is bound, but going: no new requests, answers only."""

    OPEN = "open"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBINDING = "unbinding"
    CLOSED = "closed"


class Step(StrEnum):
    """What moves a session from one state to the next."""

    BIND_TX = "bind_tx"
    BIND_RX = "bind_rx"
    BIND_TRX = "bind_trx"
    UNBIND = "unbind"
    CLOSE = "close"


NEXT: Final[dict[tuple[State, Step], State]] = {
    (State.OPEN, Step.BIND_TX): State.BOUND_TX,
    (State.OPEN, Step.BIND_RX): State.BOUND_RX,
    (State.OPEN, Step.BIND_TRX): State.BOUND_TRX,
    (State.BOUND_TX, Step.UNBIND): State.UNBINDING,
    (State.BOUND_RX, Step.UNBIND): State.UNBINDING,
    (State.BOUND_TRX, Step.UNBIND): State.UNBINDING,
    (State.OPEN, Step.CLOSE): State.CLOSED,
    (State.BOUND_TX, Step.CLOSE): State.CLOSED,
    (State.BOUND_RX, Step.CLOSE): State.CLOSED,
    (State.BOUND_TRX, Step.CLOSE): State.CLOSED,
    (State.UNBINDING, Step.CLOSE): State.CLOSED,
}

BINDS: Final[dict[int, Step]] = {
    Command.BIND_TRANSMITTER: Step.BIND_TX,
    Command.BIND_RECEIVER: Step.BIND_RX,
    Command.BIND_TRANSCEIVER: Step.BIND_TRX,
}

BOUND: Final = frozenset({State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX})
SUBMITTING: Final = frozenset({State.BOUND_TX, State.BOUND_TRX})
"""Where the ESME may submit texts."""

NOTIFICATIONS: Final = frozenset({Command.OUTBIND, Command.ALERT_NOTIFICATION})
"""Requests that have no response (SMPP 3.4, 4.1.7 and 4.12)."""

SESSION_COMMANDS: Final = frozenset({*BINDS, Command.UNBIND, Command.ENQUIRE_LINK})
"""Requests about the session itself: nobody waits to hear what became of them."""

_OPEN: Final = frozenset({State.OPEN})
_ESME: Final = frozenset({Role.ESME})
_SMSC: Final = frozenset({Role.SMSC})
_EITHER: Final = frozenset(Role)
# A peer that has not yet seen our unbind goes on sending, and its requests deserve their answers.
_ANY_BOUND: Final = BOUND | {State.UNBINDING}
_TX: Final = _ANY_BOUND - {State.BOUND_RX}
_RX: Final = _ANY_BOUND - {State.BOUND_TX}

_ALLOWED: Final[dict[int, tuple[frozenset[State], frozenset[Role]]]] = {
    # SMPP 3.4, table 2-1: the states in which a request may pass, and who issues it.
    Command.BIND_TRANSMITTER: (_OPEN, _ESME),
    Command.BIND_RECEIVER: (_OPEN, _ESME),
    Command.BIND_TRANSCEIVER: (_OPEN, _ESME),
    Command.OUTBIND: (_OPEN, _SMSC),
    Command.UNBIND: (_ANY_BOUND, _EITHER),
    Command.SUBMIT_SM: (_TX, _ESME),
    Command.SUBMIT_MULTI: (_TX, _ESME),
    Command.DATA_SM: (_ANY_BOUND, _EITHER),
    Command.DELIVER_SM: (_RX, _SMSC),
    Command.QUERY_SM: (_TX, _ESME),
    Command.CANCEL_SM: (_TX, _ESME),
    Command.REPLACE_SM: (_TX, _ESME),
    # SMPP 5.0 lets either side test the line before the bind as well; answering it costs nothing.
    Command.ENQUIRE_LINK: (_ANY_BOUND | _OPEN, _EITHER),
    Command.ALERT_NOTIFICATION: (_RX, _SMSC),
}


def next_state(state: State, step: Step) -> State:
    """Return the state after *step*; KeyError for a step that cannot be: our bug."""
    return NEXT[state, step]


def may_pass(command_id: int, state: State, issuer: Role) -> bool:
    """Whether *issuer* may send the request *command_id* in *state*."""
    states, issuers = _ALLOWED[command_id]
    return state in states and issuer in issuers

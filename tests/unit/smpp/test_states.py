"""The table of states, and SMPP 3.4, table 2-1."""

from itertools import product

import pytest

from smsgw.smpp.constants import RESPONSE_BIT, Command
from smsgw.smpp.states import BINDS, BOUND, NEXT, Role, State, Step, may_pass, next_state

REQUESTS = [command for command in Command if command < RESPONSE_BIT]

# command: states in which the ESME may send it, states in which the SMSC may (o = open, t/r/x = bound, u = unbinding).
TABLE_2_1 = {
    Command.BIND_TRANSMITTER: ("o", ""),
    Command.BIND_RECEIVER: ("o", ""),
    Command.BIND_TRANSCEIVER: ("o", ""),
    Command.OUTBIND: ("", "o"),
    Command.UNBIND: ("trxu", "trxu"),
    Command.SUBMIT_SM: ("txu", ""),
    Command.SUBMIT_MULTI: ("txu", ""),
    Command.DATA_SM: ("trxu", "trxu"),
    Command.DELIVER_SM: ("", "rxu"),
    Command.QUERY_SM: ("txu", ""),
    Command.CANCEL_SM: ("txu", ""),
    Command.REPLACE_SM: ("txu", ""),
    Command.ENQUIRE_LINK: ("otrxu", "otrxu"),
    Command.ALERT_NOTIFICATION: ("", "rxu"),
}
LETTERS = {
    "o": State.OPEN,
    "t": State.BOUND_TX,
    "r": State.BOUND_RX,
    "x": State.BOUND_TRX,
    "u": State.UNBINDING,
    "-": State.CLOSED,
}


@pytest.mark.parametrize(("command", "letter"), list(product(REQUESTS, LETTERS)))
def test_which_request_may_pass(command: Command, letter: str) -> None:
    """Every request, every state, both sides."""
    by_esme, by_smsc = TABLE_2_1[command]
    assert may_pass(command, LETTERS[letter], Role.ESME) is (letter in by_esme)
    assert may_pass(command, LETTERS[letter], Role.SMSC) is (letter in by_smsc)


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_step_is_a_row_or_a_bug(state: State, step: Step) -> None:
    """Binds from OPEN, unbind from bound states, close from all but CLOSED."""
    binds = state is State.OPEN and step in BINDS.values()
    unbinds = state in BOUND and step is Step.UNBIND
    closes = state is not State.CLOSED and step is Step.CLOSE
    assert ((state, step) in NEXT) is (binds or unbinds or closes)
    if (state, step) not in NEXT:
        with pytest.raises(KeyError):
            next_state(state, step)


@pytest.mark.parametrize(
    ("command", "state"),
    [
        (Command.BIND_TRANSMITTER, State.BOUND_TX),
        (Command.BIND_RECEIVER, State.BOUND_RX),
        (Command.BIND_TRANSCEIVER, State.BOUND_TRX),
    ],
)
def test_each_bind_leads_to_its_state(command: Command, state: State) -> None:
    """SMPP 3.4, 2.2."""
    assert next_state(State.OPEN, BINDS[command]) is state

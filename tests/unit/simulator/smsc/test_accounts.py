"""Who may bind, how, and how often."""

from __future__ import annotations

import pytest

from simulator.settings import AccountRules, SmscSettings
from simulator.smsc.accounts import judge_bind
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import Pdu

SETTINGS = SmscSettings(
    credentials={"free": "pass1", "once": "pass2", "ears": "pass3"},
    account_rules={"once": AccountRules(binds_max=2), "ears": AccountRules(binds=frozenset({"receiver"}))},
)
OK = Status.ESME_ROK


@pytest.mark.parametrize(
    ("system_id", "password", "command", "bound", "status"),
    [
        ("free", "pass1", Command.BIND_TRANSCEIVER, 99, OK),
        ("free", "pass2", Command.BIND_TRANSCEIVER, 0, Status.ESME_RINVPASWD),
        ("free", "", Command.BIND_TRANSCEIVER, 0, Status.ESME_RINVPASWD),
        ("nobody", "pass1", Command.BIND_TRANSCEIVER, 0, Status.ESME_RINVSYSID),
        ("once", "pass2", Command.BIND_TRANSMITTER, 1, OK),
        ("once", "pass2", Command.BIND_TRANSMITTER, 2, Status.ESME_RALYBND),
        ("once", "wrong", Command.BIND_TRANSMITTER, 2, Status.ESME_RINVPASWD),
        ("ears", "pass3", Command.BIND_RECEIVER, 0, OK),
        ("ears", "pass3", Command.BIND_TRANSMITTER, 0, Status.ESME_RBINDFAIL),
        ("ears", "pass3", Command.BIND_TRANSCEIVER, 0, Status.ESME_RBINDFAIL),
    ],
)
def test_a_bind_is_judged_by_its_account(
    system_id: str, password: str, command: Command, bound: int, status: Status
) -> None:
    pdu = Pdu(command, 0, 1, {"system_id": system_id.encode(), "password": password.encode()})
    assert judge_bind(SETTINGS, pdu, lambda _: bound) is status


def test_rules_hold_where_passwords_are_not_asked_for() -> None:
    open_to_all = SmscSettings(account_rules={"once": AccountRules(binds_max=1)})
    pdu = Pdu(Command.BIND_TRANSCEIVER, 0, 1, {"system_id": b"once", "password": b""})
    assert judge_bind(open_to_all, pdu, lambda _: 1) is Status.ESME_RALYBND
    assert judge_bind(open_to_all, pdu._replace(fields={"system_id": b"x", "password": b"y"}), lambda _: 1) is OK

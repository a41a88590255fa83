"""The vocabulary: complete, and able to name what it does not know."""

import pytest
from smpplib import command_codes, consts

from smsgw.smpp.constants import RESPONSE_BIT, Command, Status, command_name, describe


def test_every_command_of_smpplib_is_named_alike() -> None:
    """Names and numbers are smpplib's, one for one."""
    assert {command.wire_name: command.value for command in Command} == command_codes.commands


def test_every_status_of_smpplib_is_named_alike() -> None:
    """No status that smpplib knows is missing here."""
    theirs = {value for name, value in vars(consts).items() if name.startswith("SMPP_ESME_")}
    assert {status.value for status in Status} == theirs


def test_every_request_but_two_has_its_response() -> None:
    """SMPP 3.4, 5.1.2.1: the response's id is the request's with the top bit set."""
    requests = {command for command in Command if command < RESPONSE_BIT}
    answered = {request for request in requests if request | RESPONSE_BIT in set(Command)}
    assert requests - answered == {Command.OUTBIND, Command.ALERT_NOTIFICATION}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0x00, "ESME_ROK: No Error"),
        (0x07, "ESME_RINVREGDLVFLG: Invalid Registered Delivery Flag"),
        (0x58, "ESME_RTHROTTLED: Throttling error (ESME has exceeded allowed message limits)"),
        (0x3FF, "0x000003FF: reserved status"),
        (0x400, "0x00000400: vendor specific status"),
        (0x4FF, "0x000004FF: vendor specific status"),
        (0x500, "0x00000500: reserved status"),
    ],
)
def test_a_status_is_described(status: int, words: str) -> None:
    """Known ones in words, vendors' and reserved ones by number."""
    assert describe(status) == words


@pytest.mark.parametrize(
    ("command_id", "name"), [(0x80000004, "submit_sm_resp"), (0x80000000, "generic_nack"), (0x111, "0x00000111")]
)
def test_a_command_is_named(command_id: int, name: str) -> None:
    """As the specification writes it, or as a number."""
    assert command_name(command_id) == name

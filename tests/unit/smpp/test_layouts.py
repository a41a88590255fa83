"""The tables of the PDUs, against smpplib's own."""

import pytest
from smpplib import command as smpplib_command
from smpplib.consts import OPTIONAL_PARAMS

from smsgw.smpp.constants import Command
from smsgw.smpp.layouts import BODILESS_ON_ERROR, LAYOUTS, CString, Int, OctetString

SMPPLIB_CLASSES = {
    Command.BIND_TRANSCEIVER: smpplib_command.BindTransceiver,
    Command.BIND_TRANSCEIVER_RESP: smpplib_command.BindTransceiverResp,
    Command.SUBMIT_SM: smpplib_command.SubmitSM,
    Command.SUBMIT_SM_RESP: smpplib_command.SubmitSMResp,
    Command.DELIVER_SM: smpplib_command.DeliverSM,
    Command.DELIVER_SM_RESP: smpplib_command.DeliverSMResp,
    Command.QUERY_SM: smpplib_command.QuerySM,
}


def test_every_command_has_a_layout() -> None:
    """No PDU of SMPP 3.4 is missing."""
    assert LAYOUTS.keys() == set(Command)


@pytest.mark.parametrize("command", list(SMPPLIB_CLASSES))
def test_fields_and_sizes_are_those_of_smpplib(command: Command) -> None:
    """Same fields, same order, same limits."""
    theirs = SMPPLIB_CLASSES[command]
    expected = [name for name in theirs.params_order if name not in OPTIONAL_PARAMS and name != "sm_length"]
    assert [field.name for field in LAYOUTS[command]] == expected
    for field in LAYOUTS[command]:
        if isinstance(field, Int):
            assert field.size == theirs.params[field.name].size
        if isinstance(field, CString | OctetString):
            assert field.size_max == theirs.params[field.name].max


def test_a_deliver_sm_resp_always_has_its_body() -> None:
    """SMPP 3.4, 4.6.2 says nothing of leaving message_id out, so it is sent even with an error."""
    assert Command.DELIVER_SM_RESP not in BODILESS_ON_ERROR

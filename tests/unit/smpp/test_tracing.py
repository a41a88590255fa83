"""What a follower of a link sees of a PDU, and what never."""

from __future__ import annotations

import pytest

from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import BadPdu, FieldValue, Pdu
from smsgw.smpp.tlv import Tag
from smsgw.smpp.tracing import traced

SECRET = b"SARKOR*n25656*50000*secret1"


def test_a_text_shows_its_path_and_its_length() -> None:
    fields: dict[str, FieldValue] = {
        "source_addr": b"998901234567",
        "destination_addr": b"1400",
        "esm_class": 0x40,
        "short_message": SECRET,
    }
    assert traced("<", Pdu(Command.DELIVER_SM, 0, 7, fields)) == {
        "direction": "<",
        "command": "deliver_sm",
        "status": "ESME_ROK",
        "sequence": 7,
        "source_addr": "+998*******67",
        "destination_addr": "1400",
        "esm_class": 0x40,
        "short_message": "(27 octets)",
    }


def test_a_bind_shows_who_and_not_the_password() -> None:
    shown = traced(">", Pdu(Command.BIND_TRANSCEIVER, 0, 1, {"system_id": b"smsgw", "password": b"secret1"}))
    assert (shown["system_id"], shown["password"]) == ("smsgw", "(7 octets)")


def test_parameters_show_what_an_engineer_looks_for() -> None:
    tlvs = (
        (int(Tag.RECEIPTED_MESSAGE_ID), b"00001F\0"),
        (int(Tag.MESSAGE_STATE), b"\x02"),
        (int(Tag.MESSAGE_PAYLOAD), SECRET),
        (0x1400, b"998901234567"),
    )
    shown = traced("<", Pdu(Command.DELIVER_SM, 0, 7, {}, tlvs))
    assert {name: shown[name] for name in ("receipted_message_id", "message_state", "message_payload", "0x1400")} == {
        "receipted_message_id": "00001F",
        "message_state": 2,
        "message_payload": "(27 octets)",
        "0x1400": "(12 octets)",
    }


def test_what_cannot_be_read_shows_why_and_statuses_that_nobody_knows_their_number() -> None:
    assert traced("<", BadPdu(Command.DELIVER_SM, 9, Status.ESME_RINVMSGLEN, "sm_length beyond the PDU"))["fault"] == (
        "sm_length beyond the PDU"
    )
    read = Pdu(Command.SUBMIT_SM_RESP, 0, 9, {"message_id": b"A1"})
    shown = traced("<", BadPdu(Command.SUBMIT_SM_RESP, 9, Status.ESME_RINVMSGID, "no end", read))
    assert (shown["fault"], shown["message_id"]) == ("no end", "A1")
    assert traced("<", Pdu(Command.SUBMIT_SM_RESP, 0x4A1, 3, {}))["status"] == "0x000004A1"


@pytest.mark.parametrize("tag", sorted(set(Tag) - {Tag.RECEIPTED_MESSAGE_ID}))
def test_no_parameter_shows_a_text_that_came_in_it(tag: Tag) -> None:
    """Whatever an SMSC puts there: a payment password may stand in any octets that a subscriber writes."""
    shown = traced("<", Pdu(Command.DELIVER_SM, 0, 1, {}, ((int(tag), SECRET),)))
    assert "(27 octets)" in shown.values()

"""A message is judged field by field: what the specification allows passes, the first value beyond it is named."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.conformance.fields import judge_message, judge_status
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.tlv import Tag, Tlvs

GOOD: dict[str, Any] = {"destination_addr": b"998901234567", "source_addr": b"1400", "short_message": b"PAID"}
PART = b"\x05\x00\x03\x07\x02\x01"
SAR: Tlvs = ((Tag.SAR_MSG_REF_NUM, b"\0\x07"), (Tag.SAR_TOTAL_SEGMENTS, b"\x02"), (Tag.SAR_SEGMENT_SEQNUM, b"\x01"))


def broken(fields: dict[str, Any], tlvs: Tlvs = ()) -> list[str]:
    pdu = Pdu(Command.SUBMIT_SM, 0, 1, {**GOOD, **fields}, tlvs)
    return [finding.name for finding in judge_message(pdu)]


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("body", {"short_message": b"x" * 254}, {"short_message": b"x" * 255}),
        ("destination", {}, {"destination_addr": b""}),
        ("time_format", {"validity_period": b"000000000500000R"}, {"validity_period": b"000000000500000S"}),
        ("time_format", {"validity_period": b"261128235959948+"}, {"validity_period": b"261128235959949+"}),
        ("time_format", {"validity_period": b"261231235959900-"}, {"validity_period": b"261331235959900-"}),
        ("time_format", {"schedule_delivery_time": b""}, {"schedule_delivery_time": b"2611282359"}),
        ("esm_class", {"esm_class": 0x08}, {"esm_class": 0x04}),
        ("registered_delivery", {"registered_delivery": 0x12}, {"registered_delivery": 0x03}),
        ("registered_delivery", {"registered_delivery": 0x30}, {"registered_delivery": 0x40}),
        ("priority_flag", {"priority_flag": 3}, {"priority_flag": 4}),
        ("replace_flag", {"replace_if_present_flag": 1}, {"replace_if_present_flag": 2}),
        ("ton_npi", {"source_addr_ton": 6}, {"source_addr_ton": 7}),
        ("ton_npi", {"dest_addr_npi": 18}, {"dest_addr_npi": 2}),
        ("data_coding", {"data_coding": 0xF1}, {"data_coding": 0xE0}),
        ("data_coding", {"data_coding": 10}, {"data_coding": 11}),
        ("ucs2_octets", {"data_coding": 8, "short_message": b"\4\x1a"}, {"data_coding": 8, "short_message": b"\4"}),
        (
            "ucs2_octets",
            {"data_coding": 8, "esm_class": 0x40, "short_message": PART + b"\4\x1a"},
            {"data_coding": 8, "esm_class": 0x40, "short_message": PART + b"\4"},
        ),
        ("udh", {"esm_class": 0x40, "short_message": PART + b"A"}, {"esm_class": 0x40, "short_message": b"\x09A"}),
        ("udh", {"esm_class": 0, "short_message": b""}, {"esm_class": 0x40, "short_message": b""}),
    ],
)
def test_a_field_passes_up_to_its_limit(rule: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert (broken(good), broken(bad)) == ([], [rule])


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("sar", SAR, SAR[:2]),
        ("sar", SAR, (*SAR[:2], (Tag.SAR_SEGMENT_SEQNUM, b"\x03"))),
        ("sar", SAR, (*SAR[:2], (Tag.SAR_SEGMENT_SEQNUM, b"\x00"))),
        ("tlv_length", SAR, (SAR[0], SAR[1], (Tag.SAR_SEGMENT_SEQNUM, b"\0\x01"))),
        ("tlv_length", ((0x1400, b"vendor's"),), ((Tag.USER_MESSAGE_REFERENCE, b"\x01"),)),
    ],
)
def test_parameters_pass_as_their_table_says(rule: str, good: Tlvs, bad: Tlvs) -> None:
    assert (broken({}, good), broken({}, bad)) == ([], [rule])


def test_a_header_and_sar_parameters_exclude_each_other() -> None:
    assert broken({"esm_class": 0x40, "short_message": PART + b"A"}, SAR) == ["udh_with_sar"]


@pytest.mark.parametrize(
    ("status", "names"),
    [
        (Status.ESME_ROK, []),
        (Status.ESME_RX_T_APPN, []),
        (0x400, []),
        (0x4FF, []),
        (0x500, ["reserved_status"]),
        (Status.ESME_RX_P_APPN, ["rx_p_appn"]),
    ],
)
def test_an_answer_has_a_status_that_means_something(status: int, names: list[str]) -> None:
    assert [finding.name for finding in judge_status(status)] == names

"""A text becomes submit_sm; an answer becomes what the outbox may do next."""

from dataclasses import replace

import pytest

from smsgw.domain.secret import Secret
from smsgw.domain.sms import NotSubmitted, SubmitOutcome, SubmitRefused, Submitted, SubmitUnknown
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.outgoing import outcome_of, submit_fields, worst_of
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.validity import Validity
from tests.integration.running_link import attempt

LINK = LinkSettings(
    name="operator", host="127.0.0.1", port=2775, system_id="smsgw", password=Secret("secret"), source="1400"
)


def test_a_text_leaves_from_the_short_code_to_the_international_number_with_a_receipt_asked_for() -> None:
    ((fields, tlvs),) = submit_fields("Code 483920", "+998901234567", attempt(), 1, LINK)

    assert (fields["source_addr"], fields["destination_addr"]) == (b"1400", b"998901234567")
    assert (fields["dest_addr_ton"], fields["dest_addr_npi"]) == (1, 1)
    assert (fields["registered_delivery"], fields["short_message"]) == (1, b"Code 483920")
    assert tlvs == ()


def test_a_long_text_leaves_in_parts_of_one_reference() -> None:
    parts = submit_fields("й" * 100, "+998901234567", attempt(), 7, LINK)

    assert [fields["short_message"][:6] for fields, _ in parts if isinstance(fields["short_message"], bytes)] == [
        b"\x05\x00\x03\x07\x02\x01",
        b"\x05\x00\x03\x07\x02\x02",
    ]


@pytest.mark.parametrize(
    ("validity", "written"),
    [
        (Validity.RELATIVE, b"000000000100000R"),
        (Validity.ABSOLUTE, b"270115080000000+"),
        (Validity.NONE, b""),
    ],
)
def test_how_long_a_text_is_of_use_is_told_as_the_link_wants_it(validity: Validity, written: bytes) -> None:
    ((fields, _),) = submit_fields("Code 483920", "+998901234567", attempt(), 1, replace(LINK, validity=validity))
    assert fields["validity_period"] == written


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (Status.ESME_ROK, Submitted("42")),
        (Status.ESME_RTHROTTLED, SubmitRefused(0x58, temporary=True, retry_after_s=1.0)),
        (Status.ESME_RMSGQFUL, SubmitRefused(0x14, temporary=True, retry_after_s=5.0)),
        (Status.ESME_RINVDSTADR, SubmitRefused(0x0B, temporary=False)),
        (0x4FF, SubmitRefused(0x4FF, temporary=False)),
    ],
)
def test_an_answer_means(status: int, outcome: SubmitOutcome) -> None:
    assert outcome_of(Pdu(Command.SUBMIT_SM_RESP, status, 1, {"message_id": b"42"}), LINK) == outcome


def test_a_link_may_read_an_answer_otherwise() -> None:
    own = replace(LINK, statuses={0x4FF: Reaction(Then.LATER, 30.0)})
    answer = Pdu(Command.SUBMIT_SM_RESP, 0x4FF, 1, {})

    assert outcome_of(answer, own) == SubmitRefused(0x4FF, temporary=True, retry_after_s=30.0)


REFUSED = SubmitRefused(0x0B, temporary=False)


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        ([Submitted("1")], Submitted("1")),
        ([Submitted("1"), Submitted("2")], Submitted("1")),
        ([Submitted("1"), REFUSED], REFUSED),
        ([REFUSED], REFUSED),
        ([SubmitUnknown()], SubmitUnknown()),
        ([NotSubmitted()], NotSubmitted()),
        ([Submitted("1"), NotSubmitted()], SubmitUnknown()),
        ([Submitted("1"), Submitted("2"), SubmitUnknown()], SubmitUnknown()),
    ],
)
def test_a_text_in_parts_comes_to_what_its_worst_part_came_to(
    outcomes: list[SubmitOutcome], whole: SubmitOutcome
) -> None:
    """Of a text that has left in part, "not submitted" is not true."""
    assert worst_of(outcomes) == whole

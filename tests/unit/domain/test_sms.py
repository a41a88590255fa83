"""Texts of subscribers never print; outgoing texts know their order of leaving and their lease."""

from __future__ import annotations

import pytest

from smsgw.domain.sms import InboundPart, InboundSms, Priority, Reply

CANARY = "canary-parol1"


PART = InboundPart(
    link="operator",
    sender="998901234567",
    destination="1400",
    reference=1,
    total=2,
    number=2,
    payload=CANARY.encode(),
    data_coding=0,
    identity=CANARY.encode(),
)
WHOLE = InboundSms(
    link="operator",
    sender="998901234567",
    destination="1400",
    text=CANARY,
    identity=CANARY.encode(),
    last_part=PART,
)


@pytest.mark.parametrize("inbound", [WHOLE, PART], ids=["whole", "part"])
def test_what_a_subscriber_wrote_never_prints(inbound: InboundSms | InboundPart) -> None:
    """It may hold a payment password."""
    assert CANARY not in repr(inbound)
    assert CANARY not in str(inbound)
    assert "operator" in repr(inbound)


def test_codes_leave_before_answers_and_answers_before_receipts() -> None:
    assert sorted(Priority) == [Priority.CODE, Priority.ANSWER, Priority.RECEIPT]


def test_a_reply_is_an_answer_unless_it_says_otherwise() -> None:
    assert Reply("help").priority is Priority.ANSWER

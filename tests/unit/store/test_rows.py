"""Values become rows and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import Table

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.money import CURRENCIES, Money
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Delivery, OutboundSms, Priority
from smsgw.domain.subscriber import Subscriber
from smsgw.ledger.transfers import Code, Transfer, TransferKind
from smsgw.store import rows, tables

EXAMPLES = settings(max_examples=50)

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
counts = st.integers(0, 2**62)
people = st.builds(lambda number: Msisdn(f"+{number}"), st.integers(10**6, 10**14))
currencies = st.sampled_from(list(CURRENCIES.values()))


def in_order(table: Table, row: dict[str, object]) -> tuple[object, ...]:
    """A row as a SELECT gives it back."""
    return tuple(row[name] for name in table.c.keys())  # noqa: SIM118 -- a collection of columns is no mapping


@st.composite
def payments(draw: st.DrawFn) -> Payment:
    currency = draw(currencies)
    return Payment(
        id=draw(st.integers(1, 2**63 - 1)),
        number=draw(counts),
        msisdn=draw(people),
        link=draw(words),
        provider=draw(words),
        account=tuple(draw(st.lists(words, min_size=1, max_size=3))),
        amount=Money(draw(st.integers(1, 10**15)), currency),
        fee=Money(draw(st.integers(0, 10**15)), currency),
        state=draw(st.sampled_from(State)),
        nonce=draw(st.binary(max_size=16)),
        key_id=draw(words),
        language=draw(words),
        created_at_us=draw(counts),
        tried=draw(st.binary(max_size=40)),
        provider_reference=draw(words),
        refusal=draw(words),
        code_deadline_us=draw(counts),
        code_sends=draw(counts),
        wrong_codes=draw(counts),
        finished_at_us=draw(counts),
        source=draw(words),
    )


@EXAMPLES
@given(payments())
def test_a_payment_comes_back(payment: Payment) -> None:
    assert rows.payment_of(in_order(tables.payments, rows.row_of_payment(payment))) == payment


@EXAMPLES
@given(
    st.builds(
        Subscriber,
        msisdn=people,
        registered=st.just(True),
        blocked=st.booleans(),
        verifier=words.filter(bool),
        pauses=st.lists(counts, max_size=3).map(tuple),
        paused_until_us=counts,
        answers=counts,
        level=words,
    )
)
def test_a_subscriber_comes_back(subscriber: Subscriber) -> None:
    assert rows.subscriber_of(in_order(tables.subscribers, rows.row_of_subscriber(subscriber))) == subscriber


@EXAMPLES
@given(
    st.builds(
        ProviderCall,
        payment_id=counts,
        kind=st.sampled_from(Kind),
        msisdn=people,
        provider=words,
        parameters=st.dictionaries(words, words, max_size=4),
        created_at_us=counts,
        state=st.sampled_from(CallState),
        told=counts,
        epoch=counts,
        last_answer=words,
        memory=st.dictionaries(words, words, max_size=4),
        withdrawn=st.booleans(),
        failures=counts,
        absent_until_us=counts,
    )
)
def test_a_call_comes_back(call: ProviderCall) -> None:
    assert rows.call_of(in_order(tables.provider_calls, rows.row_of_call(call))) == call


@EXAMPLES
@given(
    st.builds(
        OutboundSms,
        id=counts,
        msisdn=people,
        link=words,
        event=words,
        values=st.dictionaries(words, words, max_size=4),
        language=words,
        payment_id=st.none() | counts,
        priority=st.sampled_from(Priority),
        created_at_us=counts,
        expires_at_us=counts,
        state=st.sampled_from(Delivery),
        message_id=words,
        possibly_twice=st.booleans(),
    )
)
def test_a_text_comes_back(sms: OutboundSms) -> None:
    assert rows.sms_of(in_order(tables.outbox, {"id": sms.id} | rows.row_of_sms(sms))) == sms


@EXAMPLES
@given(
    st.builds(
        Transfer,
        id=words.filter(bool),
        kind=st.sampled_from([TransferKind.DIRECT, TransferKind.HOLD]),
        debit=words,
        credit=words,
        amount=st.builds(Money, st.integers(1, 10**15), currencies),
        code=st.sampled_from(Code),
        payment_id=st.none() | counts,
    )
)
def test_a_transfer_comes_back(transfer: Transfer) -> None:
    row = rows.row_of_transfer(transfer) | {"shard": 3, "created_at_us": 4}
    read = rows.transfer_of(in_order(tables.transfers, row))
    assert (read, read.created_at_us) == (transfer, 4)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        ("timeout", "timeout"),
        ("Отказ", "Отказ"),
        ("a\0b", "ab"),
        ("\ud800", "?"),
        ("x" * 500, "x" * 500),
        ("x" * 501, "x" * 500),
        ("ж" * 501, "ж" * 500),
    ],
)
def test_text_of_strangers_is_made_fit(text: str, stored: str) -> None:
    assert rows.foreign(text) == stored

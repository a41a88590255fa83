"""One unit of work: what it hands over leaves it only with its commit."""

from __future__ import annotations

import pytest

from smsgw.domain.calls import ProviderCall
from smsgw.domain.sms import OutboundSms
from smsgw.ports import WorkFailed
from smsgw.store.inline import InlineStore
from smsgw.store.store import SqlStore
from smsgw.transaction import Tx
from tests.contract.store.samples import ALISHER, add_payment, call, payment, sms


def order(tx: Tx) -> None:
    add_payment(tx, payment())
    tx.calls.add(call())
    tx.outbox.add(sms())


async def test_rows_leave_a_unit_that_is_committed(store: InlineStore | SqlStore) -> None:
    handed: list[ProviderCall | OutboundSms] = []
    store.subscribe(handed.append, handed.append)
    await store.write(ALISHER, order)
    assert [type(each) for each in handed] == [ProviderCall, OutboundSms]


async def test_nothing_leaves_a_unit_that_raised(store: InlineStore | SqlStore) -> None:
    def fail(tx: Tx) -> None:
        order(tx)
        raise LookupError

    handed: list[ProviderCall | OutboundSms] = []
    store.subscribe(handed.append, handed.append)
    with pytest.raises(WorkFailed):
        await store.write(ALISHER, fail)
    assert handed == []
    assert await store.reads.payments(None, 1) == []

"""The outbox holds events and values; what is missing is found where it is written, not where it is sent."""

import pytest

from smsgw.ports import WorkFailed
from smsgw.service.texts import Recipient, put_answer, stored_binding
from smsgw.sessions.codes import binding_of
from smsgw.transaction import Tx
from tests.house import ANNA, PAY, House


async def test_the_binding_comes_back_as_it_was(house: House) -> None:
    await house.receive(PAY)
    await house.settlement.exchange(house.calls.popleft())

    assert stored_binding(house.texts[0].values) == binding_of(await house.payment())


async def test_a_text_that_lacks_a_value_is_refused_at_once(house: House) -> None:
    def work(tx: Tx) -> None:
        put_answer(tx, Recipient(ANNA, "operator", "en"), "wrong_code", {})

    with pytest.raises(WorkFailed):
        await house.store.write(ANNA, work)

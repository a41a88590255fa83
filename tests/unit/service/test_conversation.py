"""One text inside one transaction."""

import pytest

from smsgw.ports import WorkFailed
from smsgw.service.conversation import Conversation, Delivered
from smsgw.transaction import Tx
from tests.house import ANNA, House


async def test_the_answer_is_in_the_subscriber_s_language_and_the_row_has_the_verdict(house: House) -> None:
    def work(tx: Tx) -> str:
        talk = Conversation(tx, house.rules, Delivered(ANNA, "operator", b"d"), tx.now_us)
        talk.answer("help")
        return talk.close()

    assert await house.store.write(ANNA, work) == "help"
    assert (house.texts[0].language, house.texts[0].link) == ("en", "operator")


async def test_a_text_without_a_verdict_is_a_bug(house: House) -> None:
    def work(tx: Tx) -> str:
        return Conversation(tx, house.rules, Delivered(ANNA, "operator", b"d"), tx.now_us).close()

    with pytest.raises(WorkFailed):
        await house.store.write(ANNA, work)

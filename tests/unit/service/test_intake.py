"""Intake: a text is acknowledged only when all that it caused is committed, and the same delivery counts once."""

from collections.abc import Callable
from typing import NoReturn

import pytest

from smsgw.domain.payment import State
from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import Ack
from smsgw.ports import StoreUnavailable
from smsgw.service.intake import FAILURES_MAX
from smsgw.transaction import Tx
from tests.house import ANNA, PAY, House

BROKEN = "SARKOR*n25656*50000*parol2"


@pytest.mark.proves("F2", "F25")
@pytest.mark.parametrize("times", [2, 5])
async def test_the_same_delivery_again_is_taken_and_changes_nothing(house: House, times: int) -> None:
    for _ in range(times):
        assert await house.receive_again(BROKEN, b"delivery 1") is Ack.DONE
    await house.work_off()

    assert house.events == ["wrong_password"]


async def test_a_second_stop_within_the_minute_stops_the_second_payment(house: House) -> None:
    """Two honest stops look like one delivery repeated; what stops money is taken twice rather than never."""
    for account in ("n25656", "n25657"):
        await house.text(f"SARKOR*{account}*50000*parol1")
        await house.receive_again("0", b"stop")
    await house.receive_again("0", b"stop")
    await house.work_off()

    assert [p.state for p in await house.store.reads.payments(ANNA, 5)] == [State.CANCELLED, State.CANCELLED]
    assert len([text for _, text in house.phones.inbox if text.startswith("Cancelled")]) == 2


@pytest.mark.proves("F25")
@pytest.mark.parametrize(
    ("story", "events"),
    [
        pytest.param((PAY, 10, "CODE", 20, "CODE"), ["code", "resend_wait", "resent"], id="the code, as we asked"),
        pytest.param((PAY, 10, "CODE", 1, "CODE"), ["code", "resend_wait", "resend_wait"], id="the code at once"),
        pytest.param((PAY, 5, "0", 5, PAY), ["code", "cancelled", "code"], id="a payment after its cancellation"),
        pytest.param((PAY, 5, *"12345", 5, PAY), ["code", *["wrong_code"] * 4, "code_dead", "code"], id="a dead code"),
        pytest.param((PAY, 5, "0", 5, "0"), ["code", "cancelled", "nothing_to_cancel"], id="a stop"),
        pytest.param(("HELP", 5, "LIST", 5, "HELP"), ["help", "list", "help"], id="a question after another"),
        pytest.param((PAY, 5, PAY, 5, PAY), ["code"], id="a payment again and again: one delivery"),
        pytest.param((PAY, "{code}", 5, PAY), ["code", "receipt", "duplicate"], id="a delivery after the code"),
    ],
)
async def test_a_text_that_was_asked_for_counts_although_it_was_sent_before(
    house: House, story: tuple[str | int, ...], events: list[str]
) -> None:
    """Equal words are equal deliveries, as on the wire."""
    for step in story:
        if isinstance(step, int):
            house.clock.passes(step)
            continue
        text = (
            step.replace("{code}", house.code) if "{" in step else step * 6 if step.isdigit() and step != "0" else step
        )
        assert await house.receive_again(text, text.encode()) is Ack.DONE
        await house.work_off()

    assert house.events == events


@pytest.mark.proves("F25")
@pytest.mark.parametrize(("after_s", "answers"), [(60, 1), (60.000_001, 2)])
async def test_the_same_text_counts_anew_after_a_minute(house: House, after_s: float, answers: int) -> None:
    for pause_s in (after_s, 0):
        await house.receive_again("HELP", b"delivery 1")
        await house.work_off()
        house.clock.passes(pause_s)

    assert len(house.phones.inbox) == answers


@pytest.mark.proves("A65")
@pytest.mark.parametrize("sender", ["Uzcard", "3131", "+1400", "9989012345678901234"])
async def test_machines_are_taken_and_never_answered(house: House, sender: str) -> None:
    assert await house.receive(PAY, Msisdn(sender)) is Ack.DONE
    assert not house.texts


async def test_a_national_number_is_the_same_subscriber(house: House) -> None:
    await house.receive(PAY, Msisdn("901234567"))

    assert (await house.payment()).msisdn == ANNA


@pytest.mark.proves("I24", "F55")
async def test_a_store_that_cannot_commit_leaves_the_text_with_the_smsc(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(house.store, "write", full)

    assert await house.receive(PAY) is Ack.RETRY


@pytest.mark.proves("F51")
async def test_a_text_whose_work_fails_is_given_up_at_the_fifth_time_and_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Tx, __: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(house.intake._desk), "take", lambda _, tx, request: fails(tx, request))
    acks = [await house.receive_again(PAY, b"poison") for _ in range(FAILURES_MAX)]
    await house.work_off()

    assert acks == [Ack.RETRY] * (FAILURES_MAX - 1) + [Ack.DONE]
    assert house.events == ["bank_down"]


@pytest.mark.proves("I24")
async def test_a_failure_before_the_transaction_is_counted_too(house: House) -> None:
    """The key that peppered this password was taken out of the configuration."""
    house.store._database.execute("UPDATE subscribers SET pepper_id = 'gone'")
    acks = [await house.receive_again(PAY, b"poison") for _ in range(FAILURES_MAX)]
    await house.work_off()

    assert acks == [Ack.RETRY] * (FAILURES_MAX - 1) + [Ack.DONE]
    assert house.events == ["bank_down"]


async def test_a_text_is_given_up_even_where_its_answer_fails(house: House) -> None:
    """The subscriber's own row cannot be read: the SMSC's queue moves on all the same."""
    house.store._database.execute("UPDATE subscribers SET pauses = 'damaged'")
    acks = [await house.receive_again("HELP", b"poison") for _ in range(FAILURES_MAX)]

    assert acks == [Ack.RETRY] * (FAILURES_MAX - 1) + [Ack.DONE]
    assert not house.texts


async def test_a_password_that_was_changed_meanwhile_is_judged_anew(house: House) -> None:
    await house.text(PAY)
    await house.enrol(password="geheim7", money_in="0")

    assert await house.text("SARKOR*n25657*50000*parol1") == ["wrong_password"]
    assert await house.text("SARKOR*n25657*50000*geheim7") == ["replaced", "code"]
    assert (await house.payment()).state is State.AWAITING_CODE


def _fails(*_: object, **__: object) -> NoReturn:
    raise ZeroDivisionError


async def _fails_too(*_: object) -> NoReturn:
    raise ZeroDivisionError


BEFORE_THE_CODE = [
    pytest.param("smsgw.service.passwords.PasswordCheck.judge", _fails_too, id="password"),
    pytest.param("tests.house.InlineHasher.verify", _fails_too, id="hash"),
    pytest.param("smsgw.store.reads.SqlReads.subscriber", _fails_too, id="subscriber"),
    pytest.param("smsgw.service.conversation.count_answer", _fails, id="answers this hour"),
    pytest.param("smsgw.service.desk.judge_sender", _fails, id="blocked or paused"),
    pytest.param("smsgw.service.pay.over_one_payment", _fails, id="limit of a payment"),
    pytest.param("smsgw.sessions.duplicates.judge", _fails, id="the same payment again"),
    pytest.param("tests.house.ScriptedProvider.parameters", _fails, id="what the provider can carry"),
]
BEFORE_THE_HOLD = [
    pytest.param("smsgw.service.confirm.matches", id="whose code"),
    pytest.param("smsgw.service.confirm.judge", id="code"),
    pytest.param("smsgw.service.confirm.over_one_payment", id="limit of a payment"),
    pytest.param("smsgw.service.rules.Rules.month", id="turnover of the month"),
    pytest.param("smsgw.service.wallet.Wallet.hold", id="money"),
    pytest.param("smsgw.store.ledger.SqlLedger.account", id="account"),
    pytest.param("tests.house.ScriptedProvider.parameters", id="order, with the money held already"),
    pytest.param("smsgw.service.confirm.new_call", id="call, with the money held already"),
]


@pytest.mark.proves("I24")
@pytest.mark.parametrize(("check", "fails"), BEFORE_THE_CODE)
async def test_a_check_that_raises_starts_no_payment(
    house: House, monkeypatch: pytest.MonkeyPatch, check: str, fails: Callable[..., object]
) -> None:
    """Whatever cannot be checked is not paid for: no payment, no call, no code, and the SMSC keeps the text."""
    with monkeypatch.context() as broken:
        broken.setattr(check, fails)
        assert await house.receive(PAY) is Ack.RETRY
    assert (list(house.calls), list(house.texts)) == ([], [])
    assert await house.store.reads.payments(ANNA, 5) == []
    assert await house.text(PAY) == ["code"], "and once it works again, the same text pays"


@pytest.mark.proves("I24")
@pytest.mark.parametrize("check", BEFORE_THE_HOLD)
async def test_a_check_that_raises_holds_no_money(house: House, monkeypatch: pytest.MonkeyPatch, check: str) -> None:
    """The unit is rolled back whole: nothing is held or ordered, no try is counted, and the same code pays later."""
    await house.text(PAY)
    before = await house.available()
    with monkeypatch.context() as broken:
        broken.setattr(check, _fails)
        assert await house.receive(house.code) is Ack.RETRY
    payment = await house.payment()
    assert (payment.state, payment.wrong_codes, await house.available()) == (State.AWAITING_CODE, 0, before)
    assert (list(house.calls), list(house.texts)) == ([], [])
    assert await house.text(house.code) == ["receipt"]

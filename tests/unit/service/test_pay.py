"""Pay: who may ask, what the same request means again, and what a new one does to the old."""

import pytest

from smsgw.domain.payment import State
from smsgw.domain.sms import Ack
from smsgw.service.subscribers import block
from tests.house import ANNA, BORIS, PAY, House

OTHER = "SARKOR*n25657*50000*parol1"
WRONG = "SARKOR*n25656*50000*parol2"


async def test_a_good_request_asks_the_provider_first_and_charges_nothing(house: House) -> None:
    await house.receive(PAY)

    assert (await house.payment()).state is State.CHECKING
    assert (len(house.calls), len(house.texts)) == (1, 0)
    assert await house.available() == "1000000"


async def test_the_code_names_payee_account_sum_and_fee(house: House) -> None:
    assert await house.text(PAY) == ["code"]
    assert all(word in house.last_text for word in ("SARKOR", "n25656", "50000", "500", house.code))


async def test_the_code_is_valid_at_the_smsc_only_while_it_lives(house: House) -> None:
    await house.text(PAY)

    assert house.phones.attempts[-1].left_s == 300


@pytest.mark.parametrize("again", [PAY, "sarkor*N25656*50000*parol1", "саркор n25656 50000.00 parol1"])
async def test_the_same_request_while_a_code_waits_sends_the_same_code(house: House, again: str) -> None:
    await house.text(PAY)
    first = house.code
    house.clock.passes(31)

    assert await house.text(again) == ["resent"]
    assert house.code == first
    assert len(await house.store.reads.payments(ANNA, 10)) == 1


async def test_the_same_request_at_once_says_that_the_code_was_just_sent(house: House) -> None:
    await house.text(PAY)

    assert await house.text(PAY) == ["resend_wait"]


async def test_the_same_request_while_the_provider_is_asked_waits(house: House) -> None:
    await house.receive(PAY)
    await house.receive(PAY)

    assert [sms.event for sms in house.texts] == ["checking"]
    assert len(house.calls) == 1


async def test_the_same_request_while_the_money_is_on_its_way_says_so(house: House) -> None:
    await house.text(PAY)
    await house.receive(house.code)
    await house.receive(PAY)

    assert [sms.event for sms in house.texts] == ["processing"]
    assert len(await house.store.reads.payments(ANNA, 10)) == 1


@pytest.mark.parametrize(("after_s", "events"), [(1, ["duplicate"]), (600, ["duplicate"]), (601, ["code"])])
async def test_the_same_payment_again_is_guarded_for_ten_minutes(house: House, after_s: int, events: list[str]) -> None:
    await house.text(PAY)
    await house.text(house.code)
    house.clock.passes(after_s)

    assert await house.text(PAY) == events


async def test_a_new_request_replaces_the_pending_one_and_says_so_first(house: House) -> None:
    await house.text(PAY)
    old = house.code

    assert await house.text(OTHER) == ["replaced", "code"]
    assert house.code != old
    assert [p.state for p in await house.store.reads.payments(ANNA, 10)] == [State.AWAITING_CODE, State.REPLACED]


async def test_a_new_request_replaces_one_that_is_still_checked_without_a_word(house: House) -> None:
    await house.receive(PAY)
    await house.receive(OTHER)
    await house.work_off()

    assert house.events == ["code"]
    assert "n25657" in house.last_text


async def test_a_wrong_password_counts_down_and_the_fifth_pauses_for_half_an_hour(house: House) -> None:
    for left in (4, 3, 2, 1):
        assert await house.text(WRONG) == ["wrong_password"]
        assert f" {left}" in house.last_text
    assert await house.text(WRONG) == ["locked"]
    assert await house.text(PAY) == ["locked"]
    house.clock.passes(30 * 60)
    assert await house.text(PAY) == ["code"]


async def test_a_right_password_forgets_the_wrong_ones_before_it(house: House) -> None:
    for _ in range(4):
        await house.text(WRONG)
    await house.text(PAY)
    await house.text("0")

    assert await house.text(WRONG) == ["wrong_password"]


async def test_the_third_pause_in_a_day_lasts_until_the_contact_centre(house: House) -> None:
    events: list[str] = []
    for _ in range(3):
        for _ in range(5):
            events = await house.text(WRONG)
        house.clock.passes(3600)
    assert events == ["locked_long"]
    house.clock.passes(7 * 24 * 3600)
    assert await house.text(PAY) == ["locked_long"]


async def test_a_pause_stops_paying_only(house: House) -> None:
    for _ in range(5):
        await house.text(WRONG)

    assert await house.text("BALANCE") == ["balance"]


async def test_the_blocked_are_refused_even_with_a_remembered_password(house: House) -> None:
    await house.text(PAY)
    await block(house.store, ANNA)

    assert await house.text(OTHER) == ["is_blocked"]


async def test_a_wrong_password_and_an_unknown_sender_cost_one_full_hash_each(house: House) -> None:
    await house.text(WRONG)
    after_wrong = house.hasher.verified
    await house.text(PAY, BORIS)

    assert (after_wrong, house.hasher.verified) == (1, 2)


async def test_a_remembered_password_costs_no_hash(house: House) -> None:
    await house.text(PAY)
    await house.text(OTHER)

    assert house.hasher.verified == 1


@pytest.mark.proves("A67")
async def test_a_full_hash_queue_asks_the_smsc_for_later_and_writes_nothing(house: House) -> None:
    house.hasher.full = True

    assert await house.receive(PAY) is Ack.RETRY
    assert not await house.store.reads.payments(ANNA, 1)


async def test_codes_never_wait_for_the_hash_queue(house: House) -> None:
    await house.text(PAY)
    house.hasher.full = True

    assert await house.text(house.code) == ["receipt"]


@pytest.mark.parametrize(("minutes", "events"), [(15, ["code"]), (40, ["stale"])])
async def test_a_text_that_the_network_kept_too_long_is_not_acted_upon(
    house: House, minutes: int, events: list[str]
) -> None:
    await house.receive(PAY, sent_at_us=house.clock.now_us() - minutes * 60 * 1_000_000)
    await house.work_off()

    assert house.events == events


async def test_an_amount_that_the_provider_s_unit_cannot_carry_is_refused_before_anything_is_held(house: House) -> None:
    house.providers["sarkor"].carries = lambda order: order.amount.minor % 100 == 0

    assert await house.text("SARKOR*n25656*50000.50*parol1") == ["amount_step"]
    assert not await house.store.reads.payments(ANNA, 1)

"""The queue delivers until an answer is final: nothing is lost, nothing goes on for ever."""

from __future__ import annotations

import math

import pytest

from simulator.settings import SmscSettings
from simulator.smsc.deliveries import Delivery, DeliveryQueue, Outcome
from smsgw.smpp.constants import Status

SETTINGS = SmscSettings(redelivery_delay_s=5.0, attempts_max=3, waiting_max=2)


class House:
    """A queue, and what its deliveries were told."""

    def __init__(self, settings: SmscSettings = SETTINGS) -> None:
        self.queue = DeliveryQueue(settings)
        self.told: list[tuple[Outcome, int | None]] = []

    def put(self) -> Delivery:
        delivery = Delivery("gateway", {}, (), lambda _, outcome, status: self.told.append((outcome, status)))
        self.queue.put(delivery)
        return delivery

    def waiting(self) -> list[Delivery]:
        return list(self.queue.waiting().get("gateway", ()))

    def send(self) -> Delivery:
        delivery = self.queue.waiting()["gateway"].popleft()
        delivery.attempts += 1
        return delivery


@pytest.fixture
def house() -> House:
    return House()


def test_an_ack_ends_it(house: House) -> None:
    house.put()
    house.queue.answered(house.send(), Status.ESME_ROK, 0.0)
    assert (house.told, house.queue.open) == ([(Outcome.ACKED, 0)], 0)


def test_a_refusal_for_good_ends_it(house: House) -> None:
    house.put()
    house.queue.answered(house.send(), Status.ESME_RX_P_APPN, 0.0)
    assert (house.told, house.queue.open) == ([(Outcome.REFUSED, Status.ESME_RX_P_APPN)], 0)


@pytest.mark.parametrize("status", sorted(SETTINGS.redelivery_statuses))
def test_a_later_is_delivered_again_after_the_delay(house: House, status: int) -> None:
    delivery = house.put()
    house.queue.answered(house.send(), status, 10.0)
    house.queue.wake(14.9)
    assert (house.waiting(), house.queue.next_due_s()) == ([], 15.0)
    house.queue.wake(15.0)
    assert (house.waiting(), house.told) == ([delivery], [(Outcome.RETRYING, status)])


def test_no_answer_is_delivered_again_too(house: House) -> None:
    delivery = house.put()
    house.queue.expired(house.send(), 10.0)
    house.queue.wake(15.0)
    assert (house.waiting(), house.told) == ([delivery], [(Outcome.RETRYING, None)])


def test_what_a_lost_connection_gives_back_goes_first_in_its_old_order(house: House) -> None:
    first, second = house.put(), house.put()
    sent = [house.send(), house.send()]
    third = house.put()
    house.queue.lost(sent)
    assert house.waiting() == [first, second, third]


def test_after_too_many_attempts_it_is_given_up(house: House) -> None:
    house.put()
    for _ in range(SETTINGS.attempts_max):
        house.queue.lost([house.send()])
    assert house.told[-1] == (Outcome.GIVEN_UP, None)
    assert (house.waiting(), house.queue.open, house.queue.given_up, house.queue.redelivered) == ([], 0, 1, 2)


def test_it_is_full_while_as_many_are_open_as_may_be(house: House) -> None:
    full = []
    for _ in range(SETTINGS.waiting_max):
        full.append(house.queue.is_full)
        house.put()
    full.append(house.queue.is_full)
    house.queue.answered(house.send(), Status.ESME_ROK, 0.0)
    full.append(house.queue.is_full)
    assert full == [False, False, True, False]


def test_a_gateway_that_takes_no_receipts_leaves_room_for_others() -> None:
    house = House(SmscSettings(waiting_max=30))
    rooms = []
    for _ in range(3):
        rooms.append(house.queue.has_room_for_receipt("gateway"))
        house.put()
    assert rooms == [True, True, True], "a tenth of all that may wait"
    assert not house.queue.has_room_for_receipt("gateway")
    assert house.queue.has_room_for_receipt("another")
    assert not house.queue.is_full


def test_who_has_nothing_waiting_is_not_gone_through(house: House) -> None:
    house.put()
    house.queue.wake(0.0)
    assert list(house.queue.waiting()) == ["gateway"]
    house.send()
    house.queue.wake(0.0)
    assert list(house.queue.waiting()) == []


@pytest.mark.parametrize(
    ("growth", "longest_s", "delays_s"),
    [
        (1.0, 3_600.0, [5.0, 5.0, 5.0]),
        (2.0, 3_600.0, [5.0, 10.0, 20.0, 40.0]),
        (2.0, 12.0, [5.0, 10.0, 12.0, 12.0]),
        (10.0, 1.0, [5.0, 5.0]),  # what was asked for is not cut
        (1_000.0, 60.0, [5.0, *[60.0] * 200]),  # no power of it overflows
    ],
)
def test_delays_grow_up_to_their_longest(growth: float, longest_s: float, delays_s: list[float]) -> None:
    settings = SmscSettings(
        redelivery_delay_s=5.0, redelivery_growth=growth, redelivery_delay_max_s=longest_s, attempts_max=1_000
    )
    house, now_s = House(settings), 0.0
    house.put()
    for delay_s in delays_s:
        house.queue.answered(house.send(), Status.ESME_RMSGQFUL, now_s)
        assert house.queue.next_due_s() - now_s == delay_s
        now_s += delay_s
        house.queue.wake(now_s)


def test_what_is_put_for_later_waits_for_its_time(house: House) -> None:
    delivery = Delivery("gateway", {}, (), lambda *_: None)
    house.queue.put_later(delivery, 3.0)
    assert (house.queue.open, house.queue.next_due_s(), house.waiting()) == (1, 3.0, [])
    house.queue.wake(3.0)
    assert house.waiting() == [delivery]


def test_what_nobody_takes_is_given_up_when_its_time_is_over(house: House) -> None:
    house.put().give_up_at_s = 10.0
    house.queue.wake(9.9)
    assert (house.told, house.queue.next_due_s()) == ([], 10.0)
    house.queue.wake(10.0)
    assert (house.told, house.queue.open, house.queue.given_up) == ([(Outcome.GIVEN_UP, None)], 0, 1)
    assert house.queue.next_due_s() == math.inf


def test_what_was_refused_and_comes_back_too_late_is_given_up(house: House) -> None:
    house.put().give_up_at_s = 4.0
    house.queue.answered(house.send(), Status.ESME_RMSGQFUL, 0.0)
    house.queue.wake(5.0)
    assert [outcome for outcome, _ in house.told] == [Outcome.RETRYING, Outcome.GIVEN_UP]

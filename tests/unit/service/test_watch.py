"""How long payments are watched: by time that really passed, from the latest sending on."""

from smsgw.domain.calls import ProviderCall
from smsgw.service.watch import WATCHED_MAX, Watch
from tests.house import HandClock
from tests.unit.settlement.samples import a_call


def sent(payment_id: int, at_us: int = 1) -> ProviderCall:
    return a_call(payment_id=payment_id, first_sent_at_us=1, sent_at_us=at_us)


def test_it_counts_from_the_sending_and_anew_from_the_next_whoever_sent_it() -> None:
    clock = HandClock()
    watch = Watch(clock)
    watch.watched_s(sent(7))
    clock.passes(100)
    assert watch.watched_s(sent(7)) == 100
    assert watch.watched_s(sent(7, at_us=2)) == 0
    clock.passes(5)
    assert watch.watched_s(sent(7, at_us=2)) == 5


def test_what_another_process_has_sent_counts_from_the_first_look() -> None:
    clock = HandClock()
    watch = Watch(clock)
    assert watch.watched_s(sent(7)) == 0
    clock.passes(30)
    assert watch.watched_s(sent(7)) == 30


def test_what_has_ended_is_forgotten_and_so_is_the_oldest_of_too_many() -> None:
    """To forget only makes the wait begin anew."""
    clock = HandClock()
    watch = Watch(clock)
    for payment_id in (1, 2):
        watch.watched_s(sent(payment_id))
    clock.passes(1)
    watch.end(sent(2))
    assert watch.watched_s(sent(2)) == 0
    for payment_id in range(10, 10 + WATCHED_MAX):
        watch.watched_s(sent(payment_id))
    clock.passes(1)
    assert watch.watched_s(sent(1)) == 0

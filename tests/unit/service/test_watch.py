"""How long payments are watched: by time that really passed, from the latest sending on."""

from smsgw.service.watch import WATCHED_MAX, Watch
from tests.house import HandClock


def test_it_counts_from_the_latest_sending() -> None:
    clock = HandClock()
    watch = Watch(clock)
    watch.begin(7)
    clock.passes(100)
    assert watch.watched_s(7) == 100
    watch.begin(7)
    clock.passes(5)
    assert watch.watched_s(7) == 5


def test_what_another_process_has_sent_counts_from_the_first_look() -> None:
    clock = HandClock()
    watch = Watch(clock)
    assert watch.watched_s(7) == 0
    clock.passes(30)
    assert watch.watched_s(7) == 30


def test_what_has_ended_is_forgotten_and_so_is_the_oldest_of_too_many() -> None:
    """To forget only makes the wait begin anew."""
    clock = HandClock()
    watch = Watch(clock)
    watch.begin(1)
    watch.begin(2)
    clock.passes(1)
    watch.end(2)
    assert watch.watched_s(2) == 0
    for payment_id in range(10, 10 + WATCHED_MAX):
        watch.begin(payment_id)
    clock.passes(1)
    assert watch.watched_s(1) == 0

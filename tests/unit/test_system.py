"""The real clock and the real randomness."""

from smsgw.system import SystemChance, SystemClock


def test_time_goes_on_in_microseconds() -> None:
    clock = SystemClock()

    assert clock.now_us() > 1_700_000_000_000_000
    assert clock.monotonic_s() <= clock.monotonic_s()


def test_randomness_has_the_size_that_was_asked_for() -> None:
    chance = SystemChance()

    assert 0 <= chance.bits(22) < 1 << 22
    assert len(chance.octets(16)) == 16
    assert chance.octets(16) != chance.octets(16)

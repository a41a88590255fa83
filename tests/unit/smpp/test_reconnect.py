"""How long a link waits before it connects again."""

import pytest

from smsgw.smpp.constants import Status
from smsgw.smpp.reconnect import WAITS, Cause, cause_of, wait_s


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (Status.ESME_RINVPASWD, Cause.CREDENTIALS),
        (Status.ESME_RINVSYSID, Cause.CREDENTIALS),
        (Status.ESME_RBINDFAIL, Cause.CREDENTIALS),
        (Status.ESME_RALYBND, Cause.STILL_BOUND),
        (Status.ESME_RTHROTTLED, Cause.BUSY),
        (Status.ESME_RMSGQFUL, Cause.BUSY),
        (Status.ESME_RSYSERR, Cause.BUSY),
        (0x0400, Cause.CREDENTIALS),
    ],
)
def test_a_refused_bind_is_classified(status: int, cause: Cause) -> None:
    assert cause_of(status) is cause


@pytest.mark.proves("F33")
def test_a_lost_link_is_back_soon_and_wrong_credentials_wait_long() -> None:
    assert wait_s(Cause.LOST, 1, 1.0) == 0.5
    assert wait_s(Cause.CREDENTIALS, 1, 0.0) == 15.0


def test_what_only_a_person_can_mend_waits_longest_and_what_mends_itself_least() -> None:
    """Whoever hammers with a wrong password is banned; an old session ends by itself; a busy SMSC has room soon."""
    first = [wait_s(cause, 1, 1.0) for cause in (Cause.LOST, Cause.BUSY, Cause.STILL_BOUND, Cause.CREDENTIALS)]
    assert first == sorted(set(first))
    assert WAITS[Cause.CREDENTIALS].longest_s == 600.0


@pytest.mark.proves("F24")
@pytest.mark.parametrize("cause", Cause)
def test_waits_grow_and_end_at_the_longest(cause: Cause) -> None:
    waits = [wait_s(cause, failures, 1.0) for failures in range(1, 40)]

    assert waits == sorted(waits)
    assert waits[-1] == WAITS[cause].longest_s


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_jitter_takes_at_most_half(chance: float) -> None:
    assert 0.25 <= wait_s(Cause.LOST, 1, chance) <= 0.5

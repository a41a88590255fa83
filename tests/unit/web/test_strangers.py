"""Whoever tries tokens rests; whoever repeats one, or works beside them, does not."""

from __future__ import annotations

import pytest

from smsgw.domain.secret import Secret
from smsgw.web.operators import digest_of
from smsgw.web.strangers import REST_S, SOURCES_MAX, WRONG_TOKENS_MAX, Strangers, source_of

NOW_S = 1000.0


def tried(count: int, now_s: float = NOW_S, source: str = "192.0.2.1") -> tuple[Strangers, list[bool]]:
    """So many different wrong tokens at one moment, and what each led to."""
    strangers = Strangers()
    return strangers, [strangers.wrong(source, digest_of(Secret(f"token {number}")), now_s) for number in range(count)]


@pytest.mark.proves("A81")
def test_the_tenth_different_wrong_token_begins_a_rest() -> None:
    strangers, begins = tried(WRONG_TOKENS_MAX)

    assert begins == [False] * 9 + [True]
    assert strangers.rests_s("192.0.2.1", NOW_S) == REST_S


def test_nine_wrong_tokens_are_mistakes() -> None:
    strangers, _ = tried(WRONG_TOKENS_MAX - 1)

    assert strangers.rests_s("192.0.2.1", NOW_S) == 0


def test_the_same_wrong_token_counts_once() -> None:
    """A script that nobody has told of the new token locks nobody out."""
    strangers = Strangers()
    for second in range(1000):
        assert not strangers.wrong("127.0.0.1", digest_of(Secret("old")), NOW_S + second / 100)

    assert strangers.rests_s("127.0.0.1", NOW_S + 10) == 0


@pytest.mark.parametrize(("later_s", "rests_s"), [(0, 60), (59, 1), (60, 0), (61, 0)])
def test_a_rest_lasts_a_minute(later_s: float, rests_s: float) -> None:
    strangers, _ = tried(WRONG_TOKENS_MAX)

    assert strangers.rests_s("192.0.2.1", NOW_S + later_s) == rests_s


def test_after_the_rest_all_begins_anew() -> None:
    strangers, _ = tried(WRONG_TOKENS_MAX)
    begins = [
        strangers.wrong("192.0.2.1", digest_of(Secret(f"new {n}")), NOW_S + REST_S) for n in range(WRONG_TOKENS_MAX)
    ]

    assert begins == [False] * 9 + [True]


def test_the_rest_of_one_source_is_not_anothers() -> None:
    strangers, _ = tried(WRONG_TOKENS_MAX)

    assert strangers.rests_s("192.0.2.2", NOW_S) == 0


def test_the_sources_that_are_remembered_are_bounded() -> None:
    strangers = Strangers()
    for number in range(2 * SOURCES_MAX):
        strangers.wrong(str(number), digest_of(Secret("x")), NOW_S)

    assert len(strangers._tried) == SOURCES_MAX


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        (None, "", True),
    ],
)
def test_an_ipv6_network_is_one_source(one: str | None, other: str, same: bool) -> None:  # noqa: FBT001 -- a column
    assert (source_of(one) == source_of(other)) is same

"""Retry-After, in its two forms and in the many that are neither (RFC 9110, 10.2.3 and 5.6.7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from smsgw.providers.retry_after import RETRY_AFTER_S_MAX, retry_after_s

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


@pytest.mark.proves("F44")
@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("", 0),
        ("0", 0),
        ("1", 1),
        (" 120 ", 120),
        ("600", 600),
        ("601", 600),
        ("86400", 600),
        ("9" * 18, 600),
        ("9" * 5_000, 0),
        ("-1", 0),
        ("+1", 0),
        ("1.5", 0),
        ("1e2", 0),
        ("٣", 0),
        ("soon", 0),
        ("Sat, 21 Nov 2026 14:00:07 GMT", 7),
        ("Saturday, 21-Nov-26 14:00:07 GMT", 7),
        ("Sat Nov 21 14:00:07 2026", 7),
        ("Sat, 21 Nov 2026 19:00:07 +0500", 7),
        ("Sat, 21 Nov 2026 13:59:59 GMT", 0),
        ("Sun, 22 Nov 2026 14:00:00 GMT", 600),
        ("Fri, 31 Dec 9999 23:59:59 -2300", 600),
        ("Mon, 01 Jan 0001 00:00:00 +2300", 0),
        ("Sat, 32 Nov 2026 14:00:07 GMT", 0),
    ],
)
def test_what_the_header_asks_for(text: str, wait_s: int) -> None:
    assert retry_after_s(text, NOW) == wait_s


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,5} [0-9:]{1,9}( [+-][0-9]{1,6})?"))
def test_no_header_does_more_than_wait(text: str) -> None:
    assert 0 <= retry_after_s(text, NOW) <= RETRY_AFTER_S_MAX

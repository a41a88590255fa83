"""The address of the page names its phones."""

from __future__ import annotations

import pytest

from simulator.page.handsets import DEFAULT, PHONES_MAX, Handset, read_handsets, write_handsets

ANNA = Handset("+998901234567", "1400")


@pytest.mark.parametrize(
    ("query", "handsets"),
    [
        ("", [DEFAULT]),
        ("from=%2B998901234567&to=1400", [ANNA]),
        ("from=+998901234567", [ANNA]),  # a plus that nobody escaped
        ("from=998901234567", [Handset("998901234567", "1400")]),
        ("from=1&from=2&to=777", [Handset("1", "777"), Handset("2", "777")]),
        ("from=1&to=777&from=2&to=1400", [Handset("1", "777"), Handset("2", "1400")]),
        ("from=1&from=%2B1", [Handset("1", "1400")]),
        ("to=777", [Handset(DEFAULT.sender, "777")]),
        ("from=" + "1" * 21, [DEFAULT]),
        ("from=%D1%81&from=%00&from=++&to=%FF", [DEFAULT]),
        ("x=1&from", [DEFAULT]),
    ],
)
def test_phones_are_read_and_what_is_no_number_is_left_out(query: str, handsets: list[Handset]) -> None:
    assert read_handsets(query) == handsets


def test_there_are_not_more_phones_than_a_screen_holds() -> None:
    assert len(read_handsets("&".join(f"from={number}" for number in range(100, 200)))) == PHONES_MAX


def test_what_is_written_is_read_again() -> None:
    handsets = [ANNA, Handset("Bank & Co", "+7"), Handset("1", "777")]
    assert read_handsets(write_handsets(handsets)) == handsets

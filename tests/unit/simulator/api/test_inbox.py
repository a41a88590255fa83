"""The query of GET /mt."""

from __future__ import annotations

import pytest

from simulator.api.inbox import LIMIT_MAX, read_wanted
from simulator.smsc.journal import Entry, Item, Kind, ReceiptSent
from simulator.smsc.mt import Mt
from smsgw.smpp.constants import MessageState

MT = Mt("1400", "998901234567", "Code 48 for Sarkor", 0, ("1",), 1, "", "gateway", 3, 1.8e9, "beeline")


def entry(item: Item = MT) -> Entry:
    return Entry(3, 1.8e9, Kind.MT, "998901234567", item)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({}, True),
        ({"from": "1400"}, True),
        ({"from": "1401"}, False),
        ({"contains": "CODE"}, True),
        ({"contains": "paid"}, False),
        ({"operator": "beeline"}, True),
        ({"operator": "ucell"}, False),
        ({"system_id": "gateway"}, True),
        ({"system_id": "other"}, False),
        ({"from": "1400", "contains": "code", "operator": "ucell"}, False),
    ],
)
def test_every_filter_must_fit(query: dict[str, str], fits: bool) -> None:  # noqa: FBT001 -- a column of the table
    assert read_wanted(query).fits(entry()) is fits


def test_only_texts_are_wanted() -> None:
    assert not read_wanted({}).fits(entry(ReceiptSent("1", MessageState.DELIVERED)))


@pytest.mark.parametrize(("written", "limit"), [({}, 0), ({"limit": "5"}, 5), ({"limit": str(LIMIT_MAX)}, LIMIT_MAX)])
def test_a_limit_is_a_number(written: dict[str, str], limit: int) -> None:
    assert read_wanted(written).limit == limit


@pytest.mark.parametrize("written", ["-1", "x", "1.5", "", str(LIMIT_MAX + 1)])
def test_another_limit_is_named(written: str) -> None:
    with pytest.raises(ValueError, match="limit: "):
        read_wanted({"limit": written})

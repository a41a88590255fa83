"""Statuses are read as people write them."""

from __future__ import annotations

import pytest

from simulator.smsc.statuses import read_status, status_name


@pytest.mark.parametrize(
    ("written", "status"), [("ESME_RTHROTTLED", 0x58), ("0x58", 0x58), ("88", 88), (88, 88), (0, 0), ("0x400", 0x400)]
)
def test_a_status_is_a_name_or_a_number(written: object, status: int) -> None:
    assert read_status(written) == status


@pytest.mark.parametrize("written", ["ESME_LATER", "", "-1", -1, True, None, 1.5, 2**32])
def test_anything_else_is_refused_with_an_example(written: object) -> None:
    with pytest.raises(ValueError, match="ESME_RTHROTTLED"):
        read_status(written)


def test_statuses_have_their_names_and_operators_own_their_numbers() -> None:
    assert (status_name(0x58), status_name(0x401)) == ("ESME_RTHROTTLED", "0x00000401")

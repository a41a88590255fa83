"""Which link a text leaves by."""

from __future__ import annotations

import pytest

from smsgw.smpp.routing import Way, choose
from smsgw.smpp.status import LinkHealth

ANNA = "+998901234567"
HOME = Way("home", ("+99890", "+99891"), LinkHealth.OK, submits=True)
HOME_DOWN = HOME._replace(health=LinkHealth.DOWN, submits=False)
HOME_THROTTLED = HOME._replace(health=LinkHealth.DEGRADED)
COUNTRY = Way("country", ("+998",), LinkHealth.OK, submits=True)
TWIN = Way("twin", ("+99890",), LinkHealth.OK, submits=True)
TWIN_THROTTLED = TWIN._replace(health=LinkHealth.DEGRADED)
TWIN_DEAF = TWIN._replace(health=LinkHealth.DEGRADED, submits=False)
OTHERS = Way("others", ("+99893",), LinkHealth.OK, submits=True)
ALONE = Way("alone", (), LinkHealth.OK, submits=True)


@pytest.mark.parametrize(
    ("ways", "chosen"),
    [
        ([HOME, TWIN], "home"),
        ([HOME_THROTTLED, TWIN], "home"),
        ([HOME_DOWN, TWIN], "twin"),
        ([HOME_DOWN, COUNTRY, TWIN], "twin"),
        ([HOME_DOWN, TWIN_THROTTLED, COUNTRY], "country"),
        ([HOME_DOWN, TWIN_THROTTLED], "twin"),
        ([HOME_DOWN, TWIN_DEAF], "home"),
        ([HOME_DOWN, OTHERS, ALONE], "home"),
        ([HOME_DOWN, TWIN._replace(name="first"), TWIN], "first"),
        ([TWIN], "twin"),
        ([HOME_DOWN], "home"),
        ([], "home"),
    ],
)
def test_a_text_leaves_by(ways: list[Way], chosen: str) -> None:
    assert choose("home", ANNA, ways) == chosen

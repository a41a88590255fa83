"""A house with one subscriber who has money, and the operations over it."""

import pytest

from smsgw.web.operations import Operations
from tests.house import CHEAP, House


@pytest.fixture
async def house() -> House:
    built = House()
    await built.enrol()
    return built


@pytest.fixture
def operations(house: House) -> Operations:
    return Operations(house.rules, house.store, house.chance, CHEAP)

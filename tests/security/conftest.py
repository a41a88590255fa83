"""A house with one subscriber who has money."""

import pytest

from tests.house import House


@pytest.fixture
async def house() -> House:
    built = House()
    await built.enrol()
    return built

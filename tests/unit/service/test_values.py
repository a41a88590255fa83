"""What people read of a payment."""

from dataclasses import replace

import pytest

from smsgw.service.values import minutes, payment_values, time_values
from tests.house import PAY, House, house_rules


async def test_the_values_of_a_payment(house: House) -> None:
    await house.text(PAY)
    values = payment_values(await house.payment(), house.rules)

    assert values == {
        "prov": "SARKOR",
        "acc": "n25656",
        "amt": "50000",
        "fee": "500",
        "total": "50500",
        "no": "10000000",
        "cur": "UZS",
        "card": "wallet",
    }


async def test_the_money_comes_from_the_payment_s_own_source(house: House) -> None:
    await house.text(PAY)
    payment = replace(await house.payment(), source="*0551")

    assert payment_values(payment, house.rules)["card"] == "*0551"


@pytest.mark.parametrize(
    ("duration_s", "text"), [(0, "1"), (1, "1"), (60, "1"), (60.000_001, "2"), (300, "5"), (-5, "1")]
)
def test_a_started_minute_counts(duration_s: float, text: str) -> None:
    assert minutes(int(duration_s * 1_000_000)) == text


def test_times_are_those_of_the_service_s_zone() -> None:
    assert time_values(1_500_312_360_000_000, house_rules()) == {"dt": "17.07.17 17:26", "d": "17.07.17"}

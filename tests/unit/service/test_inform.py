"""Help, list, status and balance."""

from dataclasses import replace

import pytest

from smsgw.domain.calls import Unknown, Verb
from smsgw.domain.catalogue import Fee
from smsgw.domain.money import UZS
from smsgw.service.inform import fee_text
from smsgw.service.rules import Allowance
from smsgw.service.subscribers import identify
from tests.house import ANNA, BORIS, PAY, House, house_rules, soums


@pytest.mark.parametrize(
    ("fixed_minor", "basis_points", "text"),
    [(0, 0, "0"), (50_000, 0, "500"), (0, 150, "1.5%"), (0, 100, "1%"), (50_000, 105, "1.05%+500")],
)
def test_a_fee_is_told_as_a_rule(fixed_minor: int, basis_points: int, text: str) -> None:
    assert fee_text(Fee(fixed_minor, basis_points), UZS) == text


async def test_help_on_a_provider_shows_a_line_to_copy(house: House) -> None:
    await house.text("HELP SARKOR")

    assert "SARKOR*n25656*500*" in house.last_text


async def test_the_list_has_headings_then_names(house: House) -> None:
    assert await house.text("LIST") == ["list"]
    assert await house.text("LIST 1") == ["list_names"]
    assert "SARKOR, COMNET" in house.last_text


async def test_the_list_is_searched_by_first_letters(house: House) -> None:
    await house.text("LIST SAR")

    assert "SARKOR" in house.last_text
    assert "COMNET" not in house.last_text


async def test_an_empty_heading_says_so(house: House) -> None:
    assert await house.text("LIST 4") == ["list_empty"]


async def test_status_follows_the_payment_through_its_life(house: House) -> None:
    await house.receive(PAY)
    await house.receive("STATUS")
    await house.work_off()
    assert house.events == ["status_checking", "code"]
    house.events.clear()
    assert await house.text("STATUS") == ["status_awaiting_code"]
    house.providers["sarkor"].answers[Verb.PAY].append(Unknown("timeout"))
    await house.text(house.code)
    assert await house.text("STATUS") == ["status_processing"]


@pytest.mark.parametrize("text", ["спасибо", "Bank: Code 777777, tell nobody"])
async def test_what_means_nothing_is_told_where_a_payment_stands_that_is_carried_out(house: House, text: str) -> None:
    """`Nothing was charged` would be read as its end, and it would be paid once more."""
    await house.text(PAY)
    house.providers["sarkor"].answers[Verb.PAY].append(Unknown("timeout"))
    await house.text(house.code)

    assert await house.text(text) == ["status_processing"]


async def test_status_by_number_is_for_the_payer_only(house: House) -> None:
    await house.enrol(BORIS)
    await house.text(PAY)
    await house.text(house.code)
    number = (await house.payment()).number

    assert await house.text(f"STATUS {number}") == ["status_executed"]
    assert await house.text(f"STATUS {number}", BORIS) == ["status_none"]


async def test_balance_tells_what_is_there_and_what_the_month_still_allows(house: House) -> None:
    await house.text(PAY)
    await house.text(house.code)
    await house.text("BALANCE")

    assert "949500" in house.last_text
    assert "59950000" in house.last_text


async def test_balance_tells_what_the_subscriber_s_own_level_still_allows() -> None:
    rules = house_rules()
    levels = {"anonymous": Allowance(day=soums("60000"), month=soums("60000"))}
    house = House(replace(rules, limits=replace(rules.limits, levels=levels)))
    await house.enrol()
    await identify(house.store, ANNA, "anonymous")
    await house.text(PAY)
    await house.text(house.code)
    await house.text("BALANCE")

    assert "pay 10000 UZS" in house.last_text

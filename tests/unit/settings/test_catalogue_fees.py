"""The fee of a table in providers.toml: on top or inside, for every source of money or for one."""

from pathlib import Path
from typing import Any

import pytest

from smsgw.domain.catalogue import Fee
from smsgw.settings.catalogue import read_providers

TABLE: dict[str, Any] = {
    "title": "COMNET",
    "protocol": "osmp",
    "url": "http://127.0.0.1/",
    "amount": {"min": "1000", "max": "30000"},
}
INSIDE = {"percent": "1.5", "from_amount": True}


def problems(changes: dict[str, Any]) -> list[tuple[str, str]]:
    _, found = read_providers({"comnet": TABLE | changes}, Path("providers.toml"))
    return [(problem.key, problem.reason) for problem in found]


def test_a_fee_is_on_top_unless_the_table_says_that_it_is_inside() -> None:
    tables = {"top": TABLE | {"fee": {"fixed": "5"}}, "inside": TABLE | {"fee": INSIDE}}
    sections, found = read_providers(tables, Path("providers.toml"))

    assert found == []
    assert sections["top"].payee("top").fee == Fee(500)
    assert sections["inside"].payee("inside").fee == Fee(0, 150, from_amount=True)


def test_one_source_of_money_may_have_a_fee_of_its_own() -> None:
    table = TABLE | {"fee": {"fixed": "5"}, "source_fees": {"wallet": INSIDE}}
    sections, _ = read_providers({"comnet": table}, Path("providers.toml"))
    payee = sections["comnet"].payee("comnet")

    assert payee.fee_of("wallet") == Fee(0, 150, from_amount=True)
    assert payee.fee == Fee(500)


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"source_fees": {"walet": INSIDE}}, "comnet.source_fees.walet", "wallet"),
        ({"fee": {"percent": "100", "from_amount": True}}, "comnet", "leave nothing"),
        ({"fee": INSIDE, "amount": TABLE["amount"] | {"price": "1000"}}, "comnet", "gets a fixed price whole"),
        ({"source_fees": {"wallet": {"fixed": "5,0"}}}, "comnet", "'5,0' is no sum"),
    ],
)
def test_a_fee_that_cannot_be_meant_is_named(changes: dict[str, Any], key: str, reason: str) -> None:
    """A source that nobody knows would otherwise be charged by another fee in silence."""
    found = problems(changes)

    assert [place for place, _ in found if place.startswith(key)] == [found[0][0]]
    assert reason in found[0][1]

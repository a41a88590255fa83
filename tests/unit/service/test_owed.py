"""What a day owes: the executed payments that were confirmed on it, and nothing else."""

import pytest

from smsgw.domain.calls import RefusalReason, Refused, Unknown, Verb
from smsgw.domain.phones import Msisdn
from smsgw.service import reconcile as module
from smsgw.service.owed import owed
from tests.house import ANNA, BORIS, PAY, House, soums

DAY = "2026-11-18"


async def owes(house: House, day: str = DAY) -> str:
    return (await owed(house.rules, house.parties, house.store, "sarkor", day)).text()


async def pays(house: House, amount: str, sender: Msisdn = ANNA) -> None:
    await house.text(PAY.replace("50000", amount), sender)
    await house.text(house.code, sender)


async def test_a_day_without_payments_owes_nothing(house: House) -> None:
    assert await owes(house) == "0"


async def test_only_what_was_executed_that_day_counts_and_no_fee(house: House) -> None:
    await house.enrol(BORIS)
    house.providers["sarkor"].answers[Verb.PAY].extend([Refused(RefusalReason.OTHER, "7"), Unknown("time-out")])
    for amount in ("1000", "2000", "4000", "8000.50"):
        house.clock.passes(60)
        await pays(house, amount, BORIS if amount == "2000" else ANNA)
    house.clock.passes(24 * 3600)
    await pays(house, "16000")
    assert (await owes(house), await owes(house, "2026-11-19"), await owes(house, "2026-11-17")) == (
        soums("12000.50").text(),
        "16000",
        "0",
    )


async def test_more_than_a_page_is_added_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for amount in ("1000", "1001", "1002", "1003", "1004"):
        house.clock.passes(1)
        await pays(house, amount)
    assert await owes(house) == "5010"


@pytest.mark.parametrize(("name", "day", "error"), [("nobody", DAY, LookupError), ("sarkor", "soon", ValueError)])
async def test_there_must_be_such_a_day(house: House, name: str, day: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await owed(house.rules, house.parties, house.store, name, day)

"""A whole payment over every protocol: from the text to the receipt, and what the provider's own books say of it.

The gateway is configured as an operator would do it, by a table in providers.toml. Answers get lost, bodies are cut,
servers fail after they have credited: the subscriber gets one receipt, and the provider has credited once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from simulator.billing.faults import Fault, FaultKind
from simulator.billing.provider import BillingSetup
from smsgw.domain.actions import Action, ActionKind, ActionState
from smsgw.domain.payment import State
from smsgw.providers.http import HttpClient
from smsgw.service.actions import Request
from smsgw.service.outcomes import Outcomes
from smsgw.service.parties import Parties
from smsgw.system import SystemClock
from smsgw.wiring import back_office, build_providers
from tests.integration.gateway import (
    DEADLINE_S,
    PASSWORD,
    SECRETS,
    Gateway,
    Payees,
    call_state,
    code_in,
    impatient,
    running_gateway,
)

SECRET: Final = SECRETS["SARKOR_SECRET"]
PLAIN: Final = 'amount = { min = "500", max = "5000000", step = "1" }\n[[NAME.account]]\npattern = "[a-z]+[0-9]*"\n'
# In a hurry: what takes minutes in the field is a second here.
DEADLINES: Final = f"check_deadline_s = {DEADLINE_S}\npay_deadline_s = {DEADLINE_S}\n"
HURRY: Final = f"{DEADLINES}repeat_after_s = 1\nback_off_s = [1]\n"
TABLES: Final = {
    "osmp": ("/providers/osmp/osmp", ""),
    "sber": ("/providers/sber/sber", 'dialect = { preset = "sber" }\n'),
    "payme": ("/providers/payme/payme", ""),
    "paynet": ("/providers/paynet/paynet", "dialect = { service_id = 1 }\n"),
    "click": ("/providers/click/click", "dialect = { service_id = 77 }\n"),
    "json": ("/providers/json/json", ""),
    "sarkor": ("/providers/sarkor", ""),
}
PROTOCOL_OF: Final = {"sber": "osmp"}
# SARKOR's can be asked nothing twice: what is lost there waits for a person.
ASKING: Final = sorted(TABLES.keys() - {"sarkor"})
CANCELLING: Final = ("json", "payme", "paynet")


def table(name: str) -> str:
    path, more = TABLES[name]
    protocol = PROTOCOL_OF.get(name, name)
    head = f'[{name}]\ntitle = "{name.upper()}"\nprotocol = "{protocol}"\nurl = "{{url}}{path}"\n'
    login = {"payme": "Paycom"}.get(name, "smsgw")
    return f'{head}login = "{login}"\nsecret_env = "SARKOR_SECRET"\n{HURRY}{more}{PLAIN.replace("NAME", name)}'


PAYEES: Final = Payees(
    tuple(
        BillingSetup(
            name=name,
            protocol=name,
            login="Paycom" if name == "payme" else "smsgw",
            password=SECRET,
            dedupes=name != "sarkor",
        )
        for name in TABLES
    ),
    "\n".join(table(name) for name in TABLES),
)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with running_gateway(tmp_path, payees=PAYEES) as running:
        yield running


@pytest.fixture
async def in_doubt(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway that soon takes an answer for lost."""
    async with running_gateway(tmp_path, impatient, payees=PAYEES) as running:
        yield running


def fault(gateway: Gateway, name: str, kind: str, **options: object) -> None:
    gateway.simulator.billings[name].faults.put(Fault(kind=FaultKind(kind), **options))  # type: ignore[arg-type]


async def confirmed(gateway: Gateway, name: str) -> str:
    """Order 5000 and confirm it; the text that answers the code."""
    asked = await gateway.ask(f"{name.upper()}*ali77*5000*{PASSWORD}")
    return (await gateway.ask(code_in(asked))).text


@pytest.mark.parametrize("name", TABLES)
async def test_a_payment_over_every_protocol(gateway: Gateway, name: str) -> None:
    receipt = await confirmed(gateway, name)
    assert "PAID" in receipt
    assert gateway.credits(name) == [("ali77", 500_000)]
    assert (await gateway.money())["taken"] == 500_000


@pytest.mark.proves("F35", "F37")
@pytest.mark.parametrize("kind", ["apply_then_timeout", "http_500_after_apply", "half_body", "drop_after_request"])
@pytest.mark.parametrize("name", ASKING)
async def test_an_answer_that_got_lost_is_found_and_the_payment_credited_once(
    in_doubt: Gateway, name: str, kind: str
) -> None:
    fault(in_doubt, name, kind)
    assert "IN PROCESSING" in await confirmed(in_doubt, name)
    await in_doubt.until_state(State.EXECUTED)
    assert in_doubt.credits(name) == [("ali77", 500_000)]


@pytest.mark.parametrize("kind", ["apply_then_timeout", "timeout_without_apply", "garbage"])
async def test_what_can_be_asked_nothing_is_parked_with_the_money_held(in_doubt: Gateway, kind: str) -> None:
    fault(in_doubt, "sarkor", kind)
    assert "IN PROCESSING" in await confirmed(in_doubt, "sarkor")
    assert await call_state(in_doubt) == "parked"
    assert (await in_doubt.money())["held"] == 500_000


@pytest.mark.parametrize("name", TABLES)
async def test_an_account_that_does_not_exist_charges_nothing(gateway: Gateway, name: str) -> None:
    """Told before the code where the protocol can ask; where it cannot, after it, with the hold given back."""
    asked = await gateway.ask(f"{name.upper()}*ali000*5000*{PASSWORD}")
    if name == "click":
        asked = await gateway.ask(code_in(asked))
        assert "NOT EXECUTED" in asked.text
    else:
        assert "ali000" in asked.text
    await gateway.until_state(State.NOT_EXECUTED)
    assert gateway.credits(name) == []
    assert await gateway.money() == {"taken": 0, "held": 0, "paid_in": 100_000_000}


@pytest.mark.parametrize("name", CANCELLING)
async def test_a_refund_goes_back_through_the_provider(gateway: Gateway, name: str) -> None:
    """A person asks, the running gateway's worker cancels at the provider, and the subscriber reads of it."""
    await confirmed(gateway, name)
    paid = await gateway.payment()
    last = await gateway.ask("BALANCE")
    async with HttpClient() as http:
        configuration = gateway.configuration
        parties = Parties(build_providers(configuration.providers, configuration.secrets, http), {})
        outcomes = Outcomes(configuration.rules, {})
        desk = back_office(configuration, parties, outcomes, gateway.app.store, SystemClock()).actions
        action = await desk.about_payment(ActionKind.REFUND, paid.number, Request("aziza", "the wrong account"))
    assert isinstance(action, Action)
    assert action.state is ActionState.SENT
    assert "RETURNED" in (await gateway.next(last)).text
    await gateway.until_state(State.RETURNED)
    assert gateway.credits(name) == []
    assert "1000000 UZS" in (await gateway.ask("BAL")).text

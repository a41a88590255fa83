"""The people's side of money over a house: operators with tokens, their operations, a shelf in memory."""

from __future__ import annotations

from functools import partial
from typing import Final

from smsgw.domain.actions import Action, ActionState
from smsgw.domain.calls import Answer, Capabilities, Verb
from smsgw.domain.money import UZS
from smsgw.domain.secret import Secret
from smsgw.service.actions import Actions, NotTaken, Refusal
from smsgw.service.carrying_out import CarryingOut
from smsgw.service.reconcile import Reconciler
from smsgw.service.registries import Registries
from smsgw.web.money import MoneyOperations
from smsgw.web.operators import digest_of
from smsgw.web.runs import Run, Runs, reconcile_day
from tests.house import PAY, House, ScriptedProvider

AZIZA_TOKEN: Final = "token-of-aziza-0001"
BOBUR_TOKEN: Final = "token-of-bobur-0002"
OPERATORS: Final = {"aziza": digest_of(Secret(AZIZA_TOKEN)), "bobur": digest_of(Secret(BOBUR_TOKEN))}
# The clock of the house stands at 2026-11-18 16:06:40 in Tashkent.
DAY: Final = "2026-11-18"


class MemoryShelf:
    """Implements `ports.Shelf`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, name: str, octets: bytes) -> None:
        self.files[name] = octets


def money_of(house: House, run: Run | None = None) -> MoneyOperations:
    """The operations over a house; *run* in place of the real reconciliation."""
    reconciler = Reconciler(house.rules, house.parties, house.outcomes, house.store, house.clock)
    registries = Registries(house.rules, house.parties, house.store, MemoryShelf())
    return MoneyOperations(
        rules=house.rules,
        parties=house.parties,
        store=house.store,
        taking=desk(house),
        runs=Runs(run or partial(reconcile_day, reconciler, registries)),
    )


async def paid(house: House, capabilities: Capabilities | None = None, amount: str = "50000", **answers: Answer) -> str:
    """Anna has paid SARKOR, which answered so; the number of the payment."""
    provider = house.providers["sarkor"] = ScriptedProvider(capabilities)
    for verb, answer in answers.items():
        provider.answers[Verb(verb)].append(answer)
    await house.text(PAY.replace("50000", amount))
    await house.text(house.code)
    return str((await house.payment()).number)


def desk(house: House) -> Actions:
    """The money actions over a house."""
    return Actions(house.rules, house.parties, CarryingOut(house.parties, house.outcomes), house.store)


def is_done(action: Action | NotTaken, state: ActionState = ActionState.DONE) -> Action:
    """Check that it was taken, and stands so."""
    assert isinstance(action, Action), action
    assert action.state is state
    return action


def is_refused(action: Action | NotTaken, refusal: Refusal, words: str) -> None:
    """Check why it was not."""
    assert isinstance(action, NotTaken), action
    assert action.refusal is refusal
    assert words in action.why


async def balance(house: House, account: str) -> str:
    """What an account of the books holds."""
    return (await house.store.write("", lambda tx: tx.ledger.account(account, UZS))).balance.text()


async def sound(house: House) -> bool:
    """True if the books balance."""
    return await house.store.reads.unbalanced() == []

"""Two nodes on one PostgreSQL get texts of one person at the same moment: one of them wins, and the books agree."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest

from simulator.smsc.mt import Mt
from smsgw import wiring
from smsgw.domain.phones import Msisdn
from smsgw.store import lease
from tests.contract.store.cutting import Cut, CuttingProxy
from tests.integration.gateway import PASSWORD, WAIT_S, code_in
from tests.integration.nodes import PEOPLE, Nodes, running_nodes
from tests.integration.running_link import until

pytestmark = pytest.mark.postgres

CODES = 50
ORDER = f"COMNET*{{account}}*1000*{PASSWORD}"


@pytest.fixture
async def nodes(tmp_path: Path, postgres_url: str) -> AsyncIterator[Nodes]:
    async with running_nodes(tmp_path, postgres_url) as both:
        yield both


@pytest.mark.proves("F18")
async def test_payments_whose_commits_are_cut_off_are_made_once(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fourth COMMIT of a whole gateway loses its link, before or after the server has got it.

    What a unit that stands had for its node to do is then handed to nobody: it is claimed when its lease ends.
    """
    monkeypatch.setattr(lease, "BIRTH_LEASE_US", 1_000_000)
    monkeypatch.setattr(wiring, "CLAIM_LEASE_S", 1)
    monkeypatch.setattr(wiring, "SUBMIT_LEASE_S", 1)
    with CuttingProxy(postgres_url) as proxy:
        async with running_nodes(tmp_path, proxy.url, count=1) as nodes:
            proxy.cuts.extend(cut for each in [Cut.AFTER, Cut.BEFORE, Cut.AT] * 20 for cut in (None, None, None, each))
            texts = await asyncio.gather(*(nodes.pay(msisdn, 1) for msisdn in PEOPLE))
            proxy.cuts.clear()
            await nodes.gateway.prove()
            payments = await nodes.gateway.app.store.reads.payments(None, 1000)
    assert [text for text in texts if "PAID" not in text] == []
    assert len(payments) == len(texts)
    assert proxy.made > len(texts), "hardly anything was cut"


@pytest.mark.proves("F52")
async def test_fifty_right_codes_at_two_nodes_pay_once(nodes: Nodes, postgres_url: str) -> None:
    """Each of them is another delivery: one pays, the others are told how the payment stands."""
    gateway, (anna, *_) = nodes.gateway, PEOPLE
    asked = await gateway.ask(ORDER.format(account="ali1"), anna)
    code = code_in(asked)
    await asyncio.gather(*(gateway.send(code + " " * blanks, anna) for blanks in range(CODES)))
    await until(lambda: "PAID" in "".join(answers(nodes, anna)), WAIT_S)
    await gateway.prove()
    assert gateway.credits("comnet") == [("ali1", 100_000)]
    with psycopg.connect(postgres_url) as session:
        held = session.execute("SELECT kind, count(*) FROM transfers WHERE payment_id IS NOT NULL GROUP BY kind")
        assert dict(held.fetchall()) == {"hold": 2, "post": 2}, "amount and fee, once each"
        verdicts = Counter(
            verdict for (verdict,) in session.execute("SELECT verdict FROM messages WHERE msisdn = %s", (anna,))
        )
    assert verdicts.total() == CODES + 1
    assert verdicts["confirmed"] == 1


def answers(nodes: Nodes, msisdn: Msisdn) -> list[str]:
    journal = nodes.gateway.simulator.smsc.journal
    number = msisdn.removeprefix("+")
    return [entry.item.text for entry in journal.since(0) if isinstance(entry.item, Mt) and entry.number == number]


Rival = Callable[[Nodes, Msisdn, str], Awaitable[object]]


async def cancels(nodes: Nodes, msisdn: Msisdn, _: str) -> None:
    await nodes.gateway.send("0", msisdn)


async def orders_again(nodes: Nodes, msisdn: Msisdn, account: str) -> None:
    await nodes.gateway.send(ORDER.format(account=f"{account}b"), msisdn)


async def is_blocked(nodes: Nodes, msisdn: Msisdn, _: str) -> None:
    await nodes.gateway.operations.block(msisdn)


async def runs_out(nodes: Nodes, msisdn: Msisdn, _: str) -> None:
    """The code's time, and the ten seconds of grace after it, are over at once."""
    with psycopg.connect(nodes.url, autocommit=True) as session:
        session.execute(
            "UPDATE payments SET code_deadline_us = code_deadline_us - 311000000 WHERE msisdn = %s", (msisdn,)
        )


@pytest.mark.proves("F53")
@pytest.mark.parametrize(
    ("rival", "beaten"),
    [(cancels, "cancelled"), (orders_again, "replaced"), (is_blocked, "cancelled"), (runs_out, "expired")],
)
async def test_a_code_and_its_rival_have_one_winner(nodes: Nodes, rival: Rival, beaten: str) -> None:
    """Either the payment is made, held and credited once, or it has ended as the rival has it and nothing moved.

    For the first of the people the rival comes first, for the second the code; for all others both come at once.
    """

    async def race(place: int, msisdn: Msisdn) -> None:
        code = code_in(await nodes.gateway.ask(ORDER.format(account=f"ali{place}"), msisdn))
        confirms, rivals = nodes.gateway.send(code, msisdn), rival(nodes, msisdn, f"ali{place}")
        if place == 0:
            await rivals
            await confirms
        elif place == 1:
            await confirms
            await rivals
        else:
            await asyncio.gather(confirms, rivals)

    await asyncio.gather(*(race(place, msisdn) for place, msisdn in enumerate(PEOPLE)))
    unsettled = "SELECT 1 FROM payments WHERE state IN ('checking', 'processing')"
    await until(lambda: not nodes.rows(unsettled), WAIT_S)
    if rival is runs_out:
        await until(lambda: not nodes.rows("SELECT 1 FROM payments WHERE state = 'awaiting_code'"), WAIT_S)
    await nodes.gateway.prove()
    first = dict(nodes.rows("SELECT account::json ->> 0, state FROM payments WHERE account NOT LIKE '%b\"%'"))
    assert set(first.values()) == {"executed", beaten}
    assert sorted(nodes.gateway.credits("comnet")) == sorted(
        (account, 100_000) for account, state in first.items() if state == "executed"
    )
    held = nodes.rows("SELECT name FROM accounts WHERE debits_pending > 0")
    assert held == [], "money is held for nothing"
    answered = [len(answers(nodes, msisdn)) for msisdn in PEOPLE]
    assert min(answered) >= 2 - (rival is is_blocked), "a text was not answered"

"""Two gateways on one PostgreSQL, bound to one operator: whichever gets a text goes on with what the other began."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from smsgw.domain.payment import State
from tests.integration.gateway import PASSWORD, WAIT_S, code_in
from tests.integration.nodes import DIALOGUES, PEOPLE, Nodes, bound, running_nodes
from tests.integration.running_link import until

pytestmark = pytest.mark.postgres


@pytest.fixture
async def nodes(tmp_path: Path, postgres_url: str) -> AsyncIterator[Nodes]:
    async with running_nodes(tmp_path, postgres_url) as both:
        yield both


@pytest.mark.proves("I18")
async def test_either_node_takes_the_code_of_a_payment_that_the_other_opened(nodes: Nodes) -> None:
    texts = await nodes.everybody_pays(first=0)

    assert [text for text in texts if "PAID" not in text] == []
    await nodes.gateway.prove()
    taken = [
        line.session.counters["received", "deliver_sm_resp", "ESME_ROK"] for line in nodes.gateway.simulator.smsc.lines
    ]
    assert len(taken) == len(nodes.apps)
    assert min(taken) > 0, "one node did all the work"


async def test_when_one_node_leaves_the_other_goes_on(nodes: Nodes) -> None:
    await nodes.everybody_pays(first=0)
    nodes.stops[1].set()
    await until(lambda: bound(nodes.gateway.simulator) == 1, WAIT_S)
    texts = await nodes.everybody_pays(first=DIALOGUES)

    assert [text for text in texts if "PAID" not in text] == []
    await nodes.gateway.prove()


@pytest.mark.proves("A55")
async def test_fifty_wrong_codes_at_once_over_two_nodes_are_five_tries(nodes: Nodes, postgres_url: str) -> None:
    """Each node reads the count of the other, and the right code after them pays nothing."""
    gateway, anna = nodes.gateway, PEOPLE[0]
    right = code_in(await gateway.ask(f"COMNET*ali1*1000*{PASSWORD}", anna))
    await asyncio.gather(*(gateway.send(f"{(int(right) + by) % 1_000_000:06d}", anna) for by in range(1, 51)))
    await gateway.send(right, anna)

    with psycopg.connect(postgres_url) as session:
        verdicts: dict[str, int] = dict(
            session.execute("SELECT verdict, count(*) FROM messages GROUP BY verdict").fetchall()
        )
        counted = session.execute("SELECT wrong_codes, pauses FROM subscribers WHERE msisdn = %s", (anna,)).fetchone()
    assert (verdicts["wrong_code"], verdicts["code_dead"]) == (4, 2), "the right code is told that it came too late"
    assert counted is not None
    assert counted[0] == 5
    assert (await gateway.payment(anna)).state is State.CODE_SPENT
    assert gateway.credits("comnet") == []
    taken = [line.session.counters["received", "deliver_sm_resp", "ESME_ROK"] for line in gateway.simulator.smsc.lines]
    assert min(taken) > 10, "one node did all the work"

"""The pump's groups: a provider whose exchanges all hang takes nothing from the others."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from smsgw import worker
from smsgw.worker import STRANGERS_WIDTH, Pump, Work


class Providers:
    """Rows are `provider:payment:step`. Those that begin with `hung` have no answer until `release`."""

    def __init__(self, widths: Mapping[str, int], hung: str = "none") -> None:
        self.widths = widths
        self.hung = hung
        self.release = asyncio.Event()
        self.running: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.done: list[str] = []
        self.due: list[str] = []
        self.claims: list[Mapping[str, int]] = []

    async def handle(self, row: str) -> bool:
        provider = provider_of(row)
        self.running[provider] += 1
        self.most[provider] = max(self.most[provider], self.running[provider])
        await (self.release.wait() if row.startswith(self.hung) else asyncio.sleep(0))
        self.running[provider] -= 1
        self.done.append(row)
        return True

    async def put_back(self, row: str) -> None:
        self.due.append(row)

    async def claim(self, rooms: Mapping[str, int]) -> Sequence[str]:
        """The first due rows of each provider, as many as there is room for."""
        self.claims.append(rooms)
        of_each = {name: [row for row in self.due if provider_of(row) == name][:room] for name, room in rooms.items()}
        claimed = [row for rows in of_each.values() for row in rows]
        self.due = [row for row in self.due if row not in claimed]
        return claimed

    async def ends(self) -> None:
        """Let go whatever hangs, so that no task outlives its test."""
        self.release.set()
        await turns(200)

    def pump(self, drain_s: float = 10.0) -> Pump[str]:
        work = Work(
            name="calls",
            widths=self.widths,
            claim=self.claim,
            handle=self.handle,
            put_back=self.put_back,
            group=provider_of,
            key=lambda row: row.rpartition(":")[0],
            drain_s=drain_s,
        )
        return Pump(work)


def provider_of(row: str) -> str:
    return row.partition(":")[0]


def rows(provider: str, count: int) -> list[str]:
    return [f"{provider}:{payment}:pay" for payment in range(count)]


async def turns(count: int = 50) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.proves("F43")
async def test_sixty_four_hung_calls_of_one_provider_do_not_delay_another() -> None:
    work = Providers({"sarkor": 8, "comnet": 8}, hung="sarkor")
    pump = work.pump()
    for row in (*rows("sarkor", 64), *rows("comnet", 20)):
        pump.offer(row)
    await turns()

    assert work.done == rows("comnet", 20)
    assert (work.most, pump.waiting) == ({"sarkor": 8, "comnet": 8}, 56)
    await work.ends()


async def test_each_group_has_its_own_width() -> None:
    work = Providers({"sarkor": 1, "comnet": 3})
    pump = work.pump()
    for row in (*rows("sarkor", 5), *rows("comnet", 5)):
        pump.offer(row)
    await turns()

    assert work.most == {"sarkor": 1, "comnet": 3}
    assert len(work.done) == 10


async def test_order_is_kept_within_a_payment_while_others_of_its_provider_run() -> None:
    work = Providers({"comnet": 8})
    pump = work.pump()
    steps = [f"comnet:{payment}:{step}" for step in ("check", "pay", "cancel") for payment in (1, 2)]
    for row in steps:
        pump.offer(row)
    await turns()

    for payment in ("1", "2"):
        assert [row for row in work.done if row.split(":")[1] == payment] == [
            f"comnet:{payment}:{step}" for step in ("check", "pay", "cancel")
        ]


@pytest.mark.proves("F43")
async def test_a_hung_provider_slows_down_nobody_s_backlog() -> None:
    """No second passes in this test, so all of it was claimed without waiting for the next poll."""
    work = Providers({"sarkor": 8, "comnet": 4}, hung="sarkor")
    work.due = [*rows("sarkor", 64), *rows("comnet", 100)]
    stop = asyncio.Event()
    running = asyncio.create_task(work.pump().run(stop))
    await turns(2000)

    assert (len(work.done), work.running["sarkor"]) == (100, 8)
    assert [row for row in work.due if provider_of(row) == "comnet"] == []
    work.release.set()
    stop.set()
    await running


async def test_a_slow_row_does_not_hold_up_the_backlog_of_its_own_provider() -> None:
    """Half of the places are enough to claim on."""
    work = Providers({"comnet": 4}, hung="comnet:0:")
    work.due = rows("comnet", 41)
    stop = asyncio.Event()
    running = asyncio.create_task(work.pump().run(stop))
    await turns(2000)

    assert work.done == rows("comnet", 41)[1:]
    work.release.set()
    stop.set()
    await running


async def test_only_groups_with_a_free_place_are_claimed_and_only_as_many_rows() -> None:
    work = Providers({"sarkor": 2, "comnet": 3, "imei": 1}, hung="sarkor")
    pump = work.pump()
    for row in rows("sarkor", 2):
        pump.offer(row)
    stop = asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    await turns()

    assert work.claims == [{"comnet": 3, "imei": 1}]
    work.release.set()
    stop.set()
    await running


async def test_rows_that_were_handed_over_are_no_reason_to_claim() -> None:
    """Under load every row comes that way; a claim after each would double the work of the database."""
    work = Providers({"comnet": 2})
    pump = work.pump()
    stop = asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    await turns()
    for row in rows("comnet", 20):
        pump.offer(row)
    await turns(200)

    assert (len(work.done), len(work.claims)) == (20, 1)
    stop.set()
    await running


async def test_memory_has_shares_that_no_group_can_take_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "WAITING_MAX", 20)
    work = Providers({"sarkor": 1, "comnet": 1}, hung="sarkor")
    pump = work.pump()
    for row in (*rows("sarkor", 100), *rows("comnet", 10)):
        pump.offer(row)

    assert pump.waiting == 20
    await turns(100)
    assert (len(work.done), pump.waiting) == (10, 9)
    await work.ends()


async def test_a_stranger_s_rows_are_handled_one_at_a_time() -> None:
    """A provider that left the configuration: a person may still cancel one of its payments."""
    work = Providers({"comnet": 8})
    pump = work.pump()
    for row in rows("gone", 5):
        pump.offer(row)
    await turns()

    assert work.most == {"gone": STRANGERS_WIDTH}
    assert work.done == rows("gone", 5)


@pytest.mark.proves("F56")
async def test_at_a_stop_what_is_in_hand_ends_and_nothing_new_begins() -> None:
    work = Providers({"sarkor": 1}, hung="sarkor")
    pump = work.pump()
    for row in rows("sarkor", 2):
        pump.offer(row)
    stop = asyncio.Event()
    running = asyncio.create_task(pump.run(stop))
    await turns()
    stop.set()
    await turns()
    assert not running.done()
    work.release.set()
    await running

    assert work.done == rows("sarkor", 1)


async def test_what_does_not_end_in_time_is_left_to_its_lease() -> None:
    work = Providers({"sarkor": 1}, hung="sarkor")
    pump = work.pump(drain_s=0.0)
    for row in rows("sarkor", 1):
        pump.offer(row)
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(pump.run(stop), 1)

    assert work.done == []
    await work.ends()

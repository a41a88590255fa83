"""What the page is made of, over HTTP: its HTML and files, the line of events, one PDU, the providers' accounts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from simulator.api.events import HEARTBEAT_S, READERS_MAX
from simulator.api.pages import FILES
from simulator.app import Simulator
from simulator.billing.book import Asked
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings
from simulator.smsc.mo import Text
from tests.integration.raw_smsc import WAIT_S
from tests.integration.scripted_gateway import gateway, scripted

ANNA = "+998901234567"
PROVIDERS = (BillingSetup(name="sarkor", protocol="sarkor"),)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(providers=PROVIDERS)) as running:
        yield running


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(simulator.http_url) as session:
        yield session


class Events:
    """A reader of /events."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> tuple[str, str, Any]:
        """(event, id, data) of the next one."""
        block: dict[str, str] = {}
        while not block.get("data"):
            line = (await asyncio.wait_for(self._response.content.readline(), WAIT_S)).decode().rstrip("\n")
            assert line or block or self._response.content.at_eof() is False, "the line has ended"
            name, _, value = line.partition(": ")
            block[name] = value
        return block["event"], block["id"], json.loads(block["data"])

    async def until(self, *wanted: str) -> dict[str, Any]:
        """The first data of each of these events."""
        found: dict[str, Any] = {}
        while wanted_still := set(wanted) - found.keys():
            event, _, data = await self.next()
            if event in wanted_still:
                found[event] = data
        return found


@asynccontextmanager
async def events(http: aiohttp.ClientSession, query: str = "", last: str = "") -> AsyncIterator[Events]:
    headers = {"Last-Event-ID": last} if last else {}
    async with http.get(f"/events?{query}", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield Events(response)


async def test_a_reader_hears_of_everything_as_it_happens(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with events(http) as reader:
        assert (await reader.next())[0] == "hello"
        begun = await reader.until("session", "fault", "ledger", "conformance")
        assert begun == {
            "conformance": {"verdict": "no_traffic", "counts": {}, "next": 0},
            "session": {"sessions": []},
            "fault": {"smsc": {}, "operators": {"operator": {}}, "providers": {"sarkor": []}},
            "ledger": {"sarkor": {"changes": 0, "credits": 0, "amount_minor": 0, "requests": {}}},
        }
        async with gateway(simulator.smpp_port, scripted("PAID")):
            simulator.send_mo(Text(ANNA, "1400", "HELP"))
            heard = await reader.until("pdu", "session")
            assert heard["pdu"]["command"] == "bind_transceiver"
            assert heard["session"]["sessions"][0]["state"] == "bound_trx"
        simulator.billings["sarkor"].book.judge(Asked("pay", 1, "n25656", 500_00), 1.8e9)
        await http.post("/faults", json={"smsc": {"submit_sm": {"delay_s": 1}}})
        changed = await reader.until("ledger", "fault")
        assert changed["ledger"]["sarkor"]["amount_minor"] == 500_00
        assert changed["fault"]["smsc"]["submit_sm"][0]["delay_s"] == 1


async def test_a_reader_goes_on_where_its_line_broke(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """Neither twice nor not at all; one that has begun anew is known by its name, and heard from the start."""
    simulator.send_mo(Text(ANNA, "1400", "one"))
    async with events(http) as reader:
        boot = (await reader.next())[2]["boot"]
        event, last, data = await reader.next()
        assert (event, last, data["text"]) == ("entry", f"{boot}.1.0", "one")
    simulator.send_mo(Text(ANNA, "1400", "two"))
    async with events(http, "since_entry=0", last) as reader:
        assert (await reader.until("entry"))["entry"]["text"] == "two"
    for stranger in ("other.1.0", f"{boot}.x.0", f"{boot}."):
        async with events(http, last=stranger) as reader:
            assert (await reader.until("entry"))["entry"]["text"] == "one"


async def test_a_reader_hears_of_its_numbers_only(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with events(http, "number=%2B998901234567&number=998907654321") as reader:
        for sender in ("+998931112233", "+998907654321"):
            simulator.send_mo(Text(sender, "1400", "HELP"))
        assert (await reader.until("entry"))["entry"]["number"] == "998907654321"


async def test_pdus_are_masked_unless_asked_for(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """On the line of events and one by one: contents and octets, each by its own word."""
    async with gateway(simulator.smpp_port, scripted("PAID")):
        mo = simulator.send_mo(Text(ANNA, "1400", "parol1"))
        await simulator.next_mt(ANNA, mo.id, WAIT_S)
    deliver = next(seen.id for seen in simulator.network.memory.pdus.since(0) if b"parol1" in seen.octets)
    everything = {"contents", "octets"}
    asked = {"": set[str](), "contents=1": {"contents"}, "octets=1": {"octets"}, "octets=1&contents=1": everything}
    for query, shown in asked.items():
        pdu = await (await http.get(f"/pdus/{deliver}?{query}")).json()
        assert pdu.keys() & everything == shown
        assert pdu.get("contents", {}).get("text", "parol1") == "parol1"
        assert ("parol1" in json.dumps(pdu)) is ("contents" in shown)
        assert bytes.fromhex(pdu.get("octets", "")).endswith(b"parol1") is ("octets" in shown)
        async with events(http, f"since_pdu={deliver - 1}&{query}") as reader:
            assert (await reader.until("pdu"))["pdu"] == pdu


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/pdus/99", 404, "no PDU has this id"),
        ("/pdus/x", 404, "'x' is no number"),
        ("/events?since_pdu=x", 400, "since_pdu: 'x' is no number"),
        ("/events?since_entry=-1", 400, "since_entry: '-1' is no number"),
        ("/page/../app.py", 404, "there is no /app.py"),
        ("/page/page.html", 404, "the page has no such file"),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(
    http: aiohttp.ClientSession, path: str, status: int, detail: str
) -> None:
    async with http.get(path) as response:
        assert response.status == status
        assert detail in (await response.json())["detail"]


async def test_readers_are_bounded(simulator: Simulator) -> None:
    async with aiohttp.ClientSession(simulator.http_url, connector=aiohttp.TCPConnector(limit=0)) as http:
        lines = await asyncio.gather(*(http.get("/events") for _ in range(READERS_MAX)))
        async with http.get("/events") as refused:
            assert refused.status == 503
            assert "close some" in (await refused.json())["detail"]
        for line in lines:
            line.close()


async def test_a_reader_that_has_left_counts_no_more(
    simulator: Simulator, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the next heartbeat would find out."""
    monkeypatch.setattr("simulator.api.events.READERS_MAX", 1)
    async with events(http) as reader:
        await reader.until("hello")
    async with asyncio.timeout(HEARTBEAT_S / 2):
        refused = True
        while refused:
            async with http.get("/events") as response:
                refused = response.status == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.parametrize("step", ["prepare", "write"])
async def test_a_reader_that_leaves_amid_a_write_is_no_error(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    async def lost(*_: object) -> None:
        raise ConnectionError("Connection lost")

    monkeypatch.setattr(web.StreamResponse, step, lost)
    async with aiohttp.ClientSession(simulator.http_url) as http:
        with suppress(aiohttp.ClientError):
            async with http.get("/events") as response:
                await response.read()
    assert caplog.messages == []


async def test_a_place_beyond_the_end_is_the_end(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async with events(http) as reader:
        boot = (await reader.next())[2]["boot"]
    for last in (f"{boot}.99999.99999", f"{boot}.{'9' * 5_000}.0"):
        async with events(http, last=last) as reader:
            await reader.until("hello", "session")
            mo = simulator.send_mo(Text(ANNA, "1400", "HELP"))
            told = await reader.until("entry")
            assert (told["entry"]["id"], "lost" in told) == (mo.id, False)


async def test_the_line_ends_with_the_simulator() -> None:
    """At once: whoever stops the simulator does not wait for its readers."""
    clock = asyncio.get_running_loop().time
    async with aiohttp.ClientSession() as http:
        async with Simulator() as short:
            response = await http.get(f"{short.http_url}/events")
            began_s = clock()
        assert clock() - began_s < 1
        assert b"hello" in await response.read()


async def test_the_page_may_load_and_post_to_nothing_but_itself(http: aiohttp.ClientSession) -> None:
    for path in ("/", *(f"/page/{name}" for name in FILES)):
        async with http.get(path) as response:
            assert response.status == 200, path
            assert response.headers["Content-Security-Policy"] == (
                "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
            )
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_text_that_is_posted_without_a_script_leads_back_to_the_page(
    http: aiohttp.ClientSession, simulator: Simulator
) -> None:
    form = {"from": ANNA, "to": "1400", "text": "HELP\r\nnow"}
    async with http.post("/?from=%2B998901234567&to=1400", data=form, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/?from=%2B998901234567&to=1400")
    (entry,) = simulator.smsc.journal.since(0)
    assert entry.item.text.text == "HELP\nnow"  # type: ignore[union-attr]


async def test_a_draft_that_no_page_can_hold_is_refused_and_shown_as_far_as_it_can(http: aiohttp.ClientSession) -> None:
    """No browser says half a surrogate pair, but who names an encoding of escapes can."""
    form = f"from=%2B{ANNA.removeprefix('+')}&to=1400&text=half \\ud83d of it"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=unicode_escape"}
    async with http.post("/", data=form.encode(), headers=headers) as response:
        shown = await response.text()
    said = "half ? of it" in shown, "text: half a surrogate pair is no character" in shown
    assert (response.status, *said) == (400, True, True)


async def test_phones_are_remembered_by_the_browser(http: aiohttp.ClientSession) -> None:
    async with http.get("/", headers={"Cookie": "phones=from=%2B998931112233&to=777"}) as response:
        assert 'data-number="998931112233"' in await response.text()


async def test_a_providers_accounts_are_listed(http: aiohttp.ClientSession, simulator: Simulator) -> None:
    book = simulator.billings["sarkor"].book
    for reference, account in enumerate(("n1", "n2", "n1"), 1):
        book.judge(Asked("pay", reference, account, 500_00), 1.8e9)
    accounts = await (await http.get("/providers/sarkor/accounts")).json()
    assert accounts == {
        "accounts": [
            {"account": "n1", "credits": 2, "amount_minor": 1000_00},
            {"account": "n2", "credits": 1, "amount_minor": 500_00},
        ],
        "total": {"credits": 3, "amount_minor": 1500_00},
    }
    newest = await (await http.get("/providers/sarkor/ledger?newest=1")).json()
    assert [line["reference"] for line in newest["credits"]] == [3]
    async with http.get("/providers/sarkor/ledger?newest=x") as response:
        assert (response.status, response.content_type) == (400, "application/problem+json")
        detail = (await response.json())["detail"]
        assert detail == "newest: 'x' is no number of up to 18 digits; leave it out for all credits"

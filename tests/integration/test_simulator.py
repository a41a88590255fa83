"""The simulator on its sockets: tried with smpplib's own client, so that not only our codec says it is right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from simulator.app import Simulator
from simulator.billing.provider import BillingSetup
from simulator.settings import SimulatorSettings, SmscSettings
from simulator.smsc.mo import MoState, Text

SUBSCRIBER = "+998901234567"
LONG_UNICODE = "Оплатите, пожалуйста, счёт №25656 — спасибо! 👍 " * 6
SMSC = SmscSettings(credentials={"gateway": "secret1"}, redelivery_delay_s=0.05, receipt_delay_s=0.05)
PROVIDERS = (BillingSetup(name="sarkor", protocol="sarkor", login="smsgw", password="secret"),)
OK = int(smpplib.consts.SMPP_ESME_ROK)
QUEUE_FULL = int(smpplib.consts.SMPP_ESME_RMSGQFUL)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings.single(SMSC, providers=PROVIDERS)) as running:
        yield running


@pytest.fixture
async def http(simulator: Simulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(simulator.http_url) as session:
        yield session


class Gateway:
    """smpplib's blocking client, to be used from a thread; it answers deliver_sm with `statuses`, then with 0."""

    def __init__(self, port: int, password: str = "secret1") -> None:
        self.texts: list[Any] = []
        self.submitted: list[Any] = []
        self.statuses: list[int] = []
        self._client = smpplib.client.Client("127.0.0.1", port, timeout=5, allow_unknown_opt_params=True)
        self._client.set_message_received_handler(self._receive)
        self._client.set_message_sent_handler(self._submitted)
        self._client.connect()
        try:
            self._client.bind_transceiver(system_id="gateway", password=password)
        except smpplib.exceptions.PDUError:
            self._client.disconnect()
            raise

    def read_texts(self, count: int) -> list[Any]:
        while len(self.texts) < count:
            self._client.read_once()
        return self.texts

    def submit(self, text: str, **options: Any) -> list[Any]:
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        for part in parts:
            fields = {"short_message": part, "data_coding": coding, "esm_class": esm_class, **options}
            self._client.send_message(source_addr="1400", destination_addr=SUBSCRIBER[1:], **fields)
        wanted = len(self.submitted) + len(parts)
        while len(self.submitted) < wanted:
            self._client.read_once()
        return self.submitted[-len(parts) :]

    def vanish(self) -> None:
        self._client.disconnect()

    def close(self) -> None:
        self._client.unbind()
        self._client.disconnect()

    def _submitted(self, pdu: Any) -> None:
        self.submitted.append(pdu)

    def _receive(self, pdu: Any) -> int:
        self.texts.append(pdu)
        return self.statuses.pop(0) if self.statuses else OK


@contextmanager
def bound(simulator: Simulator) -> Iterator[Gateway]:
    gateway = Gateway(simulator.smpp_port)
    try:
        yield gateway
    finally:
        gateway.close()


async def with_gateway(simulator: Simulator, use: Callable[[Gateway], Any]) -> Any:
    """Run *use* with a bound smpplib client in a thread of its own."""

    def run() -> Any:
        with bound(simulator) as gateway:
            return use(gateway)

    return await asyncio.to_thread(run)


async def test_a_long_unicode_text_reaches_smpplib_whole(simulator: Simulator) -> None:
    """The parts that smpplib reads, joined by their headers, are the text that was typed."""
    mo = simulator.send_mo(Text(SUBSCRIBER, "1400", LONG_UNICODE))
    received = await with_gateway(simulator, lambda gateway: gateway.read_texts(mo.segments))
    assert len(received) == mo.segments > 1
    assert b"".join(pdu.short_message[6:] for pdu in received).decode("utf-16-be") == LONG_UNICODE
    assert {pdu.source_addr for pdu in received} == {SUBSCRIBER[1:].encode()}
    assert (await simulator.answered(mo, timeout_s=5)).state is MoState.ACKED


@pytest.mark.parametrize("text", ["HELP", LONG_UNICODE])
async def test_the_phone_shows_what_smpplib_submits(simulator: Simulator, text: str) -> None:
    submitted = await with_gateway(simulator, lambda gateway: gateway.submit(text))
    mt = await simulator.next_mt(SUBSCRIBER, since=0, timeout_s=5)
    assert (mt.text, mt.sender, mt.segments) == (text, "1400", len(submitted))
    assert mt.message_ids == tuple(pdu.message_id.decode() for pdu in submitted)


async def test_a_receipt_follows_if_it_is_asked_for(simulator: Simulator) -> None:
    def use(gateway: Gateway) -> Any:
        (submitted,) = gateway.submit("PAID", registered_delivery=1)
        return submitted, gateway.read_texts(1)[0]

    submitted, receipt = await with_gateway(simulator, use)
    assert receipt.esm_class == 0x04
    assert receipt.receipted_message_id.rstrip(b"\0") == submitted.message_id
    assert b"stat:DELIVRD" in receipt.short_message


async def test_a_refused_text_is_delivered_again_under_a_new_sequence(simulator: Simulator) -> None:
    mo = simulator.send_mo(Text(SUBSCRIBER, "1400", "HELP"))

    def use(gateway: Gateway) -> list[Any]:
        gateway.statuses = [QUEUE_FULL, QUEUE_FULL]
        return gateway.read_texts(3)

    first, second, third = await with_gateway(simulator, use)
    assert first.short_message == second.short_message == third.short_message
    assert len({first.sequence, second.sequence, third.sequence}) == 3
    await simulator.answered(mo, timeout_s=5)
    assert (mo.state, mo.attempts) == (MoState.ACKED, 3)


async def test_a_text_that_died_with_its_connection_is_delivered_again(simulator: Simulator) -> None:
    mo = simulator.send_mo(Text(SUBSCRIBER, "1400", "HELP"))

    def vanish_unanswered() -> None:
        gateway = Gateway(simulator.smpp_port)
        gateway.vanish()

    await asyncio.to_thread(vanish_unanswered)
    await with_gateway(simulator, lambda gateway: gateway.read_texts(1))
    await simulator.answered(mo, timeout_s=5)
    assert (mo.state, mo.attempts) == (MoState.ACKED, 2)


async def test_a_wrong_password_is_refused(simulator: Simulator) -> None:
    with pytest.raises(smpplib.exceptions.PDUError, match="Invalid Password"):
        await asyncio.to_thread(Gateway, simulator.smpp_port, "wrong")


async def test_mo_over_http_waits_for_the_answer(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """Whoever injects a text learns the status by number and by name."""
    gateway = asyncio.create_task(with_gateway(simulator, lambda bound: bound.read_texts(1)))
    body = {"from": SUBSCRIBER, "to": "1400", "text": "HELP"}
    async with http.post("/mo", params={"wait": "ack"}, json=body) as response:
        answer = await response.json()
    assert (response.status, answer["status"], answer["status_name"]) == (200, 0, "ESME_ROK")
    assert answer["state"] == "acked"
    (received,) = await gateway
    assert received.short_message == b"HELP"


async def test_mo_without_a_gateway_waits_and_says_so(http: aiohttp.ClientSession) -> None:
    body = {"from": SUBSCRIBER, "to": "1400", "text": "HELP"}
    async with http.post("/mo", params={"wait": "ack", "timeout": "0.05"}, json=body) as response:
        problem = await response.json()
    assert (response.status, response.content_type) == (504, "application/problem+json")
    assert "no gateway is bound" in problem["detail"]
    async with http.post("/mo", json=body) as response:
        assert (response.status, (await response.json())["state"]) == (202, "waiting")


async def test_mt_over_http_is_a_long_poll(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    async def poll(**query: str) -> Any:
        async with http.get("/mt", params={"to": SUBSCRIBER, **query}) as response:
            return await response.json()

    assert (await poll())["messages"] == []
    waiting = asyncio.create_task(poll(wait="5"))
    await with_gateway(simulator, lambda gateway: gateway.submit("PAID"))
    answer = await waiting
    assert [message["text"] for message in answer["messages"]] == ["PAID"]
    assert (await poll(since=str(answer["next"])))["messages"] == []


async def test_traffic_tells_the_whole_dialogue(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    simulator.send_mo(Text(SUBSCRIBER, "1400", "HELP"))

    def use(gateway: Gateway) -> None:
        gateway.read_texts(1)
        gateway.submit("Send 0 to cancel")

    await with_gateway(simulator, use)
    async with http.get("/traffic", params={"number": SUBSCRIBER}) as response:
        entries = (await response.json())["entries"]
    assert [entry["kind"] for entry in entries] == ["mo", "answer", "mt"]
    assert (entries[1]["mo"], entries[1]["status_name"]) == (entries[0]["id"], "ESME_ROK")


async def test_sessions_can_be_listed_unbound_and_dropped(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    for lever in ("unbind", "drop"):
        gateway = await asyncio.to_thread(Gateway, simulator.smpp_port)
        async with http.get("/sessions") as response:
            (session,) = (await response.json())["sessions"]
        assert (session["system_id"], session["state"]) == ("gateway", "bound_trx")
        async with http.post(f"/sessions/{session['id']}/{lever}") as response:
            assert response.status == 204
        await asyncio.to_thread(gateway.vanish)
    async with http.post("/sessions/99/drop") as response:
        assert (response.status, "GET /sessions" in (await response.json())["detail"]) == (404, True)


async def test_a_fault_answers_as_told_and_is_used_up(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    fault = {"smsc": {"submit_sm": {"status": "ESME_RTHROTTLED", "count": 1}}}
    async with http.post("/faults", json=fault) as response:
        waiting = (await response.json())["smsc"]["submit_sm"]
    assert [(entry["status"], entry["count"]) for entry in waiting] == [("ESME_RTHROTTLED", 1)]

    def use(gateway: Gateway) -> None:
        with pytest.raises(smpplib.exceptions.PDUError, match="Throttling"):
            gateway.submit("PAID")
        gateway.submitted.clear()
        gateway.submit("PAID")

    await with_gateway(simulator, use)


async def test_providers_have_their_faults_and_books_beside_the_smsc(http: aiohttp.ClientSession) -> None:
    async with http.post("/faults", json={"providers": {"sarkor": {"kind": "slow"}}}) as response:
        assert [fault["kind"] for fault in (await response.json())["providers"]["sarkor"]] == ["slow"]
    async with http.get("/providers/sarkor/ledger") as response:
        assert (await response.json())["credits"] == []
    async with http.delete("/faults") as response:
        assert response.status == 204
    async with http.get("/faults") as response:
        assert await response.json() == {"smsc": {}, "operators": {"operator": {}}, "providers": {"sarkor": []}}


@pytest.mark.parametrize(
    ("path", "body", "hint"),
    [
        ("/mo", b"HELP", "no JSON"),
        ("/mo", b"[]", "an object is needed"),
        ("/mo", b'{"from": "1", "to": "2"}', "text: is missing"),
        ("/mo", b'{"from": "1", "to": "2", "text": "3", "long": "udh9"}', "udh8, udh16, sar, payload"),
        ("/faults", b'{"smsc": {"submit": {}}}', "submit_sm"),
        ("/faults", b'{"smsc": {"submit_sm": {"status": "ESME_LATER"}}}', "ESME_RTHROTTLED"),
        ("/faults", b'{"providers": {"nobody": {}}}', "sarkor"),
        ("/faults", b"{}", '"smsc" or "providers"'),
    ],
)
async def test_a_mistake_is_named_with_its_mend(http: aiohttp.ClientSession, path: str, body: bytes, hint: str) -> None:
    async with http.post(path, data=body) as response:
        problem = await response.json()
    assert (response.status, problem["title"], hint in problem["detail"]) == (400, "Bad Request", True), problem


@pytest.mark.parametrize(
    ("method", "path", "hint"),
    [
        ("GET", "/mt?bogus=1", "bogus: unknown; there are since, wait, to, from, contains, operator, system_id, limit"),
        ("HEAD", "/mt?bogus=1", ""),
        ("POST", "/mo?wait=ack&time_out=1", "time_out: unknown; there are wait, timeout"),
        ("GET", "/health?x", "x: unknown; GET /health takes none"),
        ("PUT", "/scenario?operator=operator", "operator: unknown; PUT /scenario takes none"),
        ("GET", "/?number=998901234567", "number: unknown; there are from, to, token"),
        ("GET", "/providers/sarkor/accounts?newest=1", "newest: unknown; GET /providers/sarkor/accounts takes none"),
        ("GET", "/mt?operator=nope", "operator: 'nope' is none of operator"),
        ("GET", "/pdus?contents=yes", "contents: 'yes' is neither 1 nor 0"),
        ("GET", "/pdus?octets=true", "octets: 'true' is neither 1 nor 0"),
        ("GET", "/events?contents=yes", "contents: 'yes' is neither 1 nor 0"),
    ],
)
async def test_a_query_that_nobody_reads_is_a_mistake(
    http: aiohttp.ClientSession, method: str, path: str, hint: str
) -> None:
    async with http.request(method, path) as response:
        assert (response.status, response.content_type) == (400, "application/problem+json")
        assert method == "HEAD" or hint in (await response.json())["detail"]


async def test_what_the_clients_of_a_provider_ask_is_for_their_protocol_to_judge(http: aiohttp.ClientSession) -> None:
    async with http.post("/providers/sarkor/payment/?bogus=1") as response:
        assert response.status != 400


async def test_a_request_that_is_no_http_is_answered_and_leaves_no_trace(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """An address as curl sends it where nobody escaped it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.http_port)
    writer.write("GET /mt?contains=ОМ HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.0 400 Bad Request")
    assert caplog.records == []


JSON, FORM, PARTS = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.mark.parametrize(
    ("path", "headers", "hint"),
    [
        ("/mo", {"Content-Type": f"{JSON}; charset=foo"}, "no JSON: unknown encoding: foo"),
        ("/mo", {"Content-Encoding": "gzip"}, "no JSON: 400, message: Can not decode content-encoding: gzip"),
        ("/providers/sarkor/faults", {"Content-Type": f"{JSON}; charset=foo"}, "no JSON: unknown encoding: foo"),
        ("/", {"Content-Type": PARTS}, "no form: boundary missed"),
        ("/", {"Content-Type": f"{PARTS}; boundary=a"}, "no form: Could not find starting boundary"),
        ("/", {"Content-Type": f"{FORM}; charset=foo"}, "no form: unknown encoding: foo"),
        ("/", {"Content-Type": FORM, "Content-Encoding": "gzip"}, "no form: 400, message: Can not decode"),
    ],
)
async def test_a_body_that_is_not_what_its_header_says_is_a_problem(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, path: str, headers: dict[str, str], hint: str
) -> None:
    async with http.post(path, data=b"{}", headers=headers) as response:
        problem = await response.json()
    assert (response.status, hint in problem["detail"]) == (400, True), problem
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/mo/{}", 404),
        ("GET", "/pdus/{}", 404),
        ("POST", "/sessions/{}/drop", 404),
        ("GET", "/pdus?since={}", 400),
        ("GET", "/mt?limit={}", 400),
        ("GET", "/providers/sarkor/ledger?newest={}", 400),
    ],
)
async def test_a_number_of_any_length_is_no_number(
    http: aiohttp.ClientSession, method: str, path: str, status: int
) -> None:
    async with http.request(method, path.format("9" * 5_000)) as response:
        problem = await response.json()
    assert (response.status, "is no number" in problem["detail"]) == (status, True)


async def test_a_body_that_is_too_large_is_a_problem(http: aiohttp.ClientSession) -> None:
    async with http.post("/mo", data=BytesIO(bytes(1024**2 + 1))) as response:
        assert (response.status, response.content_type) == (413, "application/problem+json")
        assert "1048576 octets" in (await response.json())["detail"]


async def test_what_is_not_there_is_a_problem_too(http: aiohttp.ClientSession) -> None:
    async with http.get("/nothing") as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")
    async with http.get("/mo/1") as response:
        assert response.status == 404
    async with http.put("/mo") as response:
        assert (response.status, "POST" in (await response.json())["detail"]) == (405, True)
        assert response.headers["Allow"] == "POST"


async def test_health_lists_what_can_be_asked(http: aiohttp.ClientSession) -> None:
    async with http.get("/health") as response:
        health = await response.json()
    assert (health["status"], health["receiving"]) == ("ok", False)
    assert {"/mo", "/mt", "/sessions", "/faults"} <= set(health["paths"])
    levers = {f"/providers/sarkor{lever}" for lever in ("/payment/", "/ledger", "/accounts", "/faults")}
    assert {path for path in health["paths"] if path.startswith("/providers/")} == levers


async def test_every_path_stands_in_the_manual(http: aiohttp.ClientSession) -> None:
    manual = (Path(__file__).parents[2] / "docs/simulator.md").read_text(encoding="utf-8")
    async with http.get("/health") as response:
        paths = (await response.json())["paths"]
    protocol = {"/providers/sarkor/payment/"}  # has a page of its own
    named = [path.replace("/sarkor/", "/{name}/") for path in paths if path not in protocol]
    assert [path for path in named if f"{path}`" not in manual] == []

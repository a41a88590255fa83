"""Kannel beside a test: its bearerbox and smsbox as a gateway, spoken to over HTTP, everything on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

from smsgw.smpp.text import septets
from tests.integration.peers.phone_network import ANNA, PhoneNetwork
from tests.integration.peers.processes import ended, program
from tests.integration.raw_smsc import WAIT_S
from tests.integration.running_link import until
from tests.ports import free_ports

# Logs go to standard error, so that the boxes write nowhere but where the test says.
CONFIGURATION: Final = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = secret
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
sms-resend-freq = 1

{lines}
group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
sendsms-interface = 127.0.0.1
global-sender = 1400

group = sms-service
keyword = default
catch-all = true
get-url = "{http}/text?from=%p&to=%P&text=%b&charset=%C"
accept-x-kannel-headers = true
concatenation = true
max-messages = 10
omit-empty = true

group = sendsms-user
username = tester
password = secret
concatenation = true
max-messages = 10
"""

LINE: Final = """
group = smsc
smsc = smpp
smsc-id = operator
host = 127.0.0.1
{way}
smsc-username = gateway
smsc-password = secret1
system-type = ""
enquire-link-interval = 1
reconnect-delay = 1
"""
BOTH_WAYS: Final = ("port = {port}\ntransceiver-mode = true",)
ONE_WAY_EACH: Final = ("port = {port}", "receive-port = {port}")

Query = dict[str, str]


class Kannel:
    """Kannel at work: what it makes of texts and receipts, and what it is told to send."""

    def __init__(self, sender: aiohttp.ClientSession) -> None:
        self._sender = sender
        self.reports_to = ""
        self.texts: asyncio.Queue[Query] = asyncio.Queue()
        self._reports: asyncio.Queue[str] = asyncio.Queue()
        self.reply = ""

    async def text(self) -> Query:
        """The next text of a subscriber, whole, as Kannel gives it to a service."""
        return await asyncio.wait_for(self.texts.get(), WAIT_S)

    async def reports(self, count: int) -> set[str]:
        """The next reports on texts, which may overtake each other.

        1 = delivered, 2 = failed, 8 = taken by the SMSC, 16 = refused by it.
        """
        return {await asyncio.wait_for(self._reports.get(), WAIT_S) for _ in range(count)}

    async def send(self, text: str, **options: str) -> None:
        """Send a text to the subscriber, and ask for every report on it."""
        how = {"charset": "UTF-8", "coding": _coding(text), "dlr-mask": "31", "dlr-url": self.reports_to}
        query = {"username": "tester", "password": "secret", "to": ANNA, "text": text, **how, **options}
        async with self._sender.get("/cgi-bin/sendsms", params=query) as response:
            assert response.status == 202, await response.text()

    async def take_text(self, request: web.Request) -> web.Response:
        """Kannel's service for whatever comes in; what it answers is sent to the subscriber."""
        self.texts.put_nowait(_read_query(request.rel_url.raw_query_string))
        return web.Response(text=self.reply, charset="utf-8", headers={"X-Kannel-Coding": _coding(self.reply)})

    async def take_report(self, request: web.Request) -> web.Response:
        """Kannel's report on one text."""
        self._reports.put_nowait(request.query["type"])
        return web.Response()


def _coding(text: str) -> str:
    """What Kannel is to send a text as: 0 = the GSM alphabet, 2 = Unicode."""
    return "2" if septets(text) is None else "0"


def _read_query(raw: str) -> Query:
    """The text stands in the query as octets of the alphabet that the query names."""
    charset = parse_qs(raw, encoding="latin-1")["charset"][0]
    text = parse_qs(raw, encoding=charset).get("text", [""])[0]
    return {**{name: values[0] for name, values in parse_qs(raw, encoding="latin-1").items()}, "text": text}


@asynccontextmanager
async def _service(kannel: Kannel) -> AsyncIterator[str]:
    """The HTTP server that Kannel asks; its address."""
    application = web.Application()
    application.add_routes([web.get("/text", kannel.take_text), web.get("/report", kannel.take_report)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _box(name: str, configuration: Path) -> AsyncIterator[Path]:
    """One of Kannel's daemons; its log."""
    path, log = program(name), configuration.with_name(f"{name}.log")
    assert path is not None, "a test that asks for Kannel is skipped without it"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            path, "-v", "0", configuration, stdout=written, stderr=written, cwd=configuration.parent
        )
    try:
        yield log
    finally:
        await ended(process)


@asynccontextmanager
async def kannel_beside(
    network: PhoneNetwork, folder: Path, ways: tuple[str, ...] = BOTH_WAYS
) -> AsyncIterator[Kannel]:
    """Kannel, ready to send; with one line to the operator for both ways, or one for each."""
    # Kannel takes no "any".
    admin, box, send = free_ports(3)
    async with AsyncExitStack() as stack:
        kannel = Kannel(await stack.enter_async_context(aiohttp.ClientSession(f"http://127.0.0.1:{send}")))
        service = await stack.enter_async_context(_service(kannel))
        kannel.reports_to = f"{service}/report?type=%d"
        where = {"admin": admin, "box": box, "send": send, "http": service}
        lines = "".join(LINE.format(way=way.format(port=network.port)) for way in ways)
        configuration = folder / "kannel.conf"
        configuration.write_text(CONFIGURATION.format(**where, lines=lines))
        bearerbox = await stack.enter_async_context(_box("bearerbox", configuration))
        await until(lambda: b"Start-up done" in bearerbox.read_bytes())
        smsbox = await stack.enter_async_context(_box("smsbox", configuration))
        # The last thing that it does before it serves: earlier it listens, but knows no users.
        await until(lambda: b"Connected to bearerbox" in smsbox.read_bytes())
        yield kannel

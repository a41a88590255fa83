"""The hosts that may be called, with a resolver that lies: what is connected to is what was looked at."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any, Final

import pytest
from yarl import URL

from smsgw.domain.calls import NotSent
from smsgw.providers.http import Completed, Exchange, HttpClient, Lane, Request

DEADLINE_S: Final = 5.0
NAME: Final = "billing.example"


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    async with HttpClient() as client:
        yield client


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for; each question takes the first address of several. Everything else is not resolved."""
    known: dict[str, list[str]] = {}

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        address = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, port, 0, 0) if ":" in address else (address, port)
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


class Doors:
    """A server of this machine that counts who came."""

    def __init__(self) -> None:
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await reader.read(1)
        writer.close()


async def called(http: HttpClient, host: str, url: str = "") -> tuple[Exchange, int]:
    """One exchange with *host* (or that *url*), and how often our server was connected to."""
    doors = Doors()
    listening = await asyncio.start_server(doors.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        request = Request("GET", URL(url or f"http://{host}:{port}/"))
        met = await Lane(http).exchange(request, DEADLINE_S, lambda: False)
    return met, doors.connections


def refused(met: Exchange) -> bool:
    return isinstance(met, NotSent) and met.alarm


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.1.2.3", "100.64.0.1", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1", "240.0.0.1", "::"],
)
async def test_a_name_that_stands_for_no_public_address_is_not_connected_to(
    http: HttpClient, names: dict[str, list[str]], address: str
) -> None:
    """As it is when somebody else answers for the provider's name. It wants a person, and nothing was sent."""
    names[NAME] = [address]
    met, connections = await called(http.admit(NAME), NAME)
    assert (refused(met), connections) == (True, 0)
    assert met == NotSent(f"{NAME} is at {address}, which is not allowed", alarm=True)


@pytest.mark.proves("A77")
async def test_a_name_that_changes_its_address_gains_nothing(http: HttpClient, names: dict[str, list[str]]) -> None:
    """Resolved once: the second answer, which leads into this machine, is never asked for."""
    names[NAME] = ["10.0.0.1", "127.0.0.1"]
    met, connections = await called(http.admit(NAME), NAME)
    assert (refused(met), connections, names[NAME]) == (True, 0, ["127.0.0.1"])


async def test_our_own_machine_has_its_own_name(http: HttpClient, names: dict[str, list[str]]) -> None:
    names["localhost"] = ["127.0.0.1"]
    assert await called(http.admit("localhost"), "localhost") == (NotSent("MayNotSend"), 1)


async def test_localhost_does_not_lead_out_of_this_machine(http: HttpClient, names: dict[str, list[str]]) -> None:
    """Plain http is allowed to it, so it must stay here (RFC 6761, 6.3)."""
    names["localhost"] = ["8.8.8.8"]
    met, connections = await called(http.admit("localhost"), "localhost")
    assert (refused(met), connections) == (True, 0)


@pytest.mark.proves("A77")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "other.example", "169.254.169.254"])
async def test_only_hosts_of_profiles_are_called(http: HttpClient, names: dict[str, list[str]], host: str) -> None:
    """Not even resolved: nobody's URL leads anywhere else."""
    met, connections = await called(http.admit(NAME), host)
    assert (met, connections) == (NotSent(f"{host} is no provider's host", alarm=True), 0)


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[fe80::1]", "[::ffff:10.0.0.1]", "[::]"])
async def test_an_address_in_the_url_is_looked_at_as_well(http: HttpClient, host: str) -> None:
    """It is never resolved, so the resolver cannot refuse it."""
    url = URL(f"https://{host}/")
    assert url.host is not None
    met, connections = await called(http.admit(url.host), "", str(url))
    assert (met, connections) == (NotSent(f"{url.host} is no address of its provider", alarm=True), 0)


@pytest.mark.proves("F39", "A77")
async def test_a_redirect_leads_nowhere(http: HttpClient) -> None:
    """To the credentials of a cloud machine, say: it is an answer, and it is not followed."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = URL(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
    async with listening:
        met = await Lane(http.admit("127.0.0.1")).exchange(Request("GET", url), DEADLINE_S, lambda: True)
    assert met == Completed(302, "", b"")


async def test_the_networks_of_a_profile_open_no_other(http: HttpClient, names: dict[str, list[str]]) -> None:
    """Neither a neighbour's nor the public ones: a billing in a VPN is nowhere else."""
    client = http.admit(NAME, [ip_network("10.8.0.0/16")])
    for address in ("10.9.0.1", "8.8.8.8", "127.0.0.1"):
        names[NAME] = [address]
        met, connections = await called(client, NAME)
        assert (refused(met), connections) == (True, 0), address

"""TLS with providers: whose certificates are trusted, and what we show of our own."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from yarl import URL

from smsgw.domain.calls import NotSent, Unknown
from smsgw.providers.http import Completed, Exchange, HttpClient, Lane, Request
from smsgw.settings.tls import client_context
from tests.integration.certificates import Authority, Signed

DEADLINE_S: Final = 5.0
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
COMPLETED: Final = Completed(200, "", b"ok")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "stranger")


async def met_by(server: ssl.SSLContext, client: ssl.SSLContext | None, host: str = "localhost") -> Exchange:
    """One exchange with a server that has that context, which gets the request if the exchange is completed, only."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            requests.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(OK)
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server)
    url = URL(f"https://{host}:{listening.sockets[0].getsockname()[1]}/")
    async with listening, HttpClient() as http:
        met = await Lane(http.admit(host, tls=client)).exchange(Request("GET", url), DEADLINE_S, lambda: True)
    assert bool(requests) is isinstance(met, Completed)
    return met


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_the_named_authority_is_trusted_for_the_hosts_it_has_signed(authority: Authority, host: str) -> None:
    client = client_context(authority.certificate, None, None)
    assert await met_by(authority.sign("billing").server_context(), client, host) == COMPLETED


@pytest.mark.proves("F34", "A79")
@pytest.mark.parametrize(
    ("hosts", "valid_for"),
    [(("billing.example",), timedelta(days=1)), (("localhost",), timedelta(days=-1))],
    ids=["another host's", "expired"],
)
async def test_what_is_not_the_hosts_valid_certificate_is_not_sent_to(
    authority: Authority, hosts: tuple[str, ...], valid_for: timedelta
) -> None:
    server = authority.sign("billing", hosts, valid_for).server_context()
    met = await met_by(server, client_context(authority.certificate, None, None))
    assert met == NotSent("SSLCertVerificationError")


async def test_an_authority_that_is_not_the_named_one_is_not_sent_to(authority: Authority, stranger: Authority) -> None:
    server = stranger.sign("billing").server_context()
    assert await met_by(server, client_context(authority.certificate, None, None)) == NotSent(
        "SSLCertVerificationError"
    )


async def test_without_an_authority_of_its_own_the_systems_are_asked(authority: Authority) -> None:
    """They do not know this one."""
    met = await met_by(authority.sign("billing").server_context(), None)
    assert met == NotSent("SSLCertVerificationError")


async def test_one_providers_trust_is_not_anothers(authority: Authority) -> None:
    """Two providers in one client, at one host: the certificate that the first trusts does not serve the second."""
    server = authority.sign("billing").server_context()
    listening = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=server)
    request = Request("GET", URL(f"https://localhost:{listening.sockets[0].getsockname()[1]}/"))
    async with listening, HttpClient() as http:
        trusting = Lane(http.admit("localhost", tls=client_context(authority.certificate, None, None)))
        other = Lane(http.admit("localhost"))
        assert await trusting.exchange(request, DEADLINE_S, lambda: False) == NotSent("MayNotSend")
        assert await other.exchange(request, DEADLINE_S, lambda: False) == NotSent("SSLCertVerificationError")


@pytest.fixture
def ours(authority: Authority) -> Signed:
    return authority.sign("smsgw")


async def test_a_billing_that_asks_for_a_certificate_gets_ours(authority: Authority, ours: Signed) -> None:
    server = authority.sign("billing").server_context(clients=authority.certificate)
    client = client_context(authority.certificate, ours.certificate, ours.key)
    assert await met_by(server, client) == COMPLETED


@pytest.mark.parametrize("signed_by_stranger", [False, True], ids=["none", "a stranger's"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_without_the_certificate_that_it_asks_for_nothing_arrives(
    authority: Authority, stranger: Authority, version: ssl.TLSVersion, *, signed_by_stranger: bool
) -> None:
    """In TLS 1.3 the client is through before the server has looked (RFC 8446, 2), so that it cannot know: Unknown."""
    server = authority.sign("billing").server_context(clients=authority.certificate)
    server.maximum_version = version
    shown = stranger.sign("strange") if signed_by_stranger else None
    client = client_context(authority.certificate, *((shown.certificate, shown.key) if shown else (None, None)))
    met = await met_by(server, client)
    assert isinstance(met, NotSent if version is ssl.TLSVersion.TLSv1_2 else Unknown)


@pytest.mark.proves("A79")
async def test_old_versions_are_not_spoken(authority: Authority) -> None:
    """TLS 1.1 ended with RFC 8996."""
    server = authority.sign("billing").server_context()
    server.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        server.maximum_version = ssl.TLSVersion.TLSv1_1
    assert isinstance(await met_by(server, client_context(authority.certificate, None, None)), NotSent)

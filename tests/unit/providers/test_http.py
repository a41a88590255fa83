"""The gate between NotSent and Unknown, and the places of a lane; the network itself is in the contract tests."""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.http import HttpProcessingError
from yarl import URL

from smsgw.domain.calls import NotSent, Unknown
from smsgw.providers.hosts import HostNotAllowed
from smsgw.providers.http import (
    FAILURES,
    PARALLEL,
    Completed,
    ConnectionLost,
    HttpClient,
    Lane,
    MayNotSend,
    Read,
    Request,
    _Gate,
    _send_once,
)

REQUEST = Request("GET", URL("https://a.uz/osmp?account=canary", encoded=True), {"Authorization": "Basic canary"})
KEY = cast("ConnectionKey", None)


@pytest.mark.proves("A87")
def test_a_request_never_prints_its_secrets() -> None:
    """The URL is printed (it is an address), header values and the body are not."""
    assert "Basic" not in repr(REQUEST)
    assert "canary" not in repr(Request("POST", URL("https://a.uz"), body=b"canary"))
    assert "canary" not in repr(Completed(200, "text/xml", b"canary"))


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (MayNotSend(), "MayNotSend"),
        (ConnectionLost(), "ConnectionLost"),
        (aiohttp.ServerDisconnectedError(), "ServerDisconnectedError"),
        (aiohttp.ClientPayloadError("canary"), "ClientPayloadError"),
        (HttpProcessingError(message="canary"), "HttpProcessingError"),
        (OSError(5, "canary"), "OSError"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_what_fails_before_the_gate_was_not_sent_and_what_fails_after_it_is_unknown(
    failure: Exception, why: str
) -> None:
    """Names only: texts of errors hold URLs, and URLs hold accounts."""
    assert isinstance(failure, FAILURES)
    gate = _Gate(lambda: True)
    assert gate.outcome(failure) == NotSent(why)
    gate.enter()
    assert gate.outcome(failure) == Unknown(why)


def test_the_cause_of_a_failure_is_what_is_named() -> None:
    failure = ConnectionLost()
    failure.__cause__ = aiohttp.ServerDisconnectedError()
    assert _Gate(lambda: True).outcome(failure) == NotSent("ServerDisconnectedError")


def test_a_host_that_is_not_allowed_says_so_and_wants_a_person() -> None:
    failure = HostNotAllowed("a.uz is at 10.0.0.1")
    assert isinstance(failure, FAILURES)
    assert _Gate(lambda: True).outcome(failure) == NotSent("a.uz is at 10.0.0.1", alarm=True)


def test_a_gate_that_may_not_be_passed_stays_unpassed() -> None:
    gate = _Gate(lambda: False)
    with pytest.raises(MayNotSend):
        gate.enter()
    assert not gate.passed


async def fail_with(error: Exception) -> None:
    async def handler(_request: aiohttp.ClientRequest) -> aiohttp.ClientResponse:
        raise error

    await _send_once(cast("aiohttp.ClientRequest", None), handler)


@pytest.mark.parametrize("error", [aiohttp.ClientOSError(104, "reset"), aiohttp.ServerDisconnectedError()])
async def test_the_errors_that_aiohttp_repeats_a_request_for_become_ours(error: Exception) -> None:
    with pytest.raises(ConnectionLost) as caught:
        await fail_with(error)
    assert caught.value.__cause__ is error
    assert not isinstance(caught.value, aiohttp.ClientError | OSError)


@pytest.mark.parametrize("error", [aiohttp.ClientConnectorError(KEY, OSError()), aiohttp.ClientPayloadError()])
async def test_other_errors_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)):
        await fail_with(error)


class HeldHttp(HttpClient):
    """Holds every request until it is let go, and counts how many it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.held = 0
        self.go = asyncio.Event()

    async def send(self, _request: Request, gate: _Gate, _read: Read) -> Completed | Unknown:
        gate.enter()
        self.held += 1
        await self.go.wait()
        return Completed(200, "", b"")


async def test_a_lane_lets_eight_requests_through_at_a_time_and_the_rest_wait() -> None:
    http = HeldHttp()
    lane = Lane(http)
    exchanges = [asyncio.ensure_future(lane.exchange(REQUEST, 60.0, lambda: True)) for _ in range(PARALLEL + 2)]
    for _ in range(3):
        await asyncio.sleep(0)
    assert http.held == PARALLEL
    http.go.set()
    assert await asyncio.gather(*exchanges) == [Completed(200, "", b"")] * (PARALLEL + 2)


async def test_who_gets_no_place_in_time_has_sent_nothing() -> None:
    http = HeldHttp()
    lane = Lane(http, parallel_max=1)
    first = asyncio.ensure_future(lane.exchange(REQUEST, 60.0, lambda: True))
    await asyncio.sleep(0)
    assert await lane.exchange(REQUEST, 0.01, lambda: True) == NotSent("TimeoutError")
    http.go.set()
    assert isinstance(await first, Completed)


async def test_a_deadline_after_the_gate_is_unknown_and_frees_the_place() -> None:
    http = HeldHttp()
    lane = Lane(http, parallel_max=1)
    assert await lane.exchange(REQUEST, 0.01, lambda: True) == Unknown("TimeoutError")
    http.go.set()
    assert isinstance(await lane.exchange(REQUEST, 60.0, lambda: True), Completed)


async def test_a_stream_has_the_places_and_the_failures_of_every_exchange() -> None:
    http = HeldHttp()
    lane = Lane(http, parallel_max=1)
    first = asyncio.ensure_future(lane.stream(REQUEST, 60.0, lambda _piece: None))
    await asyncio.sleep(0)
    assert await lane.exchange(REQUEST, 0.01, lambda: True) == NotSent("TimeoutError")
    http.go.set()
    assert await first == Completed(200, "", b"")
    http.go.clear()
    assert await lane.stream(REQUEST, 0.01, lambda _piece: None) == Unknown("TimeoutError")


async def test_who_is_admitted_brings_certificates_of_his_own() -> None:
    """The hosts are those of all; whose certificates are trusted is each provider's own matter."""
    http, context = HttpClient(), ssl.create_default_context()
    mine, other = http.admit("a.uz", tls=context), http.admit("b.uz")
    assert (http.tls, mine.tls, other.tls) == (None, context, None)
    assert mine.hosts is other.hosts is http.hosts


async def test_a_lane_passes_a_no_on_as_not_sent() -> None:
    assert await Lane(HeldHttp()).exchange(REQUEST, 60.0, lambda: False) == NotSent("MayNotSend")

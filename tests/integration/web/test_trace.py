"""Following a link over HTTP: every PDU is a line, nobody waits for a follower, and none is followed unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest

from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.wire import Trace
from smsgw.web import trace
from smsgw.web.facade import Facade
from tests.integration.running_link import until
from tests.integration.web.conftest import Http

URL = "/api/v1/links/operator/trace"
TEXT = Pdu(Command.DELIVER_SM, 0, 7, {"source_addr": b"998901234567", "short_message": b"SARKOR*n1*5*secret1"})


class Line:
    """A link that says what a test tells it to."""

    def __init__(self) -> None:
        self.followers: list[Trace] = []

    def follow(self, link: str, follower: Trace) -> Callable[[], None] | None:
        if link != "operator":
            return None
        self.followers.append(follower)
        return lambda: self.followers.remove(follower)

    def say(self, pdu: Pdu = TEXT) -> None:
        for follower in self.followers:
            follower("<", pdu)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def facade(facade: Facade, line: Line) -> Facade:
    object.__setattr__(facade, "follow", line.follow)
    return facade


async def read(response: Any) -> dict[str, Any]:
    """The next line that is not empty."""
    while not (octets := (await response.content.readline()).strip()):
        pass
    shown: dict[str, Any] = json.loads(octets)
    return shown


async def test_every_pdu_is_a_line_without_its_secrets(client: Http, line: Line) -> None:
    async with client.get(URL) as response:
        assert response.content_type == "application/x-ndjson"
        line.say()
        line.say(TEXT._replace(sequence=8))
        first, second = await read(response), await read(response)
    assert first.pop("at")[-6:] == "+00:00"
    assert first == {
        "direction": "<",
        "command": "deliver_sm",
        "status": "ESME_ROK",
        "sequence": 7,
        "source_addr": "+998*******67",
        "short_message": "(19 octets)",
    }
    assert second["sequence"] == 8


async def test_a_follower_that_goes_is_forgotten_even_in_silence(
    client: Http, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "SILENCE_S", 0.02)
    async with client.get(URL) as response:
        assert len(line.followers) == 1
        assert await response.content.readline() == b"\n"
        response.close()
    await until(lambda: not line.followers)


async def test_a_follower_that_reads_too_slowly_loses_lines_and_is_told(
    client: Http, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "LINES_MAX", 2)
    async with client.get(URL) as response:
        for _ in range(5):
            line.say()
        assert [set(await read(response)) for _ in range(3)][2] == {"lost"}


async def test_no_more_than_a_few_follow_and_they_cost_the_api_no_place(client: Http, line: Line) -> None:
    following = [await client.get(URL) for _ in range(trace.FOLLOWERS_MAX)]
    async with client.get(URL) as refused, client.get("/api/v1/links") as other:
        assert (refused.status, (await refused.json(content_type=None))["reason"]) == (503, "busy")
        assert other.status == HTTPStatus.OK
    for response in following:
        response.close()


async def test_a_link_that_is_not_there_and_a_stranger_are_refused(client: Http, line: Line) -> None:
    async with client.get("/api/v1/links/other/trace") as response:
        assert (response.status, (await response.json(content_type=None))["reason"]) == (404, "no_link")
    async with client.get(URL, headers={"Authorization": "Bearer wrong"}) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED
    assert not line.followers


async def test_a_follower_does_not_hold_up_the_end(client: Http, line: Line) -> None:
    async with client.get(URL) as response:
        await client.server.close()
        assert await response.content.read() in {b"", b"\n"}
    assert not line.followers

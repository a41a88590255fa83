"""The operations API from the other side: one method an operation, the same documents and problems."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import aiohttp
from yarl import URL

from smsgw.commands.terminal import Failed
from smsgw.domain.secret import Secret
from smsgw.web.api import KEY_HEADER, PREFIX
from smsgw.web.documents import Document
from smsgw.web.problems import Problem

# A gateway on this machine connects in microseconds and answers within the API's own limit of 30 s.
CONNECT_S_MAX: Final = 2.0
ANSWER_S_MAX: Final = 40.0
# A trace in silence sends an empty line every two seconds.
SILENCE_S_MAX: Final = 10.0
# A gateway that listens everywhere is asked on the loopback address.
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- recognised here, not listened on


def base_url(address: tuple[str, int]) -> URL:
    """Where a gateway that listens on *address* is asked."""
    host, port = address
    return URL.build(scheme="http", host=EVERYWHERE.get(host, host), port=port)


async def answers(address: tuple[str, int]) -> bool:
    """True if a gateway answers there; False if nobody does.

    Raises:
        Failed: somebody else answers.
    """
    url = base_url(address) / "healthz"
    try:
        async with aiohttp.ClientSession(timeout=_timeout(CONNECT_S_MAX)) as http, http.get(url) as response:
            if json.loads(await response.read()).get("alive") is True:
                return True
    except (aiohttp.ClientConnectorError, TimeoutError):
        return False
    except (aiohttp.ClientError, ValueError, AttributeError):
        pass  # it speaks, but not as a gateway does
    raise Failed(f"what answers at {url} is no smsgw; change http.listen, or stop it")


class Client:
    """A running gateway."""

    def __init__(self, address: tuple[str, int], token: Secret[str]) -> None:
        self._base = base_url(address)
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        self._http = aiohttp.ClientSession(headers=headers, timeout=_timeout(ANSWER_S_MAX))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def show_subscriber(self, number: str) -> Document | Problem:
        """One subscriber."""
        return await self._ask("GET", _subscriber(number))

    async def add_subscriber(
        self, number: str, password: Secret[str], language: str, level: str = ""
    ) -> Document | Problem:
        """Register."""
        body: Document = {"password": password.reveal(), "language": language, "level": level}
        return await self._ask("POST", _subscriber(number), body)

    async def identify(self, number: str, level: str) -> Document | Problem:
        """Set the level."""
        return await self._ask("POST", _subscriber(number) + "/level", {"level": level})

    async def block(self, number: str) -> Document | Problem:
        """Block."""
        return await self._ask("POST", _subscriber(number) + "/block")

    async def unblock(self, number: str) -> Document | Problem:
        """Unblock."""
        return await self._ask("POST", _subscriber(number) + "/unblock")

    async def top_up(self, number: str, amount: str, agent: str, key: str) -> Document | Problem:
        """Top up."""
        body: Document = {"number": number, "amount": amount, "agent": agent}
        return await self._ask("POST", "/topups", body, {KEY_HEADER: key})

    async def payments(self, number: str | None, limit: int) -> Document | Problem:
        """List payments."""
        chosen = f"&number={quote(number, safe='')}" if number is not None else ""
        return await self._ask("GET", f"/payments?limit={limit}{chosen}")

    async def payment(self, number: str) -> Document | Problem:
        """One payment."""
        return await self._ask("GET", _payment(number))

    async def check_ledger(self) -> Document | Problem:
        """Prove the books."""
        return await self._ask("GET", "/ledger/check")

    async def check_days(self, last: int) -> Document | Problem:
        """Compare closed days with their hashes."""
        return await self._ask("GET", f"/ledger/days?limit={last}")

    async def refund(self, number: str, reason: str, *, by_house: bool) -> Document | Problem:
        """Give a payment back."""
        return await self._ask("POST", f"{_payment(number)}/refund", {"reason": reason, "by_house": by_house})

    async def resolve(self, number: str, reason: str, *, paid: bool) -> Document | Problem:
        """Say what became of a parked payment."""
        return await self._ask("POST", f"{_payment(number)}/resolve", {"reason": reason, "paid": paid})

    async def taken_back(self, number: str, reason: str) -> Document | Problem:
        """Say that the provider has taken its credit back."""
        return await self._ask("POST", f"{_payment(number)}/taken-back", {"reason": reason})

    async def adjust(self, number: str, amount: str, key: str, reason: str, *, into: bool) -> Document | Problem:
        """Correct a wallet."""
        body: Document = {"number": number, "amount": amount, "into": into, "reason": reason, "key": key}
        return await self._ask("POST", "/adjustments", body)

    async def close_day(self, provider: str, day: str, reason: str) -> Document | Problem:
        """Set a day aside for payout."""
        return await self._ask("POST", f"{_day(provider, day)}/close", {"reason": reason})

    async def actions(self, state: str | None, limit: int) -> Document | Problem:
        """List money actions."""
        chosen = f"&state={quote(state, safe='')}" if state is not None else ""
        return await self._ask("GET", f"/actions?limit={limit}{chosen}")

    async def action(self, action_id: str) -> Document | Problem:
        """One money action."""
        return await self._ask("GET", _action(action_id))

    async def approve(self, action_id: str, reason: str = "") -> Document | Problem:
        """Approve."""
        return await self._ask("POST", f"{_action(action_id)}/approve", {"reason": reason})

    async def reject(self, action_id: str, reason: str) -> Document | Problem:
        """Reject."""
        return await self._ask("POST", f"{_action(action_id)}/reject", {"reason": reason})

    async def reconcile(self, provider: str, day: str) -> Document | Problem:
        """Begin to reconcile a day, or wait a while for whoever has."""
        return await self._ask("POST", f"{_day(provider, day)}/reconcile")

    async def day(self, provider: str, day: str) -> Document | Problem:
        """What is known of a day."""
        return await self._ask("GET", _day(provider, day))

    async def links(self) -> Document | Problem:
        """How the links stand."""
        return await self._ask("GET", "/links")

    async def providers(self) -> Document | Problem:
        """How the providers stand."""
        return await self._ask("GET", "/providers")

    async def trace(self, link: str) -> AsyncIterator[bytes]:
        """Every PDU of a link from now on, a JSON line each, until the gateway ends it.

        Raises:
            Failed: it cannot be followed, or the gateway has gone.
        """
        timeout = aiohttp.ClientTimeout(connect=CONNECT_S_MAX, sock_read=SILENCE_S_MAX)
        url = self._url(f"/links/{quote(link, safe='')}/trace")
        try:
            async with self._http.get(url, timeout=timeout) as response:
                if response.status != HTTPStatus.OK:
                    raise Failed(json.loads(await response.read())["detail"])
                async for line in response.content:
                    yield line
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Failed(f"{url.origin()} has gone ({type(error).__name__})") from error

    def _url(self, path: str) -> URL:
        return URL(f"{self._base}".rstrip("/") + PREFIX + path, encoded=True)

    async def _ask(
        self, method: str, path: str, body: Document | None = None, headers: dict[str, str] | None = None
    ) -> Document | Problem:
        url = self._url(path)
        try:
            async with self._http.request(method, url, json=body, headers=headers) as response:
                document = json.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Failed(f"{url.origin()} gave no answer ({type(error).__name__}); look before you repeat") from error
        if response.status < HTTPStatus.BAD_REQUEST:
            return dict(document)
        if response.status == HTTPStatus.UNAUTHORIZED:
            document["detail"] += "; the gateway was started with other tokens than this shell has"
        return Problem(HTTPStatus(response.status), document["reason"], document["detail"])


def _subscriber(number: str) -> str:
    return f"/subscribers/{quote(number, safe='')}"


def _payment(number: str) -> str:
    return f"/payments/{quote(number, safe='')}"


def _action(action_id: str) -> str:
    return f"/actions/{quote(action_id, safe='')}"


def _day(provider: str, day: str) -> str:
    return f"/providers/{quote(provider, safe='')}/days/{quote(day, safe='')}"


def _timeout(total_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total_s, connect=CONNECT_S_MAX)

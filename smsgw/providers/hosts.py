"""Which hosts may be called, and at which of the addresses that their names stand for.

Rule 1: only the hosts that some provider's profile names are resolved or connected to.
Rule 2: it is the very addresses that are then connected to that are looked at, so that a name which stands for
another address a moment later (DNS rebinding) gains nothing.
Rule 3: an address is public, unless the profile says in which networks it lies; then it lies there. Addresses of this
machine belong to its own names alone. Some addresses are never called (`addresses.is_never_called`).
"""

from __future__ import annotations

import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from smsgw.providers.addresses import IPNetwork, as_address, may_be_called


class HostNotAllowed(Exception):  # noqa: N818 -- a decision of ours, taken before anything was sent
    """The host is nobody's billing, or is at an address that its provider did not name; the text says which."""


class AllowedHosts:
    """The hosts of all providers and the networks that each may lie in. Providers at one host share what they name."""

    def __init__(self) -> None:
        self._networks: dict[str, set[tuple[IPNetwork, ...]]] = {}

    def admit(self, host: str, networks: Sequence[IPNetwork]) -> None:
        """Allow a host, as yarl writes it: in lower case."""
        self._networks.setdefault(host, set()).add(tuple(networks))

    def check(self, host: str) -> None:
        """Look at a host before it is resolved; one that is an address never will be.

        Raises:
            HostNotAllowed: it must not be called.
        """
        if host not in self._networks:
            raise HostNotAllowed(f"{host} is no provider's host")
        if as_address(host) is not None and not self.allows(host, host):
            raise HostNotAllowed(f"{host} is no address of its provider")

    def allows(self, host: str, address: str) -> bool:
        """True if *host* may be called at *address*."""
        found = as_address(address)
        rules = self._networks.get(host, ())
        return found is not None and any(may_be_called(found, host, networks) for networks in rules)


class AllowedResolver(AbstractResolver):
    """The system's resolver, without what must not be called. Lives in one event loop."""

    def __init__(self, hosts: AllowedHosts) -> None:
        self._hosts = hosts
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses that may be connected to.

        Raises:
            HostNotAllowed: there is none.
            OSError: the name cannot be resolved.
        """
        self._hosts.check(host)
        found = await self._system.resolve(host, port, family)
        allowed = [result for result in found if self._hosts.allows(host, result["host"])]
        if not allowed:
            raise HostNotAllowed(f"{host} is at {found[0]['host'] if found else 'no address'}, which is not allowed")
        return allowed

    async def close(self) -> None:
        """End with the connector."""
        await self._system.close()

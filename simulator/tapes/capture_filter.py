"""Which connections of a capture are meant: a small part of what tcpdump takes: `port 2775 and host 10.0.0.1`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Self

PORT_MAX: Final = 65_535


@dataclass(frozen=True, slots=True)
class CaptureFilter:
    """Each host and port that is named must be at one of the two ends; without any, every connection is meant."""

    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()

    @classmethod
    def of(cls, words: str) -> Self:
        """Read terms with `and` between them. Raises ValueError."""
        hosts, ports = [], []
        for term in words.split(" and ") if words.strip() else []:
            match term.split():
                case ["host", address]:
                    hosts.append(_host(address))
                case ["port", digits] if digits.isascii() and digits.isdecimal() and int(digits) <= PORT_MAX:
                    ports.append(int(digits))
                case ["tcp"]:
                    pass  # everything here is
                case _:
                    raise ValueError(f"{term.strip()!r}: there are `host ADDRESS`, `port NUMBER`, and `and` between")
        return cls(tuple(hosts), tuple(ports))

    def fits(self, one: tuple[str, int], other: tuple[str, int]) -> bool:
        """Whether the connection between these two ends (HOST, PORT) is meant."""
        hosts, ports = {one[0], other[0]}, {one[1], other[1]}
        return hosts.issuperset(self.hosts) and ports.issuperset(self.ports)


def _host(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        raise ValueError(f"host {address!r}: an IP address is needed, such as 10.0.0.1") from None

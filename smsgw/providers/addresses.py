"""Addresses of billings: what may stand in the configuration, and where it may lead.

Rule 1: https only. Plain http carries passwords and payments in the clear, so it ends on this machine.
Rule 2: an address names a host and nothing that could hide another one: no user part, no fragment.
Rule 3: an IPv6 address that carries an IPv4 address leads to that one, and is judged as that one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from yarl import URL

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

# RFC 1123, 2.1 and RFC 1035, 2.3.4; the underscore is not in them, but in use. What this refuses, the resolver
# would answer with an error that no exchange expects.
_HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
# Resolvers read `127.1`, `0x7f000001` and the like as addresses; no name ends so (WHATWG URL, "ends in a number").
_ENDS_IN_NUMBER: Final = re.compile(r"(.*\.)?([0-9]+|0[xX][0-9A-Fa-f]*)\.?")
# The prefix under which DNS64 shows an IPv4 host to a machine that has only IPv6 (RFC 6052, 2.1).
_NAT64: Final = IPv6Network("64:ff9b::/96")
# What Python does not call reserved: "this network" (RFC 1122, 3.2.1.3; Linux connects 0.0.0.0 to itself), protocol
# assignments (RFC 6890; a cloud has its credentials there), and the site-local addresses of old (RFC 3879).
_NOBODYS: Final = (IPv4Network("0.0.0.0/8"), IPv4Network("192.0.0.0/24"), IPv6Network("fec0::/10"))


def billing_url(text: str) -> URL:
    """Read the address of a billing, as it stands, already percent-encoded.

    Raises:
        ValueError: it is no address that payments may be sent to; the message says why.
    """
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise ValueError("write it in plain ASCII without blanks, other characters percent-encoded")
    url = _parsed(text)
    host = url.host or ""
    if url.scheme not in {"https", "http"} or not _is_host(host):
        raise ValueError("it must begin with https:// and the name or the address of a host")
    if "@" in url.raw_authority or url.raw_fragment or "#" in text:
        raise ValueError("no user name and no fragment may stand in it; credentials have their own keys")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http is only for this machine (127.0.0.1); use https")
    return url


def as_address(host: str) -> IPAddress | None:
    """The address that *host* is, the carried one where it carries one; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return (_carried(address) if isinstance(address, IPv6Address) else None) or address


def is_loopback(host: str) -> bool:
    """True for this machine: 127.0.0.0/8, ::1, and `localhost` (RFC 6761, 6.3)."""
    address = as_address(host)
    return host == "localhost" if address is None else address.is_loopback


def is_never_called(address: IPAddress) -> bool:
    """True for addresses that no billing has, whatever a profile says.

    Link-local ones are where clouds keep the credentials of their machines (169.254.169.254); multicast, unspecified
    and reserved ones are nobody's.
    """
    if address.is_loopback:  # to Python, ::1 is reserved as well
        return False
    nobodys = address.is_multicast or address.is_reserved or any(address in network for network in _NOBODYS)
    return address.is_link_local or address.is_unspecified or nobodys


def may_be_called(address: IPAddress, host: str, networks: Sequence[IPNetwork]) -> bool:
    """True if the host of a profile with these `networks` may be called at this address."""
    if is_never_called(address):
        return False
    # Both ways: plain http to `localhost` must not leave this machine, and no name from outside leads into it.
    if address.is_loopback or is_loopback(host):
        return address.is_loopback and is_loopback(host)
    return any(address in network for network in networks) if networks else address.is_global


def with_query(url: URL, query: str) -> URL:
    """Add an encoded query to an address that may have one already; not a byte of either is changed."""
    joint = "&" if url.raw_query_string else "?"
    return URL(f"{str(url).removesuffix('?')}{joint}{query}", encoded=True)


def _parsed(text: str) -> URL:
    url = URL(text, encoded=True)
    # The port is read late: a bad one must be found here, and not by the first payment.
    if url.explicit_port is not None and not 0 < url.explicit_port < 65_536:
        raise ValueError("the port must be 1 to 65535")
    return url


def _is_host(host: str) -> bool:
    if ":" in host:  # yarl lets only IPv6 addresses have colons
        return True
    return bool(_HOST_NAME.fullmatch(host)) and (as_address(host) is not None or not _ENDS_IN_NUMBER.fullmatch(host))


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour

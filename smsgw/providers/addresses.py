"""Addresses of billings: what may stand in the configuration.

Rule 1: https only. Plain http carries passwords and payments in the clear, so it ends on this machine.
Rule 2: an address names a host and nothing that could hide another one: no user part, no fragment.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from yarl import URL

# RFC 1123, 2.1 and RFC 1035, 2.3.4; the underscore is not in them, but in use. What this refuses, the resolver
# would answer with an error that no exchange expects.
_HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


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


def is_loopback(host: str) -> bool:
    """True for this machine: 127.0.0.0/8, ::1, and `localhost` (RFC 6761, 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
    return ":" in host or bool(_HOST_NAME.fullmatch(host))  # yarl lets only IPv6 addresses have colons

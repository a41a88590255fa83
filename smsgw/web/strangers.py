"""Sources that try tokens: after ten different wrong ones, nothing that comes from there is looked at for a minute.

Rule 1: only a token that was not tried before counts. A forgotten script with an old token asks for ever with the same
    one; it guesses nothing, and must lock nobody out who works on its machine.
Rule 2: an IPv6 source is its /64: whoever has one address there has all of them (RFC 4291, 2.5.1).
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

WRONG_TOKENS_MAX: Final = 10
# Ten tries a minute find no token of sixteen characters; a person who mistyped waits for no longer than a coffee takes.
REST_S: Final = 60.0
# Some 1 MB; whoever has more sources than this gains the ten tries of each, and nothing else.
SOURCES_MAX: Final = 1000
# 64 bits tell ten tokens apart; the token itself is not kept.
_DIGEST_DIGITS: Final = 16
_NETWORK_BITS: Final = 64


class Strangers:
    """Wrong tokens by source; the least recently heard of leaves first. *now_s* never goes back."""

    def __init__(self) -> None:
        self._tried: OrderedDict[str, tuple[float, frozenset[str]]] = OrderedDict()

    def rests_s(self, source: str, now_s: float) -> float:
        """How long nothing from *source* is looked at; 0 = come in."""
        since_s, tried = self._tried.get(source, (now_s, frozenset()))
        return max(0.0, since_s + REST_S - now_s) if len(tried) >= WRONG_TOKENS_MAX else 0.0

    def wrong(self, source: str, digest: str, now_s: float) -> bool:
        """Note a wrong token by its digest; True = with this one the rest begins."""
        since_s, tried = self._tried.pop(source, (now_s, frozenset()))
        if now_s - since_s >= REST_S:
            since_s, tried = now_s, frozenset()
        more = tried | {digest[:_DIGEST_DIGITS]}
        begins = len(more) >= WRONG_TOKENS_MAX > len(tried)
        self._tried[source] = (now_s if begins else since_s, more)
        if len(self._tried) > SOURCES_MAX:
            self._tried.popitem(last=False)
        return begins


def source_of(peer: str | None) -> str:
    """What counts as one source: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        address = ip_address((peer or "").partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    carried = address.ipv4_mapped
    return str(carried) if carried else str(int(address) >> (128 - _NETWORK_BITS))

"""Protocols by name: the one table that a new protocol is entered in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from smsgw.ports import Provider
from smsgw.providers.click import Click
from smsgw.providers.http import HttpClient
from smsgw.providers.json_api import JsonApi
from smsgw.providers.osmp import Osmp
from smsgw.providers.payme import Payme
from smsgw.providers.paynet import Paynet
from smsgw.providers.profile import ProfileError, ProviderProfile
from smsgw.providers.sarkor import Sarkor

PROTOCOLS: Final[Mapping[str, Callable[[ProviderProfile, HttpClient], Provider]]] = {
    "click": Click,
    "json": JsonApi,
    "osmp": Osmp,
    "payme": Payme,
    "paynet": Paynet,
    "sarkor": Sarkor,
}


def build(profile: ProviderProfile, http: HttpClient) -> Provider:
    """Make the provider that a profile describes, and allow *http* to call its host.

    Raises:
        ProfileError: the protocol does not exist, or a setting does not fit it.
    """
    protocol = PROTOCOLS.get(profile.protocol)
    if protocol is None:
        raise ProfileError("protocol", f"{profile.protocol!r} is unknown; there are {', '.join(PROTOCOLS)}")
    return protocol(profile, http.admit(profile.address.host or "", profile.networks, profile.tls))

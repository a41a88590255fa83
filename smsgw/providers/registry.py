"""Protocols by name: the one table that a new protocol is entered in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from smsgw.ports import Provider
from smsgw.providers.http import HttpClient
from smsgw.providers.osmp import Osmp
from smsgw.providers.profile import ProfileError, ProviderProfile
from smsgw.providers.sarkor import Sarkor

PROTOCOLS: Final[Mapping[str, Callable[[ProviderProfile, HttpClient], Provider]]] = {
    "osmp": Osmp,
    "sarkor": Sarkor,
}


def build(profile: ProviderProfile, http: HttpClient) -> Provider:
    """Make the provider that a profile describes.

    Raises:
        ProfileError: the protocol does not exist, or a setting does not fit it.
    """
    protocol = PROTOCOLS.get(profile.protocol)
    if protocol is None:
        raise ProfileError("protocol", f"{profile.protocol!r} is unknown; there are {', '.join(PROTOCOLS)}")
    return protocol(profile, http)

"""The table of protocols."""

from __future__ import annotations

import pytest

from smsgw.domain.secret import Secret
from smsgw.providers.http import HttpClient
from smsgw.providers.osmp import Osmp
from smsgw.providers.profile import ProfileError, ProviderProfile
from smsgw.providers.registry import PROTOCOLS, build
from smsgw.providers.sarkor import Sarkor


def profile(protocol: str) -> ProviderProfile:
    return ProviderProfile(name="isp", protocol=protocol, url="https://a.uz", login="l", secret=Secret("canary"))


@pytest.mark.parametrize(("protocol", "kind"), [("osmp", Osmp), ("sarkor", Sarkor)])
def test_a_protocol_is_found_by_its_name(protocol: str, kind: type) -> None:
    assert isinstance(build(profile(protocol), HttpClient()), kind)


def test_an_unknown_protocol_names_the_known_ones() -> None:
    with pytest.raises(ProfileError, match=f"protocol: 'smoke' is unknown; there are {', '.join(PROTOCOLS)}"):
        build(profile("smoke"), HttpClient())

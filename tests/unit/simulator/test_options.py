"""What is typed becomes settings, or is named as what is wrong."""

from __future__ import annotations

import pytest

from simulator.billing.provider import BillingSetup
from simulator.options import COUNT, LoadOptions, ServeOptions


def test_what_is_typed_becomes_settings() -> None:
    settings = ServeOptions(
        smpp="0.0.0.0:2775",
        http="[::1]:0",
        provider=["sarkor:sarkor:me:a:b", "comnet:osmp"],
        user=["gateway:pass:word"],
        route=["1400=gateway"],
    ).simulator()
    assert (settings.smpp_host, settings.smpp_port) == ("0.0.0.0", 2775)  # noqa: S104 -- nothing listens here
    assert (settings.http_host, settings.http_port) == ("::1", 0)
    assert settings.smsc.credentials == {"gateway": "pass:word"}
    assert settings.smsc.routes == {"1400": "gateway"}
    assert settings.providers == (
        BillingSetup(name="sarkor", protocol="sarkor", login="me", password="a:b"),
        BillingSetup(name="comnet", protocol="osmp"),
    )


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (ServeOptions(smpp="2775"), "--smpp: '2775' is no HOST:PORT"),
        (ServeOptions(smpp="127.0.0.1:99999"), "--smpp: "),
        (ServeOptions(http="127.0.0.1:"), "--http: "),
        (ServeOptions(user=["gateway"]), "--user: 'gateway' has no ':'"),
        (ServeOptions(route=["=gateway"]), "--route: "),
        (ServeOptions(provider=["sarkor"]), "--provider: 'sarkor' is no NAME:PROTOCOL"),
        (ServeOptions(provider=["sarkor:soap"]), "protocol 'soap' is not simulated"),
        (ServeOptions(window=0), "window"),
    ],
)
def test_a_mistake_is_named(options: ServeOptions, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        options.simulator()


@pytest.mark.parametrize(
    ("options", "count", "duration_s"),
    [
        (LoadOptions(), COUNT, 0.0),
        (LoadOptions(duration=5), 0, 5.0),
        (LoadOptions(count=7, duration=5), 7, 5.0),
    ],
)
def test_a_run_is_bounded_by_count_or_duration_or_by_itself(
    options: LoadOptions, count: int, duration_s: float
) -> None:
    assert (options.load().count, options.load().duration_s) == (count, duration_s)

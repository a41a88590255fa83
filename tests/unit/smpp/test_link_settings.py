"""A link cannot be configured so that it harms."""

from dataclasses import replace

import pytest

from smsgw.domain.secret import Secret
from smsgw.smpp.constants import Status
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.segments import Method


def settings(
    *, system_id: str = "smsgw", password: str = "secret", retry_status: int = 0x64, sessions: int = 1, rate: float = 0
) -> LinkSettings:
    return LinkSettings(
        name="operator",
        host="127.0.0.1",
        port=2775,
        system_id=system_id,
        password=Secret(password),
        source="1400",
        retry_status=retry_status,
        sessions=sessions,
        rate=rate,
    )


def test_the_status_that_empties_our_queue_at_the_smsc_is_refused() -> None:
    """SMPP 5.0, 4.7.6: after ESME_RX_P_APPN nothing queued for the same destination is retried."""
    with pytest.raises(ValueError, match="ESME_RX_P_APPN"):
        settings(retry_status=Status.ESME_RX_P_APPN)


def test_a_retry_status_that_says_taken_is_refused() -> None:
    """The text would be lost: the SMSC would forget it, and we never had it."""
    with pytest.raises(ValueError, match="was not"):
        settings(retry_status=Status.ESME_ROK)


@pytest.mark.parametrize("key", ["system_id", "password"])
@pytest.mark.parametrize("value", ["\0", "a\0b", "ж", "\U0001f600"])
def test_credentials_that_no_octets_can_say_are_refused(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{key}: one octet a character"):
        settings(**{key: value})  # type: ignore[arg-type]


def test_credentials_have_the_specification_s_lengths() -> None:
    assert settings(system_id="x" * 15, password="12345678").system_id == "x" * 15
    with pytest.raises(ValueError, match="at most 15"):
        settings(system_id="x" * 16)
    with pytest.raises(ValueError, match="password 8"):
        settings(password="123456789")


def test_a_link_has_a_session_and_a_rate_that_is_not_negative() -> None:
    with pytest.raises(ValueError, match="sessions"):
        settings(sessions=0)
    with pytest.raises(ValueError, match="rate"):
        settings(rate=-1)


def test_the_password_never_prints() -> None:
    assert "secret" not in repr(settings())


@pytest.mark.parametrize(
    ("preferred", "used"),
    [
        (Method.UDH8, Method.UDH8),
        (Method.UDH16, Method.UDH16),
        (Method.SAR, Method.UDH8),
        (Method.PAYLOAD, Method.UDH8),
    ],
)
def test_an_smsc_without_optional_parameters_gets_headers(preferred: Method, used: Method) -> None:
    """SMPP 3.4, 3.4: an SMSC that announces no version supports no optional parameters."""
    link = replace(settings(), long_texts=preferred)
    assert link.without_tlvs() == replace(settings(), long_texts=used)

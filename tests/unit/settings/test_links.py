"""A table [links.NAME] becomes a link's settings, or a mistake with its key."""

from __future__ import annotations

import math
import ssl
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from smsgw.domain.secret import Secret
from smsgw.settings.links import link_settings
from smsgw.settings.sections import LinkSection
from smsgw.smpp.constants import Status
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.validity import Validity
from tests.integration.certificates import Authority, Signed

PLAIN = {"host": "127.0.0.1", "port": 2775, "system_id": "smsgw", "password_env": "PASSWORD"}


def section(**keys: Any) -> LinkSection:
    return LinkSection.model_validate({**PLAIN, **keys})


def made(folder: Path = Path(), **keys: Any) -> LinkSettings:
    return link_settings("operator", section(**keys), Secret("secret"), "1400", folder)


@pytest.mark.parametrize("validity", Validity)
def test_each_form_of_validity_can_be_chosen(validity: Validity) -> None:
    assert made(validity=validity.value).validity is validity
    assert made().validity is Validity.RELATIVE


@pytest.fixture
def ours(tmp_path: Path) -> Signed:
    return Authority(tmp_path).sign("smsgw")


def test_every_timer_of_a_link_can_be_set() -> None:
    link = made(
        connect_s=1,
        session_init_s=2,
        enquire_link_s=3,
        enquire_link_response_s=4,
        inactivity_s=5,
        response_s=6,
        pdu_read_s=7,
    )
    session = link.session
    assert (link.connect_s, session.session_init_s) == (1, 2)
    assert (session.enquire_link_interval_s, session.enquire_link_timeout_s) == (3, 4)
    assert (session.inactivity_s, session.response_s, session.pdu_read_s) == (5, 6, 7)


def test_the_timers_that_nobody_sets_are_those_of_the_session() -> None:
    """But for the response timer: a text's lease covers ten seconds of it."""
    usual = SessionSettings()
    session = made().session
    for name in ("session_init_s", "enquire_link_interval_s", "enquire_link_timeout_s", "inactivity_s", "pdu_read_s"):
        assert getattr(session, name) == getattr(usual, name), name
    assert (session.inactivity_s, session.response_s) == (math.inf, 10.0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("connect_s", 0),
        ("session_init_s", 0),
        ("enquire_link_s", 0),
        ("enquire_link_response_s", 0),
        ("inactivity_s", -1),
        ("response_s", 0),
        ("response_s", 10.1),
        ("pdu_read_s", 0),
        ("enquire_link_s", "soon"),
    ],
)
def test_a_timer_that_cannot_be_is_refused_by_its_key(key: str, value: object) -> None:
    with pytest.raises(ValidationError, match=key):
        section(**{key: value})


def test_a_link_says_what_the_refusals_of_its_smsc_mean() -> None:
    """By a status's name, in whichever case the environment has it, or by its number."""
    rows = {"esme_rthrottled": {"then": "pause", "wait_s": 10}, "1025": {"then": "fail"}}
    own = made(statuses=rows).statuses
    assert own == {Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, 10.0), 0x401: Reaction(Then.FAIL)}


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("ESME_LATER", {"then": "fail"}),
        ("ESME_RTHROTTLED", {"then": "wait", "wait_s": 1}),
        ("ESME_RTHROTTLED", {"then": "pause"}),
        ("ESME_RTHROTTLED", {"then": "later", "wait_s": 3601}),
        ("ESME_RTHROTTLED", {"then": "fail", "wait_s": 1}),
        ("ESME_RTHROTTLED", {"wait_s": 1}),
    ],
)
def test_a_row_of_statuses_that_cannot_be_is_refused_by_its_name(name: str, row: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=rf"statuses\.{name}"):
        section(statuses={name: row})


def test_a_link_may_stand_in_for_others() -> None:
    assert made(prefixes=["+99890", "+1"]).prefixes == ("+99890", "+1")
    assert made().prefixes == ()
    for wrong in ("99890", "+", "+0", "+99890x", ""):
        with pytest.raises(ValidationError, match="prefixes"):
            section(prefixes=[wrong])


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_ipv6_address_may_stand_in_its_brackets(host: str) -> None:
    assert made(host=host).host == "::1"


@pytest.mark.proves("A73")
@pytest.mark.parametrize("host", ["10.1.2.3", "smsc.example", "2001:db8::1"])
def test_plain_text_beyond_loopback_needs_its_own_permission(host: str) -> None:
    with pytest.raises(ValidationError, match="plaintext_ok = true where a VPN"):
        section(host=host)
    assert section(host=host, plaintext_ok=True).plaintext_ok
    assert section(host=host, tls=True).tls


@pytest.mark.proves("A73")
def test_tls_verifies_the_certificate_and_the_name() -> None:
    context = made(tls=True).tls
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_named_authority_is_the_only_one(tmp_path: Path) -> None:
    """A relative path starts where the configuration is."""
    Authority(tmp_path)
    context = made(tmp_path, tls=True, tls_ca_file="authority.pem").tls
    assert context is not None
    assert [each["subject"] for each in context.get_ca_certs()] == [((("commonName", "authority"),),)]


def test_our_own_certificate_may_be_named(tmp_path: Path, ours: Signed) -> None:
    assert made(tmp_path, tls=True, tls_certificate_file="smsgw.pem", tls_key_file="smsgw.key").tls is not None
    with pytest.raises(ValueError, match=r"^tls_key_file: .*gone\.key: No such file"):
        made(tmp_path, tls=True, tls_certificate_file="smsgw.pem", tls_key_file="gone.key")


def test_certificates_that_nobody_would_use_are_a_mistake() -> None:
    with pytest.raises(ValidationError, match="without tls = true"):
        section(tls_ca_file="authority.pem")
    with pytest.raises(ValidationError, match="needs its certificate"):
        section(tls=True, tls_key_file="smsgw.key")


def test_a_pattern_for_receipts_is_read_whatever_their_case() -> None:
    pattern = made(receipt_pattern=r"msg (?P<id>\w+)").receipt_pattern

    assert pattern is not None
    assert pattern.fullmatch("MSG 77")
    assert made().receipt_pattern is None


@pytest.mark.parametrize(("pattern", "mend"), [(r"msg (\w+)", r"\(\?P<id>"), (r"msg (?P<id>", "no regular expression")])
def test_a_pattern_that_cannot_name_a_message_is_refused(pattern: str, mend: str) -> None:
    with pytest.raises(ValidationError, match=mend):
        section(receipt_pattern=pattern)

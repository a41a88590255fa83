"""The files of TLS become a context, or a mistake with its key."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from smsgw.settings.tls import client_context
from tests.integration.certificates import Authority, Signed


@pytest.fixture
def ours(tmp_path: Path) -> Signed:
    return Authority(tmp_path).sign("smsgw")


def test_the_peers_certificate_and_its_name_are_verified() -> None:
    context = client_context(None, None, None)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_named_authority_is_the_only_one(tmp_path: Path) -> None:
    context = client_context(Authority(tmp_path).certificate, None, None)
    assert [each["subject"] for each in context.get_ca_certs()] == [((("commonName", "authority"),),)]


def test_certificate_and_key_may_stand_in_one_file(tmp_path: Path, ours: Signed) -> None:
    client_context(None, ours.certificate, ours.key)
    both = tmp_path / "both.pem"
    both.write_bytes(ours.certificate.read_bytes() + ours.key.read_bytes())
    both.chmod(0o600)
    client_context(None, both, None)


def test_a_file_that_cannot_be_used_is_named_with_its_key(tmp_path: Path, ours: Signed) -> None:
    gone, broken = tmp_path / "gone.pem", tmp_path / "broken.pem"
    broken.write_text("no certificate")
    with pytest.raises(ValueError, match=r"^tls_ca_file: .*gone\.pem: No such file"):
        client_context(gone, None, None)
    with pytest.raises(ValueError, match=r"^tls_ca_file: .*broken\.pem: "):
        client_context(broken, None, None)
    with pytest.raises(ValueError, match=r"^tls_key_file: .*gone\.pem: No such file"):
        client_context(None, ours.certificate, gone)
    with pytest.raises(ValueError, match=r"^tls_certificate_file: .*gone\.pem: No such file"):
        client_context(None, gone, ours.key)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path, ours: Signed) -> None:
    other = Authority(tmp_path, "other").sign("other")
    with pytest.raises(ValueError, match=r"^tls_key_file: .*other\.key: .*(?i:mismatch)"):
        client_context(None, ours.certificate, other.key)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(ours: Signed, mode: int) -> None:
    ours.key.chmod(mode)
    with pytest.raises(ValueError, match=r"^tls_key_file: .*chmod 600"):
        client_context(None, ours.certificate, ours.key)


def test_a_certificate_that_holds_its_key_is_as_secret(ours: Signed) -> None:
    ours.certificate.chmod(0o644)
    with pytest.raises(ValueError, match=r"^tls_certificate_file: .*chmod 600"):
        client_context(None, ours.certificate, None)


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked_for_it(ours: Signed) -> None:
    key = serialization.load_pem_private_key(ours.key.read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    ours.key.write_bytes(locked)
    with pytest.raises(ValueError, match=r"^tls_key_file: .* passphrase"):
        client_context(None, ours.certificate, ours.key)

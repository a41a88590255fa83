"""What cannot be used as a certificate is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.configuration.tls import server_context
from tests.integration.certificates import Authority


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(OSError, match=r"^/nope: No such file or directory$"):
        server_context(Path("/nope"))


def test_the_authority_of_the_clients_is_named_where_it_is_what_fails(tmp_path: Path) -> None:
    signed = Authority(tmp_path).sign("smsc")
    (tmp_path / "clients.pem").write_text("x")
    with pytest.raises(
        OSError, match=r"^[^,]*clients\.pem: the certificates of authorities in PEM are needed \(NO_CERT"
    ):
        server_context(signed.certificate, signed.key, tmp_path / "clients.pem")


def test_what_is_no_certificate_is_told_what_is_needed() -> None:
    with pytest.raises(OSError, match=r"^[^,]*test_tls\.py: a certificate and its key in PEM are needed$"):
        server_context(Path(__file__))


def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    signed, other = authority.sign("smsc"), authority.sign("other")
    with pytest.raises(OSError, match=r"are needed \(KEY_VALUES_MISMATCH\)$"):
        server_context(signed.certificate, other.key)


def test_of_two_files_both_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_text("x")
    with pytest.raises(OSError, match=r"a\.pem, .*b\.pem: "):
        server_context(tmp_path / "a.pem", tmp_path / "b.pem")

"""A table of providers.toml becomes a payee."""

import re
import ssl
from ipaddress import ip_network
from pathlib import Path

import pytest

from smsgw.domain.catalogue import CheckDigit, Fee
from smsgw.domain.money import UZS, Money
from smsgw.settings.catalogue import ProviderSection, read_providers
from tests.integration.certificates import Authority

TABLE = {
    "title": "IMEI",
    "protocol": "osmp",
    "url": "http://127.0.0.1/",
    "amount": {"min": "30000", "max": "30000.50", "step": "0.50", "price": "30000"},
    "fee": {"fixed": "5", "percent": "1.25"},
    "account": [{"lengths": [15], "check_digit": "luhn"}],
}


def test_sums_are_read_as_text_and_percent_as_hundredths() -> None:
    sections, problems = read_providers({"imei": TABLE}, Path("providers.toml"))
    payee = sections["imei"].payee("imei")

    assert problems == []
    assert (payee.amount.maximum, payee.amount.step_minor) == (Money(3_000_050, UZS), 50)
    assert payee.amount.fixed_price == Money(3_000_000, UZS)
    assert payee.fee == Fee(500, 125)
    assert payee.account[0].check_digit is CheckDigit.LUHN


def test_a_bad_table_is_a_problem_and_the_others_are_read() -> None:
    sections, problems = read_providers({"imei": TABLE, "Bad Name": TABLE, "x": {}}, Path("providers.toml"))

    assert list(sections) == ["imei"]
    assert {problem.key.split(".")[0] for problem in problems} == {"Bad Name", "x"}


def read(folder: Path, **keys: object) -> tuple[ProviderSection | None, str]:
    """The section of TABLE with these keys, and what is wrong with it."""
    sections, problems = read_providers({"imei": TABLE | keys}, folder / "providers.toml")
    return sections.get("imei"), "; ".join(f"{problem.key}: {problem.reason}" for problem in problems)


def test_what_nobody_names_is_left_to_the_protocol() -> None:
    section, _ = read(Path())

    assert section is not None
    promises = (section.dedupes_by_reference, section.duplicate_checked_first, section.max_late_apply_s)
    assert promises == (None, None, None)
    assert (section.repeat_after_s, section.back_off_s, section.lifetime_s) == (None, (), None)
    assert (section.time_zone, section.networks, section.tls()) == ("Asia/Tashkent", (), None)


def test_a_connection_of_ones_own_is_read() -> None:
    section, _ = read(Path(), networks=["10.8.0.0/16", "fd00::/8"], back_off_s=[60, 300], time_zone="Europe/Moscow")

    assert section is not None
    assert section.networks == (ip_network("10.8.0.0/16"), ip_network("fd00::/8"))
    assert (section.back_off_s, section.time_zone) == ((60, 300), "Europe/Moscow")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"networks": ["10.8.0.1/16"]}, "imei.networks.0: .*has host bits set"),
        ({"networks": ["vpn"]}, "imei.networks.0: .*does not appear to be"),
        ({"networks": [10]}, "imei.networks.0: "),
        ({"networks": "10.8.0.0/16"}, "imei.networks: "),
        ({"back_off_s": [60, 0]}, "imei.back_off_s.1: 1 is the least"),
        ({"back_off_s": [1.5]}, "imei.back_off_s.0: a whole number"),
        ({"repeat_after_s": 0}, "imei.repeat_after_s: 1 is the least"),
        ({"lifetime_s": 59}, "imei.lifetime_s: 60 is the least"),
        ({"url": "https://a.uz", "tls_ca_file": "gone.pem"}, r"imei: tls_ca_file: .*gone\.pem: No such file"),
        ({"url": "https://a.uz", "tls_certificate_file": "gone.pem"}, "imei: tls_certificate_file: .*No such file"),
        ({"url": "https://a.uz", "tls_key_file": "smsgw.key"}, "imei: tls_key_file needs its certificate"),
        ({"tls_ca_file": "authority.pem"}, "imei: certificates are named, but the url begins with http:"),
    ],
)
def test_a_connection_that_cannot_be_is_named(tmp_path: Path, keys: dict[str, object], problem: str) -> None:
    section, found = read(tmp_path, **keys)
    assert section is None
    assert re.match(problem, found), found


def test_files_of_tls_stand_beside_the_table(tmp_path: Path) -> None:
    """Wherever the process was started; and the key is as secret as a link's."""
    ours = Authority(tmp_path).sign("smsgw")
    keys = {"url": "https://a.uz", "tls_ca_file": "authority.pem", "tls_certificate_file": "smsgw.pem"}
    section, _ = read(tmp_path, **keys, tls_key_file="smsgw.key")

    assert section is not None
    context = section.tls()
    assert isinstance(context, ssl.SSLContext)
    assert [each["subject"] for each in context.get_ca_certs()] == [((("commonName", "authority"),),)]
    ours.key.chmod(0o640)
    assert "imei: tls_key_file: " in read(tmp_path, **keys, tls_key_file="smsgw.key")[1]
    assert "chmod 600" in read(tmp_path, **keys, tls_key_file="smsgw.key")[1]

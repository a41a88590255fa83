"""`smsgw check`, `migrate`."""

import json
import sqlite3
import tomllib
from contextlib import closing

import pytest

from tests.integration.commands.conftest import Shell


def test_the_shipped_configuration_is_good(smsgw: Shell) -> None:
    checked = smsgw("check")

    assert (checked.code, checked.err) == (0, "")
    assert "SARKOR*n25656*500*parol" in checked.out
    assert json.loads(smsgw("check", "--json").out)["providers"]["comnet"] == "osmp"


def test_all_mistakes_of_a_file_are_named_at_once(smsgw: Shell) -> None:
    file = smsgw.folder / "config" / "smsgw.toml"
    file.write_text(file.read_text().replace("port = 2775", "port = 0").replace("digits = 6", "digits = 3"))
    checked = smsgw("check")

    assert checked.code == 2
    assert "config/smsgw.toml: otp.digits: " in checked.err
    assert "config/smsgw.toml: links.simulator.port: " in checked.err
    assert "Traceback" not in checked.err


def test_a_profile_that_cannot_work_is_named(smsgw: Shell) -> None:
    file = smsgw.folder / "config" / "providers.toml"
    preset = 'preset = "comnet"'
    file.write_text(file.read_text().replace(preset, f'{preset}, whole_unit = true, method = "PUT"'))
    checked = smsgw("check", "--json")

    assert checked.code == 2
    assert json.loads(checked.out)["problems"][0]["key"].startswith("comnet.")
    assert "comnet." in checked.err


def test_a_profile_is_judged_whatever_else_is_wrong(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMSGW_KEYS__MASTER")
    monkeypatch.delenv("SARKOR_SECRET")
    file = smsgw.folder / "config" / "providers.toml"
    file.write_text(file.read_text().replace('protocol = "osmp"', 'protocol = "osmpp"', 1))
    checked = smsgw("check")

    assert "config/smsgw.toml: keys: " in checked.err
    assert "config/providers.toml: comnet.protocol: 'osmpp' is unknown; there are " in checked.err
    assert checked.err.count("config/providers.toml: sarkor.") == 1


def test_missing_secrets_are_named_with_how_to_make_them(smsgw: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMSGW_HTTP__TOKEN")
    monkeypatch.delenv("SARKOR_SECRET")
    checked = smsgw("check")

    assert checked.code == 2
    assert "SMSGW_HTTP__TOKEN" in checked.err
    assert "openssl rand -hex 16" in checked.err
    assert "SARKOR_SECRET" in checked.err


def test_a_configuration_that_is_not_there_is_named(smsgw: Shell) -> None:
    checked = smsgw("check", "--config", "nowhere/smsgw.toml")

    assert checked.code == 2
    assert "nowhere/smsgw.toml: cannot be read" in checked.err


def test_migrate_makes_the_tables_and_may_be_repeated(smsgw: Shell) -> None:
    for _ in range(2):
        assert smsgw("migrate").code == 0
    with closing(sqlite3.connect(smsgw.folder / "var" / "smsgw.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM payments").fetchone() == (0,)


def test_the_shipped_links_are_what_the_header_of_the_file_says(smsgw: Shell) -> None:
    """Whoever follows the first comment of config/smsgw.toml reaches the simulator that it starts."""
    text = (smsgw.folder / "config" / "smsgw.toml").read_text()
    link = tomllib.loads(text)["links"]["simulator"]
    assert f"--smpp {link['host']}:{link['port']}" in text

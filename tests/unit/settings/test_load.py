"""A configuration is read whole or refused with every mistake by file, key and reason."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from smsgw.domain.money import UZS, Money
from smsgw.domain.secret import Secret
from smsgw.settings.load import key_id, load
from smsgw.settings.problems import ConfigurationError
from smsgw.smpp.constants import Status

Spoil = Callable[[str, str, str], None]


def problems(config: Path, environment: Mapping[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(config, environment)
    return [f"{Path(p.file).name}|{p.key}|{p.reason}" for p in caught.value.problems]


def test_the_project_s_own_configuration_is_good(config: Path, environment: Mapping[str, str]) -> None:
    loaded = load(config, environment)

    assert loaded.rules.limits.month == Money(6_000_000_000, UZS)
    assert loaded.links["simulator"].password == Secret("simpass")
    assert loaded.links["simulator"].source == "1400"
    assert loaded.secrets["sarkor"] == Secret("sarkor")
    assert loaded.rules.regions == {"simulator": "UZ"}


@pytest.mark.proves("A87")
def test_no_secret_ever_prints(config: Path, environment: Mapping[str, str]) -> None:
    printed = repr(load(config, environment))

    assert not [secret for secret in environment.values() if secret in printed and len(secret) > 6]
    assert "simpass" not in printed


def test_the_environment_wins_over_the_file(
    config: Path, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSGW_LINKS__SIMULATOR__PORT", "2776")
    monkeypatch.setenv("SMSGW_OTP__TTL_S", "120")

    loaded = load(config, environment)

    assert (loaded.links["simulator"].port, loaded.rules.code.ttl_s) == (2776, 120)
    assert loaded.links["simulator"].host == "127.0.0.1"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("smsgw.toml", "ttl_s = 300", "ttl_s = 601", "smsgw.toml|otp.ttl_s|"),
        ("smsgw.toml", "ttl_s = 300", "ttl = 300", "smsgw.toml|otp.ttl|there is no such key"),
        ("smsgw.toml", 'short_code = "1400"', "", "smsgw.toml|service.short_code|this key is needed"),
        ("smsgw.toml", '"Asia/Tashkent"', '"Tashkent"', "smsgw.toml|service.time_zone|'Tashkent' is no time zone"),
        ("smsgw.toml", 'currency = "UZS"', 'currency = "XXX"', "smsgw.toml|service.currency|'XXX' is unknown"),
        ("smsgw.toml", 'day = "5000000"', 'day = "lots"', "smsgw.toml|limits.day|'lots' is no sum in UZS"),
        ("smsgw.toml", 'host = "127.0.0.1"', 'host = "10.1.2.3"', "smsgw.toml|links.simulator|texts with passwords"),
        ("smsgw.toml", "window = 10", 'retry_status = "NOPE"', "smsgw.toml|links.simulator.retry_status|'NOPE'"),
        ("smsgw.toml", "window = 10", 'retry_status = "ESME_RX_P_APPN"', "smsgw.toml|links.simulator|retry_status"),
        ("smsgw.toml", '"SIMULATOR_PASSWORD"', '"NOT_SET"', "smsgw.toml|links.simulator.password_env|the environment"),
        ("smsgw.toml", "[otp]", "[otp", "smsgw.toml||is no TOML"),
        ("smsgw.toml", '"Asia/Tashkent"', '"Asia"', "smsgw.toml|service.time_zone|'Asia' is no time zone"),
        ("smsgw.toml", "window = 10", 'retry_status = "0"', "smsgw.toml|links.simulator.retry_status|'0' is no"),
        ("smsgw.toml", "window = 10", 'retry_status = "4294967296"', "smsgw.toml|links.simulator.retry_status|"),
        (
            "smsgw.toml",
            "window = 10",
            'retry_status = "ESME_ROK"',
            "smsgw.toml|links.simulator.retry_status|'ESME_ROK'",
        ),
        ("smsgw.toml", "window = 10", 'system_type = "😀"', "smsgw.toml|links.simulator|system_type: one octet"),
        ("smsgw.toml", "window = 10", "rate = inf", "smsgw.toml|links.simulator.rate|Input should be a finite"),
        (
            "smsgw.toml",
            "window = 10",
            'receipt_pattern = "(?P<id>a{99999999999})"',
            "smsgw.toml|links.simulator.receipt",
        ),
        ("smsgw.toml", "[keys]", '[keys]\nprevious = ["\\u0000"]', "smsgw.toml|keys.previous|"),
        ("smsgw.toml", "[otp]", "a = " + "[" * 5000 + "\n[otp]", "smsgw.toml||is no TOML: maximum recursion depth"),
        ("smsgw.toml", "[otp]", "a = " + "9" * 5000 + "\n[otp]", "smsgw.toml||is no TOML: Exceeds the limit"),
        ("words.toml", "[cancel]", '[cancel]\nxx = "NO"', "words.toml||words: cancel.xx: a list of words"),
        ("words.toml", "[cancel]", "[cancel]\nxx = [0]", "words.toml||words: cancel.xx: a list of words"),
        ("words.toml", "[cancel]", "yes = 5\n[cancel]", "words.toml||"),
        ("providers.toml", 'category = "internet"', "pay_deadline_s = inf", "providers.toml|sarkor.pay_deadline_s|"),
        ("providers.toml", 'category = "internet"', "pay_deadline_s = 301", "providers.toml|sarkor.pay_deadline_s|300"),
        ("providers.toml", 'category = "internet"', "lifetime_s = 2592001", "providers.toml|sarkor.lifetime_s|2592000"),
        ("providers.toml", 'title = "SARKOR"', 'title = "SARKOR TELECOM"', "providers.toml|sarkor|title"),
        ("providers.toml", 'min = "500"', 'min = "0"', "providers.toml|sarkor|amounts from 0"),
        ("providers.toml", '"SARKOR_SECRET"', '"NOT_SET"', "providers.toml|sarkor.secret_env|the environment"),
        ("providers.toml", 'category = "internet"', 'category = "isp"', "providers.toml|sarkor.category|"),
        ("providers.toml", '"САРКОР"', '"ПОМОЩЬ"', "words.toml||"),
        ("replies.toml", "[event.code]", "[event.kode]", "replies.toml|"),
    ],
)
def test_a_mistake_is_named_by_file_key_and_reason(
    config: Path, environment: Mapping[str, str], spoil: Spoil, file: str, old: str, new: str, expected: str
) -> None:
    spoil(file, old, new)

    assert [line for line in problems(config, environment) if line.startswith(expected)], problems(config, environment)


def test_all_mistakes_are_told_at_once(config: Path, environment: Mapping[str, str], spoil: Spoil) -> None:
    spoil("smsgw.toml", "ttl_s = 300", "ttl_s = 0")
    spoil("smsgw.toml", "digits = 6", "digits = 20")
    spoil("providers.toml", 'title = "SARKOR"', 'title = ""')

    assert len(problems(config, environment)) >= 3


@pytest.mark.parametrize("value", ["{", "[" * 5000])
def test_a_section_in_the_environment_that_is_no_json_is_refused(
    config: Path, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SMSGW_LIMITS__LEVELS", value)

    (told,) = problems(config, environment)
    assert re.search("error parsing value|nested too deep", told)


def test_a_missing_file_is_named(config: Path, environment: Mapping[str, str]) -> None:
    (config.parent / "words.toml").unlink()

    assert "words.toml||cannot be read: No such file or directory" in problems(config, environment)


@pytest.mark.parametrize("key", ["", "ab" * 31, "zz" * 32])
def test_a_key_of_another_size_is_refused_with_the_mend(
    config: Path, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("SMSGW_KEYS__MASTER", key)

    assert [line for line in problems(config, environment) if "openssl rand -hex 32" in line]


def test_a_key_file_that_others_can_read_is_refused(
    config: Path, environment: Mapping[str, str], spoil: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMSGW_KEYS__MASTER")
    key = config.parent / "master.key"
    key.write_text("ab" * 32)
    spoil("smsgw.toml", "[keys]", f'[keys]\nfile = "{key}"')
    key.chmod(0o644)
    assert [line for line in problems(config, environment) if "chmod 600" in line]
    key.chmod(0o600)

    assert load(config, environment).rules.keyring.current == key_id(bytes.fromhex("ab" * 32))


@pytest.mark.proves("A81")
def test_without_a_token_there_is_no_operations_api(
    config: Path, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMSGW_HTTP__TOKEN")

    assert [line for line in problems(config, environment) if "SMSGW_HTTP__TOKEN" in line]


@pytest.mark.proves("A81")
def test_a_short_token_is_refused(
    config: Path, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMSGW_HTTP__TOKEN", "short")

    assert [line for line in problems(config, environment) if "16 are the least" in line]


def test_the_retry_status_may_be_a_number(config: Path, environment: Mapping[str, str], spoil: Spoil) -> None:
    spoil("smsgw.toml", "window = 10", 'retry_status = "20"')

    assert load(config, environment).links["simulator"].retry_status == Status.ESME_RMSGQFUL


def test_a_mistake_in_one_file_hides_none_of_the_others(
    config: Path, environment: Mapping[str, str], spoil: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMSGW_KEYS__MASTER")
    spoil("smsgw.toml", "ttl_s = 300", "ttl_s = 0")
    spoil("smsgw.toml", '"SIMULATOR_PASSWORD"', '"NOT_SET"')
    spoil("providers.toml", '"SARKOR_SECRET"', '"NOT_SET"')
    spoil("replies.toml", "[event.code]", "[event.kode]")
    (config.parent / "words.toml").unlink()

    told = {line.rpartition("|")[0] for line in problems(config, environment)}
    assert {
        "smsgw.toml|otp.ttl_s",
        "smsgw.toml|links.simulator.password_env",
        "providers.toml|sarkor.secret_env",
        "words.toml|",
    } <= told
    assert any(place.startswith("replies.toml|") for place in told)


def test_without_any_secret_all_are_named(
    config: Path, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment:
        monkeypatch.delenv(name)

    assert {line.split("|")[1] for line in problems(config, {})} == {
        "keys",
        "http.token_file",
        "links.simulator.password_env",
        "sarkor.secret_env",
    }


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("SMSGW_OTP__TTL_S", "soon", "a whole number is needed"),
        ("SMSGW_OTP__TTLS", "120", "there is no such key"),
        ("SMSGW_OPT__TTL_S", "120", "no section [opt]"),
        ("SMSGW_OTP", "5", "Input should be a valid dictionary"),
    ],
)
def test_a_mistake_of_the_environment_is_named_by_its_variable(
    config: Path,
    environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    reason: str,
) -> None:
    monkeypatch.setenv(variable, value)

    (told,) = problems(config, {**environment, variable: value})
    assert told.startswith(f"environment|{variable}|")
    assert reason in told

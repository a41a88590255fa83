"""What is typed becomes settings, or is named as what is wrong."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import typer

from simulator.billing.provider import BillingSetup
from simulator.commands.load import COUNT, LoadOptions
from simulator.commands.options import typed
from simulator.commands.record import RecordOptions
from simulator.commands.replay import ReplayOptions
from simulator.commands.serve import ServeOptions
from simulator.settings import OperatorSettings
from tests.integration.certificates import Authority
from tests.repo.tree import ROOT


def test_what_is_typed_becomes_settings() -> None:
    settings = ServeOptions(
        smpp="0.0.0.0:2775",
        http="[::1]:0",
        provider=["sarkor:sarkor:me:a:b", "comnet:osmp"],
        user=["gateway:pass:wor"],
        route=["1400=gateway"],
    ).simulator()
    (operator,) = settings.operators
    assert (operator.host, operator.port) == ("0.0.0.0", 2775)  # noqa: S104 -- nothing listens here
    assert (settings.http_host, settings.http_port) == ("::1", 0)
    assert operator.smsc.credentials == {"gateway": "pass:wor"}
    assert operator.smsc.routes == {"1400": "gateway"}
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
        (ServeOptions(user=["gateway:secret123"]), "--user: 'gateway': a password has at most 8 ASCII characters"),
        (ServeOptions(user=["gateway_of_ours_1:x"]), "--user: 'gateway_of_ours_1': a system_id has 1 to 15"),
        (ServeOptions(user=["gateway:a", "gateway:b"]), "--user: 'gateway' is there twice: leave one out"),
        (ServeOptions(route=["=gateway"]), "--route: "),
        (ServeOptions(route=["1400=a", "1400=b"]), "--route: '1400' is there twice: leave one out"),
        (
            ServeOptions(user=["gateway:x"], route=["1400=other"]),
            "--route: 1400: 'other' is no account: add --user other:PASSWORD",
        ),
        (ServeOptions(provider=["sarkor"]), "--provider: 'sarkor' is no NAME:PROTOCOL"),
        (ServeOptions(provider=["sarkor:soap"]), "--provider: sarkor: protocol 'soap' is not simulated"),
        (ServeOptions(provider=["{x:osmp"]), "--provider: '{x' is no name for a part of a path"),
        (ServeOptions(scenario=["flaky", "dead"]), "--scenario: 'every operator' is there twice"),
        (ServeOptions(scenario=["operator=dead", "operator=dead"]), "--scenario: 'operator' is there twice"),
        (ServeOptions(provider=["a:osmp", "b:osmp", "a:sarkor"]), "--provider: 'a' is there twice"),
        (ServeOptions(window=0), "window"),
        (ServeOptions(tls="gone.pem"), "--tls: gone.pem: No such file"),
        (ServeOptions(tls_clients="clients.pem"), "--tls-clients needs --tls"),
        (ServeOptions(receipt_s=float("inf")), "--receipt-s: 0 to 86400"),
        (ServeOptions(retry_s=float("nan")), "--retry-s: 0 to 86400"),
        (ServeOptions(retry_s=-1), "--retry-s: 0 to 86400"),
        (ServeOptions(smpp="0.0.0.0:0"), "anybody could bind: name who may"),
        (ServeOptions(http="0.0.0.0:0"), "anybody could ask: name a token"),
        (ServeOptions(http_token_env="NOT_SET_AT_ALL"), "the environment has no variable NOT_SET_AT_ALL"),
        (ServeOptions(config="gone.toml"), "gone.toml: cannot be read: No such file"),
        (ServeOptions(config="gone.toml", smpp="127.0.0.1:0"), "--config and --smpp exclude each other"),
        (ServeOptions(config="gone.toml", provider=["p:osmp"]), "--config and --provider exclude each other"),
        (LoadOptions(config="gone.toml", retry_s=3.0), "--config and --retry-s exclude each other"),
    ],
)
def test_a_mistake_is_named(options: ServeOptions, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        options.simulator()


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8090",
        "localhost:8090",
        "",
        "http://",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://127.0.0.1:8090/foo",
        "http://127.0.0.1:8090?foo",
        "ftp://x",
    ],
)
def test_what_is_no_address_of_a_simulator_is_named(url: str) -> None:
    for options in (ReplayOptions(file=Path("tape"), url=url), RecordOptions(file=Path("tape"), url=url)):
        with pytest.raises(ValueError, match=r"^--url: .* is no address such as http://127"):
            options.door()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8090", "https://[::1]:8090/", "http://simulator"])
def test_an_address_of_a_simulator_is_a_door(url: str) -> None:
    assert RecordOptions(file=Path("tape"), url=url).door().url == url


def test_a_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM_TOKEN", "0123456789abcdef")
    assert ServeOptions(http="0.0.0.0:0", http_token_env="SIM_TOKEN").simulator().http_token == "0123456789abcdef"


def test_a_token_that_no_header_can_show_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM_TOKEN", "0123456789abcdef\n")
    said = r"-token-env: the variable SIM_TOKEN: the token has a line end, a space or what is no ASCII in it"
    with pytest.raises(ValueError, match=said):
        RecordOptions(file=Path("tape"), token_env="SIM_TOKEN").door()
    with pytest.raises(ValueError, match=said):
        ServeOptions(http_token_env="SIM_TOKEN").simulator()


def test_a_file_that_is_not_there_is_named_without_the_systems_numbers() -> None:
    with pytest.raises(typer.BadParameter, match=r"^nope\.jsonl: No such file or directory$"):
        typed(ReplayOptions(file=Path("nope.jsonl")).tape)


def test_the_file_says_it_all_for_load_too() -> None:
    file = str(ROOT / "simulator" / "examples" / "three-operators.toml")
    for options in (ServeOptions(config=file), LoadOptions(config=file, duration=5)):
        assert [one.name for one in options.simulator().operators] == ["beeline", "ucell", "mobiuz"]


def test_scenarios_of_the_command_line_play_at_the_operators_of_the_file() -> None:
    file = str(ROOT / "simulator" / "examples" / "three-operators.toml")
    operators = ServeOptions(config=file, scenario=["ucell=flaky"], seed=9).simulator().operators
    assert [(one.smsc.scenario.name, one.smsc.seed) for one in operators][1] == ("flaky", 9)
    assert operators[0].smsc.scenario.name != "flaky"


def test_tls_takes_a_certificate_and_the_authority_of_its_clients(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign("smsc")
    both = tmp_path / "both.pem"
    both.write_bytes(signed.certificate.read_bytes() + signed.key.read_bytes())
    assert ServeOptions().simulator().operators[0].tls is None
    plain = ServeOptions(tls=str(both)).simulator().operators[0].tls
    mutual = ServeOptions(tls=str(both), tls_clients=str(authority.certificate)).simulator().operators[0].tls
    assert plain is not None
    assert mutual is not None
    assert (plain.verify_mode, mutual.verify_mode) == (ssl.CERT_NONE, ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    ("options", "count", "duration_s"),
    [
        (LoadOptions(), COUNT, 0.0),
        (LoadOptions(duration=5), 0, 5.0),
        (LoadOptions(count=7, duration=5), 7, 5.0),
        (LoadOptions(ramp="5:2,7:3"), 0, 0.0),
    ],
)
def test_a_run_is_bounded_by_count_or_duration_or_by_itself(
    options: LoadOptions, count: int, duration_s: float
) -> None:
    run = options.load((OperatorSettings(),))
    assert (run.count, run.duration_s) == (count, duration_s)


@pytest.mark.parametrize("suffix", ["csv", "toml"])
def test_other_words_of_another_encoding_are_named_with_their_option(tmp_path: Path, suffix: str) -> None:
    tape, words = tmp_path / "tape.csv", tmp_path / f"words.{suffix}"
    tape.write_text("from,to,text\n1,2,a", encoding="utf-8")
    words.write_bytes("old,new\nКод,код\n".encode("cp1251"))
    with pytest.raises(ValueError, match=r"--map: .*words.*: not UTF-8; save it as UTF-8"):
        ReplayOptions(file=tape, map=words).tape()

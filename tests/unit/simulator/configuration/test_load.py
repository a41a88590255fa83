"""The file of --config is read strictly, and all its mistakes are named at once."""

from __future__ import annotations

import math
import re
import ssl
from pathlib import Path

import pytest

from simulator.billing.provider import BillingSetup
from simulator.configuration.load import load
from simulator.configuration.problems import ConfigurationError
from simulator.faults.scenario_reading import find_scenario
from simulator.settings import AccountRules, SimulatorSettings, SmscSettings
from simulator.smsc.fates import Delay, FateSettings, Shape
from smsgw.smpp.constants import MessageState, Status
from smsgw.smpp.text import Alphabet
from tests.integration.certificates import Authority
from tests.repo.tree import ROOT

EXAMPLE = ROOT / "simulator" / "examples" / "three-operators.toml"
PROFILES = ROOT / "simulator" / "faults" / "profiles"
PLAIN = '[operators.one]\nlisten = "127.0.0.1:0"\n'
TOKEN = "0123456789abcdef"


def read(folder: Path, text: str, **environment: str) -> SimulatorSettings:
    file = folder / "simulator.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, environment)


def mistakes(folder: Path, text: str, **environment: str) -> list[str]:
    """What is said of a file, without the file's name, which each line begins with."""
    with pytest.raises(ConfigurationError) as refused:
        read(folder, text, **environment)
    lines = str(refused.value).split("\n")
    head = f"{folder / 'simulator.toml'}: "
    assert all(line.startswith(head) for line in lines)
    return [line.removeprefix(head) for line in lines]


def test_the_example_says_what_its_comments_say() -> None:
    settings = load(EXAMPLE, {})
    beeline, ucell, mobiuz = settings.operators
    assert [(one.name, one.prefixes, one.port) for one in settings.operators] == [
        ("beeline", ("99890", "99891"), 2775),
        ("ucell", ("99893", "99894"), 2776),
        ("mobiuz", ("99888", "99897"), 2777),
    ]
    assert beeline.smsc.credentials == {"gateway": "secret1", "monitor": "secret2"}
    assert beeline.smsc.account_rules == {"monitor": AccountRules(binds=frozenset({"receiver"}), binds_max=1)}
    assert (beeline.smsc.routes, beeline.gateway_window) == ({"1400": "gateway"}, 10)
    assert beeline.smsc.fates == FateSettings(
        states={"DELIVERED": 0.9, "UNDELIVERABLE": 0.07, "EXPIRED": 0.02, "none": 0.01},
        delay=Delay(2.0, 0.5, Shape.NORMAL),
        intermediate=(MessageState.ENROUTE,),
        seed=7,
    )
    assert (ucell.smsc.interface_version, ucell.smsc.decimal_ids, ucell.smsc.alphabet) == (0x33, True, Alphabet.LATIN1)
    assert ucell.smsc.redelivery_statuses == {
        Status.ESME_RX_T_APPN,
        Status.ESME_RMSGQFUL,
        Status.ESME_RTHROTTLED,
    }
    assert (ucell.smsc.redelivery_growth, ucell.smsc.ttl_s, ucell.smsc.response_s) == (2.0, 3_600.0, 10.0)
    assert (mobiuz.smsc.delivery_s, mobiuz.smsc.fates.manual) == (5.0, True)
    assert settings.providers == (
        BillingSetup(name="sarkor", protocol="sarkor", login="smsgw", password="secret"),
        BillingSetup(name="comnet", protocol="osmp"),
    )
    assert (settings.http_host, settings.http_port, settings.http_token) == ("127.0.0.1", 8090, "")


def test_what_is_left_out_has_the_defaults_of_the_command(tmp_path: Path) -> None:
    settings = read(tmp_path, PLAIN)
    (operator,) = settings.operators
    assert operator.smsc == SmscSettings(receipts=FateSettings())
    assert operator.smsc.ttl_s == math.inf
    assert (settings.http_port, settings.providers, operator.tls) == (8090, (), None)


def test_what_is_agreed_with_a_gateway_can_be_said(tmp_path: Path) -> None:
    assert read(tmp_path, PLAIN + "gateway_window = 25").operators[0].gateway_window == 25


def test_an_operator_plays_a_ready_scenario_or_one_of_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text((PROFILES / "flaky.toml").read_text(encoding="utf-8"), encoding="utf-8")
    for word in ("flaky", "mine.toml"):
        (operator,) = read(tmp_path, PLAIN + f'scenario = "{word}"\nseed = 7').operators
        assert (operator.smsc.scenario.title, operator.smsc.seed) == (find_scenario("flaky").title, 7)


def test_secrets_come_from_the_environment_where_it_is_named(tmp_path: Path) -> None:
    text = PLAIN + (
        'accounts = { gateway = { password_env = "GATEWAY" }, other = "plain" }\n'
        '[http]\nlisten = "192.168.1.5:8090"\ntoken_env = "TOKEN"\n'
        '[providers.p]\nprotocol = "json"\npassword_env = "P"\n'
    )
    settings = read(tmp_path, text, GATEWAY="secret1", TOKEN=TOKEN, P="secret2")
    assert settings.operators[0].smsc.credentials == {"gateway": "secret1", "other": "plain"}
    assert (settings.http_token, settings.providers[0].password) == (TOKEN, "secret2")


def test_tls_files_lie_beside_the_file(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    signed = authority.sign("smsc")
    files = f'certificate = "{signed.certificate.name}"\nkey = "{signed.key.name}"\n'
    tables = PLAIN + f"[operators.one.tls]\n{files}"
    plain = read(tmp_path, tables).operators[0].tls
    mutual = read(tmp_path, f'{tables}clients = "{authority.certificate.name}"\n').operators[0].tls
    assert plain is not None
    assert mutual is not None
    assert (plain.verify_mode, mutual.verify_mode) == (ssl.CERT_NONE, ssl.CERT_REQUIRED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "operators: one at least is needed"),
        ("= 3", "is no TOML"),
        ("spam = 1\n" + PLAIN, "spam: there is no such table: there are http, operators, providers"),
        ("operators = 3", "operators: a table for each is needed: write [operators.NAME]"),
        ("[operators]\none = 3", "operators.one: a table is needed"),
        ("[operators.one]", "operators.one.listen: is missing: write it"),
        ('[operators.one]\nlisten = "2775"', "operators.one.listen: '2775' is no HOST:PORT"),
        (PLAIN + "windw = 3", "operators.one.windw: there is no such key: there are listen, prefixes"),
        (PLAIN + 'window = "3"', "operators.one.window: a whole number is needed"),
        (PLAIN + "window = 1.5", "operators.one.window: a whole number is needed"),
        (PLAIN + "window = true", "operators.one.window: a whole number is needed"),
        (PLAIN + "window = 0", "operators.one.window: 1 is the least"),
        (PLAIN + "window = 10001", "operators.one.window: 10000 is the most"),
        (PLAIN + "interface_version = 256", "operators.one.interface_version: 255 is the most"),
        (PLAIN + 'system_id = "' + "x" * 16 + '"', "operators.one.system_id: 15 characters are the most"),
        (PLAIN + 'prefixes = "99890"', "operators.one.prefixes: a list is needed"),
        (PLAIN + 'prefixes = ["+99890"]', "operators.one.prefixes.0: '+99890': digits are needed, without plus"),
        (PLAIN + 'alphabet = "utf8"', "operators.one.alphabet: it is one of 'gsm0338', 'latin1' or 'ucs2'"),
        (PLAIN + 'message_ids = "octal"', "operators.one.message_ids: it is one of 'hex' or 'decimal'"),
        (PLAIN + 'scenario = "nothing"', "operators.one.scenario: "),
        (PLAIN + "delivery_s = -1", "operators.one.delivery_s: 0 is the least"),
        (PLAIN + "delivery_s = inf", "operators.one.delivery_s: "),
        (PLAIN + "accounts = { gateway = 5 }", "operators.one.accounts.gateway: a table is needed"),
        (PLAIN + 'accounts = { gateway = "123456789" }', "operators.one.accounts.gateway: a password has at most 8"),
        (PLAIN + 'accounts = { gateway_of_ours_1 = "x" }', "operators.one.accounts.gateway_of_ours_1: a system_id has"),
        (
            PLAIN + 'accounts = { g = { password = "x", password_env = "Y" } }',
            "operators.one.accounts.g: password and password_env exclude each other: leave one out",
        ),
        (
            PLAIN + 'accounts = { g = { password_env = "Y" } }',
            "operators.one.accounts.g.password_env: the environment has no variable Y: set it",
        ),
        (
            PLAIN + 'accounts = { g = { password_env = "LONG" } }',
            "operators.one.accounts.g.password_env: a password has at most 8",
        ),
        (
            PLAIN + 'accounts = { g = { binds = ["both"] } }',
            "operators.one.accounts.g.binds.0: it is one of 'transmitter', 'receiver' or 'transceiver'",
        ),
        (
            PLAIN + "accounts = { g = { bind = [] } }",
            "operators.one.accounts.g.bind: there is no such key: there are password, password_env, binds, binds_max",
        ),
        (
            PLAIN + 'routes = { 1400 = "nobody" }\naccounts = { gateway = "x" }',
            "operators.one.routes.1400: 'nobody' is no account: add it to [operators.one.accounts]",
        ),
        (
            PLAIN + '[operators.one.redelivery]\nstatuses = ["ESME_LATER"]',
            "operators.one.redelivery.statuses: 'ESME_LATER' is no status",
        ),
        (PLAIN + "[operators.one.redelivery]\ngrowth = 0.5", "operators.one.redelivery.growth: 1 is the least"),
        (PLAIN + "[operators.one.redelivery]\nttl_s = 0", "operators.one.redelivery.ttl_s: above 0 is needed"),
        (
            PLAIN + "[operators.one.redelivery]\ndelay = 1",
            "operators.one.redelivery.delay: there is no such key: there are statuses, delay_s",
        ),
        (PLAIN + "[operators.one.receipts]\nstates = { lost = 1 }", "operators.one.receipts.states: 'lost' is none of"),
        (
            PLAIN + '[operators.one.tls]\ncertificate = "gone.pem"',
            "gone.pem: No such file or directory",
        ),
        (
            '[operators.one]\nlisten = "192.168.1.5:0"',
            "operators.one.accounts: 192.168.1.5 can be reached from elsewhere: name who may bind",
        ),
        (
            PLAIN + '[http]\nlisten = "192.168.1.5:0"',
            "http.token_env: 192.168.1.5 can be reached from elsewhere: name the variable with a token",
        ),
        (PLAIN + '[http]\ntoken_env = "Y"', "http.token_env: the environment has no variable Y: set it"),
        (PLAIN + '[http]\ntoken_env = "LONG"', "http.token_env: the token has 9 characters; 16 are the least"),
        (PLAIN + "[http]\nport = 1", "http.port: there is no such key: there are listen, token_env"),
        (PLAIN + "[providers.p]", "providers.p.protocol: is missing: write it"),
        (PLAIN + '[providers."{p"]\nprotocol = "osmp"', "providers.{p: '{p' is no name for a part of a path: use"),
        (PLAIN + '[providers.p]\nprotocol = "soap"', "providers.p.protocol: 'soap' is not simulated: there are click"),
        (
            '[operators.a]\nlisten = "127.0.0.1:1"\n[operators.b]\nlisten = "127.0.0.1:1"',
            "operators.b.listen: 127.0.0.1:1: operators.a.listen listens there too: give it another port",
        ),
        (
            '[operators.a]\nlisten = "127.0.0.1:8090"',
            "operators.a.listen: 127.0.0.1:8090: http.listen listens there too: give it another port",
        ),
        (
            PLAIN + 'prefixes = ["99890"]\n[operators.b]\nlisten = "127.0.0.1:0"\nprefixes = ["99890"]',
            "operators.b.prefixes: 99890: operators.one.prefixes has this prefix too: leave it to one of them",
        ),
    ],
)
def test_a_mistake_is_named_by_its_key_and_its_mend(tmp_path: Path, text: str, said: str) -> None:
    (line,) = mistakes(tmp_path, text, LONG="123456789")
    assert said in line


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = 'spam = 1\n[operators.a]\nwindow = "x"\n[operators.b]\nlisten = "b"\n[providers.p]\nprotocol = "soap"\n'
    keys = [line.split(": ")[0] for line in mistakes(tmp_path, text)]
    assert keys == ["spam", "operators.a.listen", "operators.a.window", "operators.b.listen", "providers.p.protocol"]


def test_no_password_is_repeated_in_what_is_said(tmp_path: Path) -> None:
    text = PLAIN + 'accounts = { gateway = "topsecret" }\n[providers.p]\nprotocol = "soap"\npassword = 5\n'
    assert not re.search("topsecret|5", " ".join(line.replace(str(tmp_path), "") for line in mistakes(tmp_path, text)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.toml: cannot be read: No such file"):
        load(tmp_path / "gone.toml", {})


def test_a_file_of_other_octets_is_no_toml(tmp_path: Path) -> None:
    file = tmp_path / "simulator.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="is no TOML"):
        load(file, {})

"""Operators, four eyes and the end of the day: what the file says, and what it cannot mean."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path

import pytest

from smsgw.domain.money import UZS, money
from smsgw.settings.load import load
from smsgw.settings.problems import ConfigurationError

Spoil = Callable[[str, str, str], None]
DIGEST, OTHER = "ab" * 32, "cd" * 32


def written(digest: str, name: str = "aziza") -> str:
    return f'[operators.{name}]\ntoken_sha256 = "{digest}"\n'


def test_operators_are_known_by_the_digests_of_their_tokens(
    config: Path, environment: Mapping[str, str], spoil: Spoil
) -> None:
    quoted = '"b.o-b_1"'
    spoil("smsgw.toml", "[log]", f"{written(DIGEST)}{written(OTHER, quoted)}[log]")
    assert load(config, environment).operators == {"aziza": DIGEST, "b.o-b_1": OTHER}


def test_nobody_is_an_operator_unless_the_file_says_so(config: Path, environment: Mapping[str, str]) -> None:
    loaded = load(config, environment)
    assert (loaded.operators, loaded.rules.four_eyes_above) == ({}, money("1000000", UZS))
    assert loaded.rules.reconcile_at == time(6, 0)
    assert loaded.settings.settlement.registry_folder == Path("var/registries")


def test_the_limit_of_one_person_and_the_hour_are_the_house_s(
    config: Path, environment: Mapping[str, str], spoil: Spoil
) -> None:
    spoil("smsgw.toml", "[log]", '[money]\nfour_eyes_above = "0.50"\n[log]')
    spoil("smsgw.toml", "[settlement]", '[settlement]\nreconcile_at = "23:59"\nregistry_folder = "out"')
    loaded = load(config, environment)
    assert (loaded.rules.four_eyes_above, loaded.rules.reconcile_at) == (money("0.50", UZS), time(23, 59))
    assert loaded.settings.settlement.registry_folder == Path("out")


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (written("token-of-aziza-0001"), "operators.aziza.token_sha256|64 hexadecimal digits"),
        (written(DIGEST.upper()), "operators.aziza.token_sha256|64 hexadecimal digits"),
        (written(hashlib.sha256().hexdigest()), "operators.aziza.token_sha256|this is the digest of nothing"),
        (written(DIGEST) + written(DIGEST, "bobur"), "operators.bobur.token_sha256|this is the token of aziza too"),
        (written(hashlib.sha256(b"t" * 32).hexdigest()), "operators.aziza.token_sha256|this is the token of [http]"),
        (written(DIGEST, "Aziza"), "an operator has 1 to 32 of"),
        (written(DIGEST, f'"{"a" * 33}"'), "an operator has 1 to 32 of"),
        ("[operators.aziza]\n", "operators.aziza.token_sha256|this key is needed"),
        ('[operators.aziza]\ntoken = "secret"\n', "operators.aziza.token|there is no such key"),
        ('[money]\nfour_eyes_above = "-1"\n', "money.four_eyes_above|'-1' is no sum in UZS"),
        ('[money]\nfour_eyes_above = "1e6"\n', "money.four_eyes_above|'1e6' is no sum in UZS"),
    ],
)
def test_what_cannot_be_meant_is_named(
    config: Path, environment: Mapping[str, str], spoil: Spoil, tables: str, expected: str
) -> None:
    spoil("smsgw.toml", "[log]", f"{tables}[log]")
    with pytest.raises(ConfigurationError) as caught:
        load(config, environment)
    told = "\n".join(f"{problem.key}|{problem.reason}" for problem in caught.value.problems)
    assert expected in told
    assert "token-of-aziza" not in told


@pytest.mark.parametrize("hour", ["6:00", "24:00", "06:60", "06:00:00", "noon", ""])
def test_an_hour_has_one_spelling(config: Path, environment: Mapping[str, str], spoil: Spoil, hour: str) -> None:
    spoil("smsgw.toml", "[settlement]", f'[settlement]\nreconcile_at = "{hour}"')
    with pytest.raises(ConfigurationError, match="is no time of day"):
        load(config, environment)

"""Who asks: a token is an operator's, the general one, or nobody's."""

import hashlib

import pytest

from smsgw.domain.secret import Secret
from smsgw.web.operators import GENERAL, Operators, digest_of, whose
from tests.back_office import AZIZA_TOKEN, BOBUR_TOKEN, OPERATORS

TOKEN = "token-of-the-tests"


def test_a_digest_is_what_sha256sum_prints() -> None:
    assert digest_of(Secret("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(("token", "name"), [(TOKEN, GENERAL), (AZIZA_TOKEN, "aziza"), (BOBUR_TOKEN, "bobur")])
def test_everybody_is_known_by_a_token(token: str, name: str) -> None:
    assert Operators(Secret(TOKEN), OPERATORS).who(f"Bearer {token}") == name


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"bearer {TOKEN}",
        f"Bearer  {TOKEN}",
        f"Bearer {TOKEN} ",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {AZIZA_TOKEN[:-1]}2",
        f"Bearer {AZIZA_TOKEN.upper()}",
        f"Bearer {OPERATORS['aziza']}",
        "Bearer aziza",
        "Bearer \udcff\udcff",
    ],
)
def test_nobody_else_is(header: str) -> None:
    """Not whoever has read the configuration, either: a digest is no token."""
    assert Operators(Secret(TOKEN), OPERATORS).who(header) is None


@pytest.mark.proves("A81")
@pytest.mark.parametrize(("token", "name"), [("x" * 16, "short"), ("x" * 15, None), ("", None)])
def test_a_token_that_can_be_guessed_is_nobody_s(token: str, name: str | None) -> None:
    assert whose(Secret(token), {"short": hashlib.sha256(token.encode()).hexdigest()}) == name


def test_there_is_no_gate_without_a_token() -> None:
    with pytest.raises(AssertionError, match="no open door"):
        Operators(Secret(""), OPERATORS)

"""Passwords are good enough or refused with the reason; verifiers are standard Argon2id and fail closed."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.sessions.passwords import (
    DUMMY_VERIFIER,
    Argon2Settings,
    PasswordProblem,
    check,
    dummy_verifier,
    make_verifier,
    problem,
)

NUMBER = Msisdn("+998901234567")
# The least that Argon2 allows: these tests are about verifiers, not about their cost.
CHEAP = Argon2Settings(memory_kib=8, passes=1)
SALT, DIGEST = bytes(range(16)), bytes(range(32))
VERIFIER = make_verifier(DIGEST, SALT, CHEAP)


@pytest.mark.proves("A60")
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("parol1", None),
        ("secret1", None),
        ("Tk7x2Qa", None),
        ("abcdeg", None),
        ("a" * 20 + "b7" * 22, None),
        ("", PasswordProblem.TOO_SHORT),
        ("paro1", PasswordProblem.TOO_SHORT),
        ("ab1" * 22, PasswordProblem.TOO_LONG),
        ("пароль1", PasswordProblem.NOT_LATIN),
        ("раrol1", PasswordProblem.NOT_LATIN),  # with two Cyrillic letters
        ("parol 1", PasswordProblem.NOT_LATIN),
        ("parol*1", PasswordProblem.NOT_LATIN),
        ("parol1\n", PasswordProblem.NOT_LATIN),
        ("parol١", PasswordProblem.NOT_LATIN),
        ("998901234567", PasswordProblem.THE_NUMBER),
        ("1234567", PasswordProblem.THE_NUMBER),
        ("my1234567", PasswordProblem.THE_NUMBER),
        ("123456", PasswordProblem.TOO_SIMPLE),
        ("000000", PasswordProblem.TOO_SIMPLE),
        ("483920", PasswordProblem.TOO_SIMPLE),
        ("aaaaaa", PasswordProblem.TOO_SIMPLE),
        ("a1a1a1a1", PasswordProblem.TOO_SIMPLE),
        ("abcabc", PasswordProblem.TOO_SIMPLE),
        ("ab1ab1", PasswordProblem.TOO_SIMPLE),
        ("abcdef", PasswordProblem.TOO_SIMPLE),
        ("fedcba", PasswordProblem.TOO_SIMPLE),
        ("qwerty", PasswordProblem.TOO_SIMPLE),
        ("QwErTy", PasswordProblem.TOO_SIMPLE),
        ("ytrewq", PasswordProblem.TOO_SIMPLE),
        ("asdfgh", PasswordProblem.TOO_SIMPLE),
        ("Password1", PasswordProblem.TOO_SIMPLE),
        ("toshkent", PasswordProblem.TOO_SIMPLE),
    ],
)
def test_a_new_password_is_good_or_has_a_reason(password: str, reason: PasswordProblem | None) -> None:
    assert reason is problem(Secret(password), NUMBER)


@pytest.mark.proves("A60")
@pytest.mark.parametrize(("length", "reason"), [(64, None), (65, PasswordProblem.TOO_LONG)])
def test_64_characters_are_the_most(length: int, reason: PasswordProblem | None) -> None:
    """A longer one is refused, never cut."""
    assert reason is problem(Secret(("ab1cd2ef3" * 8)[:length]), NUMBER)


def test_a_verifier_fits_its_digest_only() -> None:
    assert check(VERIFIER, DIGEST)
    assert not check(VERIFIER, DIGEST[:-1] + b"\x00")
    assert not check(VERIFIER, b"")


def test_a_verifier_is_a_standard_phc_string() -> None:
    """Another Argon2 reads the same algorithm, version and cost in it, and verifies it."""
    made_with = extract_parameters(VERIFIER)

    assert VERIFIER.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert (made_with.salt_len, made_with.hash_len) == (16, 32)
    assert PasswordHasher().verify(VERIFIER, DIGEST)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(VERIFIER, SALT)


def test_two_salts_give_two_verifiers_of_one_password() -> None:
    assert make_verifier(DIGEST, bytes(16), CHEAP) != VERIFIER


@pytest.mark.parametrize("octets", [15, 17])
def test_a_salt_of_another_length_is_a_bug(octets: int) -> None:
    with pytest.raises(AssertionError, match="16 octets"):
        make_verifier(DIGEST, bytes(octets), CHEAP)


@pytest.mark.parametrize(
    "verifier",
    ["", "parol1", "$argon2id$v=19$m=zzz", VERIFIER.replace("argon2id", "argon2i"), VERIFIER.replace("t=1", "t=0")],
)
def test_a_damaged_verifier_is_an_error_and_no_wrong_password(verifier: str) -> None:
    """The subscriber is not paused for our broken row, and nothing of the row is shown."""
    with pytest.raises(ValueError, match="cannot be checked") as caught:
        check(verifier, DIGEST)

    assert verifier == "" or verifier not in str(caught.value)


def test_the_usual_cost_is_the_one_that_was_measured() -> None:
    assert Argon2Settings(memory_kib=19_456, passes=2, lanes=1) == Argon2Settings()


def test_the_verifier_of_unknown_senders_costs_the_same_and_fits_nothing() -> None:
    """Its salt, tag and cost are those of a real one."""
    real, dummy = extract_parameters(VERIFIER), extract_parameters(dummy_verifier(CHEAP))

    assert real == dummy
    assert not check(dummy_verifier(CHEAP), DIGEST)
    assert dummy_verifier(Argon2Settings()) == DUMMY_VERIFIER


@pytest.mark.parametrize("changes", [{"passes": 0}, {"lanes": 0}, {"memory_kib": 7}, {"memory_kib": 15, "lanes": 2}])
def test_a_cost_below_what_argon2_allows_is_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="RFC 9106"):
        Argon2Settings(**changes)

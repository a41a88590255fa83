"""A right password is remembered without being kept, for one credential version, and for so many senders."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.sessions.remembered import Remembered

KEY = b"k" * 32
ANNA, BEK, CHARO = Msisdn("+998900000001"), Msisdn("+998900000002"), Msisdn("+998900000003")


def test_only_the_same_sender_and_password_hit() -> None:
    remembered = Remembered(KEY)
    remembered.remember(ANNA, Secret("parol1"), 7)

    assert remembered.hit(ANNA, Secret("parol1")) == 7
    assert remembered.hit(ANNA, Secret("PAROL1")) is None
    assert remembered.hit(ANNA, Secret("")) is None
    assert remembered.hit(BEK, Secret("parol1")) is None


def test_version_0_is_a_hit_and_not_nothing() -> None:
    remembered = Remembered(KEY)
    remembered.remember(ANNA, Secret("parol1"), 0)

    assert remembered.hit(ANNA, Secret("parol1")) == 0


def test_a_new_version_takes_the_place_of_the_old() -> None:
    remembered = Remembered(KEY)
    remembered.remember(ANNA, Secret("parol1"), 1)
    remembered.remember(ANNA, Secret("parol2x"), 2)

    assert (remembered.hit(ANNA, Secret("parol1")), remembered.hit(ANNA, Secret("parol2x")), len(remembered)) == (
        None,
        2,
        1,
    )


def test_a_wrong_guess_does_not_drop_the_entry() -> None:
    """Otherwise a stranger could make every payment of a victim cost an Argon2id."""
    remembered = Remembered(KEY)
    remembered.remember(ANNA, Secret("parol1"), 1)
    remembered.hit(ANNA, Secret("guess1"))

    assert remembered.hit(ANNA, Secret("parol1")) == 1


def test_a_forgotten_sender_is_verified_again() -> None:
    remembered = Remembered(KEY)
    remembered.remember(ANNA, Secret("parol1"), 1)
    remembered.forget(ANNA)
    remembered.forget(BEK)

    assert remembered.hit(ANNA, Secret("parol1")) is None


@pytest.mark.proves("I25")
def test_the_least_recently_used_leaves_first() -> None:
    """A hit counts as use; a wrong guess does not."""
    remembered = Remembered(KEY, capacity=2)
    remembered.remember(ANNA, Secret("parol1"), 1)
    remembered.remember(BEK, Secret("parol1"), 1)
    remembered.hit(ANNA, Secret("parol1"))
    remembered.hit(BEK, Secret("guess1"))
    remembered.remember(CHARO, Secret("parol1"), 1)

    assert [remembered.hit(number, Secret("parol1")) for number in (ANNA, BEK, CHARO)] == [1, None, 1]


def test_version_and_password_cannot_lend_each_other_digits() -> None:
    remembered = Remembered(KEY)
    remembered.remember(ANNA, Secret("1parol"), 1)

    assert remembered.hit(ANNA, Secret("11parol")) is None
    assert remembered.hit(ANNA, Secret("parol")) is None


def test_neither_password_nor_key_is_kept_or_printed() -> None:
    remembered = Remembered(KEY)
    remembered.remember(ANNA, Secret("canary-parol1"), 1)

    assert "canary" not in repr(remembered)
    assert "canary" not in repr(remembered._entries)
    assert "kkkk" not in repr(remembered)


@pytest.mark.parametrize("key", [b"", b"k" * 31])
def test_a_short_key_is_a_bug(key: bytes) -> None:
    with pytest.raises(AssertionError, match="32 random octets"):
        Remembered(key)


def test_there_is_room_for_one_at_least() -> None:
    assert Remembered(KEY, capacity=1).hit(ANNA, Secret("parol1")) is None
    with pytest.raises(AssertionError, match="no room"):
        Remembered(KEY, capacity=0)


@given(st.lists(st.tuples(st.sampled_from("rhf"), st.integers(0, 5), st.integers(0, 2))))
@settings(max_examples=60)
def test_any_use_agrees_with_a_plain_list_and_stays_within_its_room(steps: list[tuple[str, int, int]]) -> None:
    """The shadow keeps passwords in the open, in the order of their use."""
    remembered, shadow = Remembered(KEY, capacity=3), dict[Msisdn, str]()
    for step, who, which in steps:
        number, password = Msisdn(f"+{who}"), f"parol{which}"
        if step == "r":
            remembered.remember(number, Secret(password), which)
            shadow.pop(number, None)
            shadow[number] = password
            shadow = dict(list(shadow.items())[-3:])
        elif step == "f":
            remembered.forget(number)
            shadow.pop(number, None)
        else:
            right = shadow.get(number) == password
            assert (which if right else None) == remembered.hit(number, Secret(password))
            if right:
                shadow[number] = shadow.pop(number)
        assert len(remembered) == len(shadow) <= 3

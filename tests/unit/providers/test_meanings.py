"""What result codes mean, and the answers that they become."""

from __future__ import annotations

import pytest

from smsgw.domain.calls import Absent, Answer, Cancelled, Pending, RefusalReason, Refused, Unknown
from smsgw.providers.meanings import Meaning, answer_of, with_overrides
from smsgw.providers.profile import ProfileError

STANDARD = {0: Meaning.OK, 5: Meaning.NO_ACCOUNT, -31008: Meaning.UNKNOWN}


@pytest.mark.parametrize(
    ("meaning", "answer"),
    [
        (Meaning.REPEAT, Unknown("result -7")),
        (Meaning.UNKNOWN, Unknown("result -7")),
        (Meaning.CONFIGURATION, Unknown("result -7", alarm=True)),
        (Meaning.PENDING, Pending("result -7")),
        (Meaning.ABSENT, Absent()),
        (Meaning.CANCELLED, Cancelled("-7")),
        (Meaning.NO_ACCOUNT, Refused(RefusalReason.NO_ACCOUNT, "-7")),
        (Meaning.AMOUNT, Refused(RefusalReason.AMOUNT, "-7")),
        (Meaning.REFUSED, Refused(RefusalReason.OTHER, "-7")),
    ],
)
def test_every_meaning_but_ok_is_an_answer(meaning: Meaning, answer: Answer) -> None:
    assert answer_of(meaning, "-7") == answer


def test_every_meaning_has_its_row_above() -> None:
    """A new one must be given its answer, or it would be a doubt in silence."""
    assert len(Meaning) == 10


def test_what_is_good_is_read_by_the_protocol() -> None:
    with pytest.raises(AssertionError):
        answer_of(Meaning.OK, "0")


def test_a_provider_may_mean_something_else() -> None:
    """The rest of the table stays, and so does the table."""
    codes = with_overrides(STANDARD, {"5": "unknown", "-31008": "refused", "275": "ok"})
    assert codes == {0: Meaning.OK, 5: Meaning.UNKNOWN, -31008: Meaning.REFUSED, 275: Meaning.OK}
    assert STANDARD[5] is Meaning.NO_ACCOUNT


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("5", "fine"),
        ("5", ""),
        ("5", "OK"),
        ("five", "ok"),
        ("", "ok"),
        ("5.0", "ok"),
        ("+5", "ok"),
        ("٥", "ok"),
        ("1" * 10, "ok"),
    ],
)
def test_an_override_that_cannot_be_is_named(code: str, meaning: str) -> None:
    with pytest.raises(ProfileError, match="an integer, and one of ok, ") as caught:
        with_overrides(STANDARD, {code: meaning})
    assert caught.value.key == f"dialect.codes.{code}"

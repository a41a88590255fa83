"""Is it a payment, and to whom?"""

from __future__ import annotations

import pytest

from smsgw.domain.catalogue import AccountPart, AmountRule, Catalogue, Provider
from smsgw.domain.money import UZS, Money
from smsgw.parser.intents import Pay, Reason, Unclear
from smsgw.parser.orders import looks_like_order, read_order, read_stray_order
from smsgw.parser.separators import Separator, split
from smsgw.parser.words import Lexicon


@pytest.mark.parametrize(
    "text",
    [
        "SARKOR*n25656*500*parol1",
        "pay SARKOR*n25656*500*parol1",
        "PAY*SARKOR*n25656*500*parol1",
        "pay саркор телеком n25656 500 parol1",
    ],
)
def test_the_name_may_follow_a_pay_word(text: str, lexicon: Lexicon) -> None:
    order = read_order(split(text), lexicon)
    assert isinstance(order, Pay)
    assert order.provider == "sarkor"


@pytest.mark.parametrize(
    "text", ["привет", "баланс", "SARCOR*n25656*500*parol1", "", "*", "**", "x SARKOR*n25656*500*parol1"]
)
def test_other_texts_are_no_orders(text: str, lexicon: Lexicon) -> None:
    assert read_order(split(text), lexicon) is None


@pytest.mark.parametrize("text", ["pay", "pay*", "оплата интернет", "pay**", "платеж не прошел"])
def test_a_pay_word_without_a_payment_is_malformed(text: str, lexicon: Lexicon) -> None:
    order = read_order(split(text), lexicon)
    assert isinstance(order, Unclear)
    assert order.reason is Reason.FORMAT


@pytest.mark.parametrize(
    ("text", "is_order"),
    [
        ("xyz*1*500*parol1", True),
        ("xyz*1*500", True),
        ("xyz*1", False),
        ("Оплата по Вашей карте прошла успешно*1*2", False),
        ("xyz 1 500 parol1", True),
        ("xyz 1 500 сум parol1", True),
        ("xyz n1 500 parol1", True),
        ("xyz abc 500 parol1", False),
        ("купил 2 по 500 рублей", False),
        ("a\nb\nc\nd", False),
        ("xyz\n1\n500\nparol1", True),
        ("xyz 1 500", False),
    ],
)
def test_a_text_without_a_known_name_may_have_the_shape_of_a_payment(text: str, is_order: object) -> None:
    assert looks_like_order(split(text)) is is_order


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SARCOR*n25656*500*parol1", Reason.DID_YOU_MEAN),
        ("SARK*n25656*500*parol1", Reason.WHICH_ONE),
        ("xyz*n25656*500*parol1", Reason.NO_PROVIDER),
        ("n25656*SARKOR*500*parol1", Reason.CORRECTED),
        ("500*SARKOR*n25656*parol1", Reason.CORRECTED),
        ("n25656*500*SARKOR*parol1", Reason.CORRECTED),
        ("n25656*500*parol1*SARKOR", Reason.NO_PROVIDER),
        ("SARKOR TV1*x*SARKOR*ECP*1", Reason.DID_YOU_MEAN),
        ("xyz**500*parol1", Reason.FORMAT),
        ("xyz*500", Reason.FORMAT),
        ("8600123412341234*500", Reason.CARD_NUMBER),
        ("xyz*8600123412341234*500*parol1", Reason.CARD_NUMBER),
        ("ECPP*8600123412341234*500*parol1", Reason.DID_YOU_MEAN),  # its accounts have 16 digits
    ],
)
def test_why_a_stray_order_is_refused(text: str, reason: Reason, lexicon: Lexicon) -> None:
    assert read_stray_order(text.split("*"), Separator.STAR, lexicon).reason is reason


@pytest.fixture(scope="session")
def alike() -> Lexicon:
    """Two payees, one of whose names begins with the other's and who take nearly any account."""
    amounts = AmountRule(Money(500_00, UZS), Money(5_000_00, UZS))
    part = AccountPart(r"[a-z0-9]{2,8}", fold_case=True)
    short = Provider("uz", "UZ", UZS, amounts, account=(part, part))
    long = Provider("uz_tv", "UZ TV", UZS, amounts, account=(part,))
    return Lexicon.of({}, Catalogue((short, long)))


def test_a_text_that_could_pay_two_providers_pays_none(alike: Lexicon) -> None:
    """`UZ TV 1234 500 …` is a name of two words and one account, or a name of one word and two accounts."""
    order = read_order(split("UZ TV 1234 500 parol1"), alike)
    assert isinstance(order, Unclear)
    assert order.reason is Reason.FORMAT
    starred = read_order(split("UZ TV*1234*500*parol1"), alike)
    assert isinstance(starred, Pay)
    assert starred.provider == "uz_tv"


def test_fields_that_name_two_providers_are_not_put_in_order(alike: Lexicon) -> None:
    assert read_stray_order(["1234", "UZ TV", "500", "parol1"], Separator.STAR, alike).reason is Reason.CORRECTED
    assert read_stray_order(["500", "UZ TV", "UZ", "parol1"], Separator.STAR, alike).reason is Reason.FORMAT

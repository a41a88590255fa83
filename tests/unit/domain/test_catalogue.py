"""The catalogue refuses rules that cannot be meant, and decides what an account, an amount and a fee may be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from smsgw.domain.catalogue import (
    ACCOUNT_LENGTH_MAX,
    AccountPart,
    AmountRule,
    Catalogue,
    Category,
    CheckDigit,
    Fee,
    Provider,
    luhn_valid,
)
from smsgw.domain.money import KGS, UZS, Money


def uzs(minor: int) -> Money:
    return Money(minor, UZS)


AMOUNTS = AmountRule(uzs(50_000), uzs(500_000_000), step_minor=100)


def provider(**changes: object) -> Provider:
    values: dict[str, object] = {"name": "sarkor", "title": "SARKOR", "currency": UZS, "amount": AMOUNTS}
    return Provider(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("79927398713", True),  # the example of ISO/IEC 7812-1, annex B
        ("79927398710", False),
        ("490154203237518", True),  # the IMEI of 3GPP TS 23.003, annex B
        ("490154203237519", False),
        ("4111111111111111", True),
        ("0", True),
        ("1", False),
        ("18", True),
        ("", False),
        ("7992739871x", False),
        ("７9927398713", False),
        ("²", False),
    ],
)
def test_luhn(digits: str, *, valid: bool) -> None:
    """The last digit proves the others; what is not ASCII digits proves nothing."""
    assert valid is luhn_valid(digits)


@pytest.mark.parametrize("digits", ["00", "18", "26", "34", "42", "59", "67", "75", "83", "91"])
def test_luhn_doubles_every_second_digit_and_adds_the_digits_of_the_product(digits: str) -> None:
    """ISO/IEC 7812-1, annex B: 5 doubled is 10, which counts 1."""
    assert luhn_valid(digits)


@given(st.text("0123456789", min_size=1, max_size=20))
@settings(max_examples=50)
def test_luhn_finds_every_single_wrong_digit(digits: str) -> None:
    """ISO/IEC 7812-1: exactly one last digit fits, and changing any digit breaks the proof."""
    fitting = [digits + last for last in "0123456789" if luhn_valid(digits + last)]
    assert len(fitting) == 1
    number = fitting[0]
    for place, digit in enumerate(number):
        other = str((int(digit) + 1) % 10)
        assert not luhn_valid(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    ("part", "value", "accepted"),
    [
        (AccountPart(), "1", True),
        (AccountPart(), "", False),
        (AccountPart("[0-9]*"), "", False),
        (AccountPart(), "n1", False),
        (AccountPart(), "1\n", False),
        (AccountPart(), "٣٠٠", False),
        (AccountPart(r"\d+"), "٣٠٠", False),
        (AccountPart(), "1" * ACCOUNT_LENGTH_MAX, True),
        (AccountPart(), "1" * (ACCOUNT_LENGTH_MAX + 1), False),
        (AccountPart(lengths=(1, ACCOUNT_LENGTH_MAX)), "1", True),
        (AccountPart(lengths=(1, ACCOUNT_LENGTH_MAX)), "12", False),
        (AccountPart(lengths=(13,)), "0123456789012", True),
        (AccountPart(lengths=(13,)), "012345678901", False),
        (AccountPart(lengths=(13, 16)), "0123456789012345", True),
        (AccountPart(r"[a-z]?\d{4,8}"), "n25656", True),
        (AccountPart(r"[a-z]?\d{4,8}"), "N25656", False),
        (AccountPart(r"[a-z]?\d{4,8}"), "n25656x", False),
        (AccountPart(lengths=(15,), check_digit=CheckDigit.LUHN), "490154203237518", True),
        (AccountPart(lengths=(15,), check_digit=CheckDigit.LUHN), "490154203237519", False),
    ],
)
def test_an_account_field_has_shape_length_and_check_digit(part: AccountPart, value: str, *, accepted: bool) -> None:
    """The whole field must fit, in ASCII, within the length."""
    assert accepted is part.accepts(value)


ANYTHING = AccountPart(r"[\s\S]+")


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        *[(value, True) for value in ("+998901234567", "-5", "+", "-", "a=1", "user@isp", "1+1", "a-b", "|x", "'x")],
        *[(value, False) for value in ("=1", "=cmd|'/C calc'!A1", "@SUM(1)", "+1+cmd|x", "-1-1", "-a", "+\n", "=")],
        *[
            (value, False)
            for value in ("a\tb", "a\r\nHost: x", "\x1b[2J", "a\x7f", "a\0", "a\u2028b", "a\u202eb", "\x85")
        ],
    ],
)
@pytest.mark.proves("A47", "A48")
def test_no_account_is_a_formula_or_invisible_whatever_the_pattern_says(value: str, *, accepted: bool) -> None:
    """It stands in registries and reports that people open in a spreadsheet, and in a provider's URL."""
    assert ANYTHING.accepts(value) is accepted


@pytest.mark.parametrize("pattern", ["[", "a{99999999999}", "(" * 5000])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no regular expression"):
        AccountPart(pattern)


@pytest.mark.parametrize(
    ("pattern", "digits_only", "latin_only"),
    [
        ("[0-9]+", True, True),
        (r"\d{6,10}", True, True),
        (r"[a-z]?\d{4,8}", False, True),
        ("[A-Z0-9]+", False, True),
        ("[А-Я]{2}[0-9]+", False, False),
        ("Ё[0-9]+", False, False),
        (".+", False, False),
        (r"\w+", False, False),
        (r"\S+", False, False),
        (r"\D+", False, False),
        ("[^*]+", False, False),
        ("[^0-9]+", False, False),
    ],
)
def test_a_pattern_says_which_letters_it_could_take(pattern: str, *, digits_only: bool, latin_only: bool) -> None:
    """A pattern that might take a letter is never treated as digits, nor one that might take Cyrillic as Latin."""
    part = AccountPart(pattern)

    assert (digits_only, latin_only) == (part.digits_only, part.latin_only)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pattern": "[0-9"}, "no regular expression"),
        ({"lengths": (0,)}, "each must be 1 to"),
        ({"lengths": (ACCOUNT_LENGTH_MAX + 1,)}, "each must be 1 to"),
        ({"pattern": "[a-z0-9]+", "check_digit": CheckDigit.LUHN}, "digits only"),
    ],
)
def test_an_account_rule_that_cannot_be_meant_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        AccountPart(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minor", "accepted"),
    [
        (49_900, False),
        (49_999, False),
        (50_000, True),
        (50_001, False),
        (50_099, False),
        (50_100, True),
        (500_000_000, True),
        (500_000_100, False),
    ],
)
def test_an_amount_lies_between_least_and_most_in_steps(minor: int, *, accepted: bool) -> None:
    assert accepted is AMOUNTS.accepts(uzs(minor))


@pytest.mark.parametrize(("minor", "accepted"), [(999, False), (1_000, True), (1_001, False)])
def test_a_fixed_price_is_the_only_amount(minor: int, *, accepted: bool) -> None:
    assert accepted is AmountRule(uzs(1), uzs(9_999), fixed_price=uzs(1_000)).accepts(uzs(minor))


@pytest.mark.parametrize("price", [1, 9_999])
def test_a_fixed_price_may_be_the_least_or_the_most(price: int) -> None:
    assert AmountRule(uzs(1), uzs(9_999), fixed_price=uzs(price)).accepts(uzs(price))


def test_least_and_most_may_be_one_sum() -> None:
    """And any sum between is allowed where the rule names no step."""
    assert AmountRule(uzs(1), uzs(1)).accepts(uzs(1))
    assert AmountRule(uzs(1), uzs(9)).accepts(uzs(3))


@pytest.mark.parametrize(
    ("minimum", "maximum", "changes", "reason"),
    [
        (uzs(0), uzs(1), {}, "above 0"),
        (uzs(2), uzs(1), {}, "not above the most"),
        (uzs(1), Money(2, KGS), {}, "two currencies"),
        (uzs(1), uzs(2), {"step_minor": 0}, "at least 1"),
        (uzs(1), uzs(2), {"fixed_price": uzs(3)}, "lies outside"),
        (uzs(1), uzs(2), {"fixed_price": Money(1, KGS)}, "one sum"),
    ],
)
def test_an_amount_rule_that_cannot_be_meant_is_refused(
    minimum: Money, maximum: Money, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        AmountRule(minimum, maximum, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fee", "amount_minor", "fee_minor"),
    [
        (Fee(), 5_000_000, 0),
        (Fee(fixed_minor=100_000), 5_000_000, 100_000),
        (Fee(basis_points=150), 5_000_000, 75_000),
        (Fee(fixed_minor=1, basis_points=150), 5_000_000, 75_001),
        (Fee(basis_points=50), 99, 0),  # 0.495
        (Fee(basis_points=50), 100, 1),  # 0.5 rounds up
        (Fee(basis_points=10_000), 7, 7),
    ],
)
def test_a_fee_is_a_fixed_part_and_a_percentage_rounded_half_up(fee: Fee, amount_minor: int, fee_minor: int) -> None:
    assert uzs(fee_minor) == fee.of(uzs(amount_minor))


@pytest.mark.parametrize(
    ("fee", "texted", "step", "amount", "taken"),
    [
        (Fee(500, 150), 5_000_000, 1, 5_000_000, 75_500),  # on top: the text's sum is the provider's
        (Fee(500, 150, from_amount=True), 5_000_000, 1, 4_924_500, 75_500),
        (Fee(from_amount=True), 5_000_000, 1, 5_000_000, 0),
        (Fee(0, 150, from_amount=True), 50_100, 100, 49_400, 700),  # 7.52 would leave 493.48: lowered to 7.00
        (Fee(0, 150, from_amount=True), 50_000, 100, 49_300, 700),  # 7.50
        (Fee(100, from_amount=True), 50_000, 100, 49_900, 100),  # a whole number of steps as it is
        (Fee(101, from_amount=True), 50_000, 100, 49_900, 100),
        (Fee(99, from_amount=True), 50_000, 100, 50_000, 0),  # less than a step is not taken at all
        (Fee(150, from_amount=True), 50_050, 100, 49_900, 150),
        (Fee(50, from_amount=True), 50_050, 100, 50_000, 50),
        (Fee(49, from_amount=True), 50_050, 100, 50_001, 49),  # no step within reach: never more than the fee
        (Fee(50_000, from_amount=True), 50_000, 100, 0, 50_000),
        (Fee(50_100, from_amount=True), 50_000, 100, -100, 50_100),
    ],
)
def test_a_texted_sum_is_divided_in_the_subscriber_s_favour(
    fee: Fee, texted: int, step: int, amount: int, taken: int
) -> None:
    """Inside the sum, the fee goes down until the provider's part is a whole number of steps, and never up."""
    assert fee.divide(uzs(texted), step) == (uzs(amount), uzs(taken))


@given(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(0, 9_999), st.sampled_from([1, 50, 100, 100_000]))
@settings(max_examples=200)
def test_whatever_is_divided_adds_up_and_never_costs_more_than_the_fee(
    texted: int, fixed: int, basis_points: int, step: int
) -> None:
    fee = Fee(fixed, basis_points, from_amount=True)
    amount, taken = fee.divide(uzs(texted), step)

    assert amount + taken == uzs(texted)
    assert uzs(0) <= taken <= fee.of(uzs(texted))


def test_a_source_may_have_a_fee_of_its_own() -> None:
    payee = provider(fee=Fee(100), source_fees={"card": Fee(0, 200, from_amount=True)})

    assert payee.divide(uzs(100_000), "wallet") == (uzs(100_000), uzs(100))
    assert payee.divide(uzs(100_000), "card") == (uzs(98_000), uzs(2_000))


@pytest.mark.parametrize(
    ("changes", "texted", "accepted"),
    [
        ({}, 500_000_100, False),
        ({"fee": Fee(100)}, 500_000_100, False),
        ({"fee": Fee(100, from_amount=True)}, 500_000_100, True),
        ({"fee": Fee(100, from_amount=True)}, 50_001, True),
        ({"fee": Fee(100, from_amount=True)}, 49_999, False),
        ({"source_fees": {"card": Fee(100, from_amount=True)}}, 500_000_100, True),
    ],
)
def test_a_sum_with_the_fee_inside_may_be_above_the_most_and_between_steps(
    changes: dict[str, object], texted: int, *, accepted: bool
) -> None:
    """Only the division can tell what the provider would get; less than the least never comes to the least."""
    assert accepted is provider(**changes).texted.accepts(uzs(texted))


def test_a_fixed_price_cannot_hold_the_fee_inside() -> None:
    fixed = AmountRule(uzs(1), uzs(9_999), fixed_price=uzs(1_000))
    with pytest.raises(ValueError, match="gets a fixed price whole"):
        provider(amount=fixed, fee=Fee(1, from_amount=True))
    with pytest.raises(ValueError, match="gets a fixed price whole"):
        provider(amount=fixed, source_fees={"card": Fee(1, from_amount=True)})
    assert provider(amount=fixed, fee=Fee(1)).texted.accepts(uzs(1_000))


def test_a_fee_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="leave nothing"):
        Fee(0, 10_000, from_amount=True)
    assert Fee(0, 9_999, from_amount=True).divide(uzs(10_000), 1) == (uzs(1), uzs(9_999))


@pytest.mark.parametrize(("fixed_minor", "basis_points"), [(-1, 0), (0, -1), (0, 10_001)])
def test_a_fee_below_nothing_or_above_everything_is_refused(fixed_minor: int, basis_points: int) -> None:
    with pytest.raises(ValueError, match="fee"):
        Fee(fixed_minor, basis_points)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "S"}, "provider name"),
        ({"name": "Sarkor"}, "provider name"),
        ({"name": "1sarkor"}, "provider name"),
        ({"name": "a" * 33}, "provider name"),
        ({"title": ""}, "1 to 12"),
        ({"title": "SARKOR TELECOM"}, "1 to 12"),
        ({"account": ()}, "at least one part"),
        ({"currency": KGS}, "amounts are in UZS"),
    ],
)
def test_a_provider_that_cannot_be_meant_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        provider(**changes)


def test_a_provider_answers_to_its_key_its_title_and_its_aliases() -> None:
    assert provider(aliases=("саркор",)).names == ("sarkor", "SARKOR", "саркор")


@pytest.mark.parametrize("title", ["S", "SARKOR TELEC"])
def test_a_title_has_one_to_twelve_characters(title: str) -> None:
    assert title == provider(title=title).title


def test_two_providers_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="one name: sarkor"):
        Catalogue((provider(name="beeline"), provider(), provider(title="OTHER")))


def test_a_provider_is_found_by_its_key_only() -> None:
    catalogue = Catalogue((provider(), provider(name="beeline", category=Category.MOBILE)))

    assert catalogue.providers[1] is catalogue.find("beeline")
    assert catalogue.find("SARKOR") is None


def test_a_heading_lists_its_providers_in_the_order_of_the_file() -> None:
    first, second = provider(name="one", category=Category.TV), provider(name="two", category=Category.TV)
    catalogue = Catalogue((first, provider(), second))

    assert (first, second) == catalogue.of(Category.TV)
    assert catalogue.of(Category.FINES) == ()

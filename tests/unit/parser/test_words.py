"""The lexicon finds every spelling, and is not built if a word has two meanings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from smsgw.domain.catalogue import AccountPart, AmountRule, Catalogue, Provider
from smsgw.domain.money import UZS, Money
from smsgw.parser.words import Command, Lexicon, bare

AMOUNTS = AmountRule(Money(500_00, UZS), Money(5_000_00, UZS))


def payee(name: str, title: str, *aliases: str) -> Provider:
    return Provider(name, title, UZS, AMOUNTS, aliases=aliases)


@pytest.mark.parametrize(
    ("words", "providers", "sides"),
    [
        ({"cancel": {"en": ["NO"]}, "yes": {"ru": ["НО"]}}, (), ("'НО' of yes", "a word of cancel")),
        (
            {"cancel": {"ru": ["НЕТ"]}},
            (payee("internet", "I-NET", "Net"),),
            ("provider internet", "'net'", "command cancel"),
        ),
        ({}, (payee("sarkor", "SARKOR"), payee("other", "САРКОР")), ("provider other", "'sarkor'", "a name of sarkor")),
        ({"find": {"en": ["FIND"]}}, (), ("'find' is no command", "balance")),
        ({"yes": {"en": ["'"]}}, (), ("nothing is left",)),
    ],
)
def test_a_clash_names_both_sides(
    words: Mapping[str, Mapping[str, Sequence[str]]], providers: tuple[Provider, ...], sides: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"word|provider") as error:
        Lexicon.of(words, Catalogue(providers))
    assert all(side in str(error.value) for side in sides)


@pytest.mark.parametrize("digits", [3, 9])
def test_a_code_has_four_to_eight_digits(digits: int) -> None:
    with pytest.raises(ValueError, match="digits in a code"):
        Lexicon.of({}, Catalogue(()), code_digits=digits)


@pytest.mark.parametrize("name", ["SARKOR", "саркор", "Саркор  Телеком", "САРKOR", "sarkor телеком", "sar'kor"])
def test_a_provider_is_found_under_each_of_its_names(name: str, lexicon: Lexicon) -> None:
    rule = lexicon.find(name)
    assert rule is not None
    assert rule.provider.name == "sarkor"


@pytest.mark.parametrize("name", ["Sarkor.", "«САРКОР»", "САРKOR:", "sarkor, телеком!"])
def test_signs_around_the_words_of_a_name_mean_nothing(name: str, lexicon: Lexicon) -> None:
    rule = lexicon.find(name)
    assert rule is not None
    assert rule.provider.name == "sarkor"
    words = name.split()
    assert lexicon.leading([*words, "-"])[0] == (rule, len(words))


def test_a_name_that_ends_in_a_sign_is_found_with_and_without_it() -> None:
    lexicon = Lexicon.of({}, Catalogue((payee("plus", "TV+"), payee("plain", "TV"))))
    found = [lexicon.find(name) for name in ("tv+", "TV", "TV.", "+")]
    assert [rule and rule.provider.name for rule in found] == ["plus", "plain", "plain", None]


@pytest.mark.parametrize(
    ("word", "left"),
    [("НЕТ🙏", "НЕТ"), ("«0»", "0"), ("n2.5-6", "n2.5-6"), ("?!", "?"), ("...", ""), ("", ""), ("№4", "4")],
)
def test_what_stands_around_a_word_is_no_part_of_it(word: str, left: str) -> None:
    assert bare(word) == left


@pytest.mark.parametrize("name", ["", "SARCOR", "SARK", "SARKOR1", "SARKOR TELECOM"])
def test_a_near_name_is_not_found(name: str, lexicon: Lexicon) -> None:
    assert lexicon.find(name) is None


def test_a_word_of_two_scripts_that_could_be_two_providers_is_neither() -> None:
    lexicon = Lexicon.of({}, Catalogue((payee("raynet", "RAYNET"), payee("paynet", "PAYNET"))))
    assert lexicon.find("РAYNET") is None


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("SARCOR", ["sarkor"]),
        ("SARK", ["sarkor", "sarkor_tv"]),
        ("SARKOR TW", ["sarkor_tv"]),
        ("соч", ["sochi"]),
        ("so", []),
        ("", []),
        ("beeline", []),
    ],
)
def test_near_names_are_suggested_nearest_first(typed: str, names: list[str], lexicon: Lexicon) -> None:
    assert [rule.provider.name for rule in lexicon.nearest(typed)] == names


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["код"], (Command.CODE, 1)),
        (["код", "еще", "раз"], (Command.RESEND, 3)),
        (["код", "еще"], (Command.CODE, 1)),
        (["НЕТ!"], (Command.CANCEL, 1)),
        (["не", "пришёл,", "код"], (Command.RESEND, 2)),
        (["саркор"], None),
        ([], None),
    ],
)
def test_the_longest_phrase_is_the_command(
    words: list[str], found: tuple[Command, int] | None, lexicon: Lexicon
) -> None:
    assert lexicon.phrase(words) == found


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("БАЛАС", Command.BALANCE),
        ("balas", Command.BALANCE),
        ("СПИСК", Command.LIST),
        ("ОТМЕН", None),  # CANCEL is no information command
        ("ОПЛАТ", None),
        ("hel", None),
        ("HEIP", None),  # four letters
    ],
)
def test_slips_are_forgiven_in_information_commands(word: str, found: Command | None, lexicon: Lexicon) -> None:
    assert lexicon.nearest_command(word) == found


def test_leading_words_name_providers_longest_first(lexicon: Lexicon) -> None:
    found = lexicon.leading(["саркор", "телеком", "n25656", "50000", "parol1"])
    assert [(rule.provider.name, count) for rule, count in found] == [("sarkor", 2), ("sarkor", 1)]
    assert [count for _, count in lexicon.leading(["САРKOR", "n25656"])] == [1]


def test_the_example_is_a_payment_to_copy() -> None:
    """With the provider's own example, and without an amount where the price is fixed."""
    part = AccountPart(r"\d{6}", example="123456")
    fixed = AmountRule(AMOUNTS.minimum, AMOUNTS.maximum, fixed_price=Money(600_00, UZS))
    plain = Lexicon.of({}, Catalogue((Provider("a1", "A1", UZS, AMOUNTS, account=(part,)),)))
    tariff = Lexicon.of({}, Catalogue((Provider("a1", "A1", UZS, fixed),)))
    assert (plain.example, tariff.example) == ("A1*123456*500*parol", "A1*login*parol")

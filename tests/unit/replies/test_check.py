"""Every rule that a machine can judge."""

import copy
from typing import Any

import pytest

from smsgw.replies.check import Case, check, longest
from smsgw.replies.events import EVENTS
from smsgw.replies.texts import ReplyTexts


def problems_with(data: dict[str, Any], constants: dict[str, str], path: str, value: object) -> list[tuple[str, str]]:
    """What the check says when one key of the file is changed; None takes the key away."""
    changed = copy.deepcopy(data)
    *tables, key = path.split("/")
    table = changed
    for name in tables:
        table = table[name]
    if value is None:
        del table[key]
    else:
        table[key] = value
    return [(problem.key, problem.reason) for problem in check(ReplyTexts.of(changed, constants), "replies.toml")]


def test_the_words_of_the_project_are_good(texts: ReplyTexts) -> None:
    assert check(texts, "config/replies.toml") == []


def test_a_problem_names_file_key_and_reason(data: dict[str, Any], constants: dict[str, str]) -> None:
    poorer = ReplyTexts.of(data | {"event": {"unknown": data["event"]["unknown"]}}, constants)
    assert ("my.toml", "event.code", "missing: this event needs its words") in check(poorer, "my.toml")


@pytest.mark.parametrize(
    ("path", "value", "key", "reason"),
    [
        ("event/help", None, "event.help", "missing"),
        ("event/hello", {"what": "?", "en": "Hello"}, "event.hello", "no such event"),
        ("event/help/uz", None, "event.help.uz", "missing"),
        ("event/help/ky", "Жардам", "event.help.ky", "no such language; there are en, uz, ru, ru-Latn"),
        ("event/help/en", "Pay {amt}", "event.help.en", "the event has no value {amt}"),
        ("event/bank_down/en", "{prov} is down, nothing charged", "event.bank_down.en", "{prov} is not always there"),
        ("sample/no", None, "event.receipt.en", "[sample] has no {no}"),
        ("event/help/en", "h" * 161, "event.help.en", "161 of 160"),
        ("event/help/en", "h" * 147 + "{cc}[", "event.help.en", "162 of 160"),
        ("event/help/ru", "п" * 71, "event.help.ru", "71 of 70"),
        ("event/help/ru", ["п" * 70, "п" * 58 + "{cc}"], "event.help.ru", "71 of 70"),
        ("event/help/uz", "Toʻlov", "event.help.uz", "outside GSM 03.38: ʻ"),
        ("event/help/ru-Latn", "Dom №5", "event.help.ru-Latn", "outside GSM 03.38: №"),
        ("event/code/en", "For {prov} {acc} {amt}: {code}", "event.code.en", "within the first 8 characters"),
        ("event/code/en", "{prov} {acc} {amt} {fee}", "event.code.en", "within the first 8 characters"),
        ("event/code/en", "Code {code}: {acc} {amt}", "event.code.en", "between spaces"),
        ("event/help/en", "Call 150600 now", "event.help.en", "150600 may be taken for the code"),
        ("sample/n", "123456", "event.wrong_code.en", "123456 may be taken for the code"),
        ("event/help/en", "See pay.uz?x=1", "event.help.en", "a link with parameters"),
        ("event/help/en", "See https://pay.uz", "event.help.en", "a link with parameters"),
        ("event/wrong_code/en", "Wrong, {n} left", "event.wrong_code.en", "whether money was charged (charged)"),
        ("event/wrong_code/ru", ["Неверно, не списано", "Неверно"], "event.wrong_code.ru", "whether money was"),
        ("currency/UZS/uz", None, "currency.UZS.uz", "missing"),
        ("currency/UZS/uz", "soʻm", "currency.UZS.uz", "outside GSM 03.38"),
        ("currency/TJS/ru", "сомони-сомони", "event.over_limit.ru", "of 70"),
        ("card/wallet/ru", "кошелек", "card.wallet.ru", "longer than 6 letters"),
        ("password/en", None, "password.en", "missing"),
        ("says_charged/ru", None, "says_charged.ru", "missing"),
    ],
)
def test_one_mistake_is_found(
    data: dict[str, Any], constants: dict[str, str], path: str, value: object, key: str, reason: str
) -> None:
    assert [found for found in problems_with(data, constants, path, value) if found[0] == key and reason in found[1]]


def test_a_short_code_or_contact_centre_too_long_for_the_texts_is_found(data: dict[str, Any]) -> None:
    texts = ReplyTexts.of(data, {"sc": "1400", "cc": "+998 (71) 150-60-06, 8-21"})
    assert "event.help.ru" in {problem.key for problem in check(texts, "replies.toml")}


def test_a_constant_that_is_not_set_is_no_placeholder(data: dict[str, Any]) -> None:
    texts = ReplyTexts.of(data, {"sc": "1400"})
    assert {"the event has no value {cc}"} == {problem.reason.partition(":")[0] for problem in check(texts, "x")}


def test_a_fuller_text_may_be_too_long_and_use_what_is_not_always_there(
    data: dict[str, Any], constants: dict[str, str]
) -> None:
    fuller = ["{prov} is down. Nothing was charged. " + "h" * 200, "Nothing was charged"]
    assert problems_with(data, constants, "event/bank_down/en", fuller) == []


def test_the_longest_words_of_a_language_count_whatever_the_sample_says(texts: ReplyTexts) -> None:
    """[sample] has UZS and a card; the longest of all currencies and sources must fit too."""
    case = Case(texts, EVENTS["receipt"], "ru", texts.events["receipt"]["ru"][-1], last=True)
    assert (longest(case)["cur"], longest(case)["card"]) == ("сомони", "баланс")


def test_accounts_and_sums_may_have_six_digits(data: dict[str, Any], constants: dict[str, str]) -> None:
    assert problems_with(data, constants, "sample/amt", "123456") == []

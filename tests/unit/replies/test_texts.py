"""The words of config/replies.toml, filled."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from smsgw.replies.events import EVENTS, GSM_LANGUAGES, LANGUAGES
from smsgw.replies.texts import ReplyTexts
from smsgw.smpp.text import GSM_UNITS_MAX, UCS2_UNITS_MAX, septets

PAYMENT = {
    "no": "44742441",
    "prov": "SARKOR",
    "acc": "n25656",
    "amt": "50000",
    "fee": "500",
    "total": "50500",
    "cur": "UZS",
    "card": "wallet",
    "code": "483920",
    "m": "5",
    "dt": "21.11.26 17:26",
    "d": "21.11.26",
}

# The commands that exist, and what else a text writes in capitals.
COMMANDS = {
    "en": {"HELP", "LIST", "STATUS", "BALANCE", "CODE"},
    "uz": {"YORDAM", "RO'YXAT", "HOLAT", "BALANS", "KOD"},
    "ru": {"ПОМОЩЬ", "СПИСОК", "СТАТУС", "БАЛАНС", "КОД"},
    "ru-Latn": {"POMOSH", "SPISOK", "STATUS", "BALANS", "KOD"},
}
EMPHASIS = {
    "en": {"PAID", "PROCESSING", "EXECUTED", "NOT", "RETURNED", "WAITS", "FOR", "THE", "CHECKING", "CLOSED"}
    | {"STILL", "ANSWER", "DAY"},
    "uz": {"TO'LANDI", "BAJARILMOQDA", "QAYTA", "TO'LAMANG", "BAJARILMADI", "QAYTARILDI", "BAJARILGAN", "BAJARILMAGAN"}
    | {"KUTYAPTI", "TEKSHIRILMOQDA", "YOPILGAN", "QAYTARILGAN", "HALI", "BIR", "KUNDAN", "BERI", "JAVOBSIZ"},
    "ru": {"ОПЛАЧЕН"},
    "ru-Latn": {"OPLACHEN", "OBRABOTKE", "PLATITE", "VYPOLNEN", "VOZVRASHCHEN", "ZHDET", "PROVERYAEM", "ZAKRYT"}
    | {"ESHCHE", "SUTKI", "BEZ", "OTVETA"},
}
NAMES = {"SMS", "CVV", "SAR", "САР", "ЖКУ"}


def longest(texts: ReplyTexts, **changed: str) -> dict[str, str]:
    return dict(texts.sample) | changed


@pytest.mark.parametrize(
    ("event", "language", "text"),
    [
        (
            "code",
            "en",
            (
                "Code 483920 - 50000 UZS to SARKOR n25656, fee 500. If all is right, send the code to 1400"
                " within 5 min. Cancel: 0. Never tell anyone the code"
            ),
        ),
        (
            "code",
            "uz",
            (
                "Kod 483920 - SARKOR n25656, 50000 so'm, komissiya 500. To'g'ri bo'lsa, kodni 5 daqiqada 1400"
                " ga yuboring. Bekor: 0. Kodni hech kimga aytmang"
            ),
        ),
        ("code", "ru", "Код 483920 - SARKOR n25656, 50000+ком.500 сум. Пришлите код, нет: 0"),
        (
            "receipt",
            "en",
            (
                "44742441 PAID 21.11.26 17:26. SARKOR n25656: 50000 UZS, fee 500, total 50500 from wallet."
                " Keep this SMS. Questions: +998711506006"
            ),
        ),
        ("receipt", "ru", "44742441 ОПЛАЧЕН 21.11.26 17:26 SARKOR n25656: 50000+500=50500 сум"),
        ("processing", "ru", "44742441 в обработке, деньги удержаны: SARKOR 50000. Не платите снова"),
        ("no_money", "ru", "44742441 не выполнен: мало денег (баланс), нужно 50500. Не списано"),
        (
            "status_returned",
            "uz",
            (
                "44742441 QAYTARILGAN 21.11.26 17:26: SARKOR n25656 uchun to'lovdan 50500 so'm sizga qaytdi."
                " Savollar: +998711506006"
            ),
        ),
    ],
)
def test_a_payment_in_words(texts: ReplyTexts, event: str, language: str, text: str) -> None:
    assert texts.render(event, PAYMENT, language) == text


def test_the_shortest_code_sms_still_shows_payee_account_sum_and_fee(texts: ReplyTexts) -> None:
    """Seventy characters, filled to the last one."""
    text = texts.render("code", texts.sample, "ru")
    assert text == "Код 483920 SARKOR TELEC 1234567890123456 9999999.99+ком.12345.67 нет=0"
    assert len(text) == UCS2_UNITS_MAX


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_text_is_one_segment_whole_with_the_longest_values(texts: ReplyTexts, event: str, language: str) -> None:
    """In every currency and for every source of money; `whole` = the end of the last text is still there."""
    for currency in texts.currency:
        for card in ("*0551", *texts.card):
            text = texts.render(event, longest(texts, cur=currency, card=card), language)
            ends = [template.text.rpartition("}")[2] for template in texts.events[event][language]]
            assert any(text.endswith(end) for end in ends)
            if language in GSM_LANGUAGES:
                assert (septets(text) or GSM_UNITS_MAX + 1) <= GSM_UNITS_MAX
            else:
                assert len(text) <= UCS2_UNITS_MAX


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_names_only_commands_that_exist(texts: ReplyTexts, language: str) -> None:
    """A command in a reply is written in capitals; whoever copies it must be understood."""
    known = COMMANDS[language] | EMPHASIS[language] | NAMES
    for event, languages in texts.events.items():
        for template in languages[language]:
            written = set(re.findall(r"(?<![\w{'])[^\W\d_a-zа-яё]+(?:'[^\W\d_a-zа-яё]+)*(?![\w'])", template.text))
            assert {word for word in written if len(word.replace("'", "")) > 2} <= known, event


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    language=st.sampled_from(LANGUAGES),
    prov=st.text("SARKORсаркор қ", min_size=1, max_size=12),
    acc=st.text("nN0123456789", min_size=1, max_size=32),
    amt=st.integers(1, 99_999_999).map(str),
    fee=st.integers(0, 99_999).map(str),
    cur=st.sampled_from(["UZS", "TJS", "XXX"]),
)
def test_a_code_sms_always_shows_what_is_confirmed(
    texts: ReplyTexts, language: str, prov: str, acc: str, amt: str, fee: str, cur: str
) -> None:
    text = texts.render(
        "code", {"code": "483920", "prov": prov, "acc": acc, "amt": amt, "fee": fee, "cur": cur, "m": "5"}, language
    )
    assert text[4:11].strip() == "483920"
    assert amt in text
    assert fee in text
    assert (acc if len(acc) <= 16 else f"{acc[:4]}..{acc[-6:]}") in text


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "SARKOR*n25656*50000*password"),
        ("uz", "SARKOR*n25656*50000*parol"),
        ("ru", "SARKOR*n25656*50000*пароль"),
        ("ru-Latn", "SARKOR*n25656*50000*parol"),
    ],
)
def test_a_line_to_copy_ends_with_the_word_for_password(texts: ReplyTexts, language: str, line: str) -> None:
    values = PAYMENT | {"line": "SARKOR*n25656*50000*parol"}
    assert line in texts.render("no_password", values, language)


def test_a_line_without_a_password_stays_as_it_is(texts: ReplyTexts) -> None:
    assert texts.spoken({"line": "parol*1*2"}, "ru")["line"] == "parol*1*2"


@pytest.mark.parametrize(
    ("card", "language", "word"), [("wallet", "ru", "баланс"), ("*0551", "ru", "*0551"), ("wallet", "uz", "hamyon")]
)
def test_the_source_of_money_has_its_word(texts: ReplyTexts, card: str, language: str, word: str) -> None:
    assert texts.spoken({"card": card}, language)["card"] == word


@pytest.mark.parametrize(
    ("currency", "language", "word"),
    [("UZS", "ru", "сум"), ("UZS", "uz", "so'm"), ("TJS", "ru-Latn", "somoni"), ("XXX", "ru", "XXX")],
)
def test_a_currency_has_its_word_and_an_unknown_one_its_code(
    texts: ReplyTexts, currency: str, language: str, word: str
) -> None:
    assert texts.spoken({"cur": currency}, language)["cur"] == word


def test_a_cyrillic_payee_does_not_make_a_latin_text_expensive(texts: ReplyTexts) -> None:
    text = texts.render("receipt", PAYMENT | {"prov": "Саркор"}, "en")
    assert "Sarkor n25656" in text
    assert "Саркор n25656" in texts.render("receipt", PAYMENT | {"prov": "Саркор"}, "ru")


@pytest.mark.parametrize(
    ("language", "missing", "spoken"),
    [
        ("ru-Latn", {"ru-Latn"}, "ru"),
        ("ru", {"ru"}, "ru-Latn"),
        ("uz", {"uz"}, "ru"),
        ("uz", {"uz", "ru"}, "ru-Latn"),
        ("uz", {"uz", "ru", "ru-Latn"}, "en"),
        ("ky", set(), "ru"),
        ("", set(), "ru"),
    ],
)
def test_a_language_without_its_text_gets_the_nearest(
    texts: ReplyTexts, data: dict[str, Any], language: str, missing: set[str], spoken: str
) -> None:
    poorer = dict(data) | {
        "event": {"unknown": {k: v for k, v in data["event"]["unknown"].items() if k not in missing}}
    }
    found = ReplyTexts.of(poorer, texts.constants).render("unknown", {}, language)
    assert found == texts.render("unknown", {}, spoken)


def test_a_bad_account_is_counted_where_the_count_is_wrong(texts: ReplyTexts) -> None:
    values = {"prov": "SOCHI", "fmt": "SOCHI*01234567890123*500*parol", "acc": "0123456789012"}
    assert "is not a right number. Nothing was charged" in texts.render("bad_account", values, "en")
    counted = values | {"need": "14", "got": "13"}
    assert "14 characters are needed, yours has 13" in texts.render("bad_account", counted, "en")


def test_a_malformed_payment_shows_its_own_line_to_copy_where_there_is_one(texts: ReplyTexts) -> None:
    values = {"fmt": "SARKOR*n25656*500*parol"}
    assert "e.g. SARKOR*n25656*500*password" in texts.render("format", values, "en")
    meant = texts.render("format", values | {"line": "SARKOR*n25650*50000*parol"}, "en")
    assert meant.endswith("If you meant this, send: SARKOR*n25650*50000*password")


@pytest.mark.parametrize(("event", "values"), [("no_such_event", {}), ("wrong_code", {})])
def test_an_unknown_event_or_a_missing_value_is_a_bug(texts: ReplyTexts, event: str, values: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        texts.render(event, values, "en")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"event": None}, "event: a table"),
        ({"event": {"help": "words"}}, "event.help: a table with `what`"),
        ({"event": {"help": {"what": "HELP"}}}, "event.help: a table with `what`"),
        ({"event": {"help": {"what": "HELP", "ky": "x"}}}, "event.help: a table with `what`"),
        ({"event": {"help": {"what": "HELP", "en": []}}}, "event.help.en: a text, or a list"),
        ({"event": {"help": {"what": "HELP", "en": ["a", 5]}}}, "event.help.en: a text, or a list"),
        ({"event": {"help": {"what": "HELP", "en": "{amt:>9}"}}}, "event.help.en: a placeholder is a plain"),
        ({"event": {"help": {"what": "HELP", "en": "{amt"}}}, "event.help.en: "),
        ({"currency": {"UZS": "so'm"}}, "currency.UZS: a table of words"),
        ({"card": {}}, "card: a table"),
        ({"password": None}, "password: a table of words"),
        ({"sample": {"amt": 5}}, "sample: a table of words"),
        ({"says_charged": {"en": ""}}, "says_charged.en: a text, or a list"),
    ],
)
def test_a_wrong_shape_is_told_by_its_key(data: dict[str, Any], changed: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=re.escape(key)):
        ReplyTexts.of(data | changed, {})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "event", ["unknown", "format", "unpaid_digits", "no_provider", "nothing_pending", "nothing_to_cancel"]
)
def test_what_may_be_said_beside_another_payment_speaks_of_this_text_alone(
    data: dict[str, Any], event: str, language: str
) -> None:
    """While money is held or was just taken, `nothing was charged` is untrue, or is read as "pay again"."""
    wordings = data["event"][event][language]
    for text in wordings if isinstance(wordings, list) else [wordings]:
        assert re.search("this SMS charged|bu SMS bo'yicha|[Пп]о этому SMS|этим SMS|[Pp]o etomu SMS|по нему", text), (
            text
        )

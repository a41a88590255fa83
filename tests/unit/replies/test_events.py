"""The contract between whoever answers and the words."""

import pytest

from smsgw.domain.catalogue import TITLE_LENGTH_MAX
from smsgw.domain.payment import State
from smsgw.replies.events import EVENTS, FALLBACK, FALLBACK_OF_OTHERS, GSM_LANGUAGES, LANGUAGES, NAMES_PER_PAGE
from smsgw.replies.render import NAME_LENGTH_MAX
from smsgw.smpp.text import UCS2_UNITS_MAX


def test_every_language_falls_back_to_all_the_others_and_to_english_last() -> None:
    for language in LANGUAGES:
        assert {language, *FALLBACK[language]} == set(LANGUAGES)
    assert all(chain[-1] == "en" for language, chain in FALLBACK.items() if language != "en")
    assert set(FALLBACK_OF_OTHERS) == set(LANGUAGES)


def test_russian_is_read_in_the_other_letters_before_any_other_language() -> None:
    assert (FALLBACK["ru"][0], FALLBACK["ru-Latn"][0]) == ("ru-Latn", "ru")


def test_only_cyrillic_leaves_gsm() -> None:
    assert set(LANGUAGES) - GSM_LANGUAGES == {"ru"}


def test_a_value_is_given_always_or_sometimes_and_never_both() -> None:
    assert not [name for name, event in EVENTS.items() if event.values & event.optional]


@pytest.mark.proves("A71")
def test_every_text_with_a_code_shows_payee_account_and_sum() -> None:
    for event in (event for event in EVENTS.values() if event.shows_code):
        assert event.values >= {"code", "prov", "acc", "amt", "fee", "cur"}


def test_every_state_of_a_payment_has_its_status() -> None:
    closed = {State.CANCELLED, State.EXPIRED, State.REPLACED, State.CODE_SPENT}
    asked = {"status_closed" if state in closed else f"status_{state}" for state in State}
    assert {name for name in EVENTS if name.startswith("status_")} == asked | {"status_none"}


def test_a_page_of_the_longest_names_leaves_room_in_seventy_characters() -> None:
    page = ", ".join(["N" * TITLE_LENGTH_MAX] * NAMES_PER_PAGE)
    assert len(page) + len(". ПОМОЩЬ имя") <= UCS2_UNITS_MAX


def test_the_payees_of_the_catalogue_are_never_cut() -> None:
    assert TITLE_LENGTH_MAX <= NAME_LENGTH_MAX

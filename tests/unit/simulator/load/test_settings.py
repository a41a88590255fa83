"""A run is described once, and no two dialogues of it look alike."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.load.settings import ACCOUNTS, SUBSCRIBERS_MAX, LoadSettings


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"subscribers": 0}, "subscribers"),
        ({"subscribers": SUBSCRIBERS_MAX + 1}, "subscribers"),
        ({"concurrent": 0}, "concurrent"),
        ({"timeout_s": 0}, "timeout"),
        ({"rate_per_s": -1}, "rate"),
        ({"count": 0}, "count"),
        ({"text": "PAY {acount}"}, "text: 'acount'; there are {account}"),
        ({"text": "PAY {"}, "text: "),
        ({"code": "("}, "code: no regular expression"),
    ],
)
def test_a_mistake_is_named(wrong: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        LoadSettings(**wrong)


def test_accounts_exist_and_texts_never_repeat() -> None:
    settings = LoadSettings(text="{account} {amount}")
    texts = [settings.words(number) for number in (*range(3_000), *range(ACCOUNTS - 1, ACCOUNTS + 1))]
    assert len(set(texts)) == len(texts)
    assert not [text for text in texts if text.split()[0].endswith("000")]
    assert (texts[0], texts[998], texts[999]) == ("10001 1000", "10999 1000", "11001 1000")
    assert (texts[-2], texts[-1]) == ("99999 1000", "10001 1100")


def test_subscribers_are_numbered_from_the_first() -> None:
    assert LoadSettings(first_number=998_901_000_000).number(7) == "998901000007"

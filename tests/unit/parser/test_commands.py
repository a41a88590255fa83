"""Commands and their arguments."""

from __future__ import annotations

import pytest

from smsgw.domain.catalogue import Category
from smsgw.parser.commands import read_command, read_misspelt_command
from smsgw.parser.intents import Balance, Cancel, Help, Intent, List, Resend, Status, Yes
from smsgw.parser.words import Lexicon


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("отмена 44742441", Cancel()),
        ("нет не надо", Cancel()),
        ("cancel payment 10000000", Cancel()),
        ("- нет", Cancel()),
        (". 0", Cancel()),
        ("СТОП👍", Cancel()),
        ("❌", None),
        ("status 44742441.", Status("44742441")),
        ("Status: «44742441»!", Status("44742441")),
        ("list 1.", List(Category.INTERNET)),
        ("Список Сар.", List(search="sar")),
        ("Помощь, саркор!", Help("sarkor")),
        ("Мо\u0438\u0306 баланс", Balance()),
        ("да хочу", Yes()),
        ("да 5", None),
        ("код не пришел", Resend()),
        ("код 4839", None),
        ("help", Help()),
        ("help sarkor", Help("sarkor")),
        ("help sarkor tv", Help("sarkor_tv")),
        ("help я не понимаю", Help()),
        ("list", List()),
        ("list 0", List()),
        ("list 6", List(Category.OTHER)),
        ("list 7", List()),
        ("list 2 3", List(Category.MOBILE, page=3)),
        ("list сар 2", List(search="sar", page=2)),
        ("list саркор тв", List(search="sarkor tv")),
        ("list " + "а" * 99, List(search="a" * 16)),
        ("status", Status()),
        ("status 44742441", Status("44742441")),
        ("list internet", List(Category.INTERNET)),
        ("список ТВ 2", List(Category.TV, page=2)),
        ("status 4474244", Status("4474244")),
        ("статус №44742441", Status("44742441")),
        ("status 447424411", None),
        ("status ４4742441", None),
        ("status 44742441 1", None),
        ("status платежа", Status()),
        ("balance", Balance()),
        ("balance 5", None),
        ("pay sarkor", None),
        ("sarkor", None),
        ("", None),
    ],
)
def test_a_command_and_its_arguments(text: str, intent: Intent | None, lexicon: Lexicon) -> None:
    assert read_command(text.split(), lexicon) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("СПИСК сар", List(search="sar")),
        ("СТАТУЗ 44742441", Status("44742441")),
        ("СТАТУЗ 447424411", None),
        ("отмен", None),
        ("баланк моей старой карты", None),
        ("", None),
    ],
)
def test_a_slip_is_forgiven_in_information_commands(text: str, intent: Intent | None, lexicon: Lexicon) -> None:
    assert read_misspelt_command(text.split(), lexicon) == intent

"""What a person reads: sums with their currency, times without the zone's T, every mistake with its mend."""

import json

import pytest

from smsgw.commands.terminal import complain, complain_of, fields, print_json, readable, table
from smsgw.settings.problems import Problem


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"amount": "50000.00", "currency": "UZS"}, "50000.00 UZS"),
        ({"state": "parked", "attempts": 3, "last_answer": None}, "state parked, attempts 3"),
        ("2026-11-21T12:00:00+00:00", "2026-11-21 12:00:00 UTC"),
        ("n25656", "n25656"),
        ("refused \x1b[2J\x07", "refused ?[2J?"),
        (True, "yes"),
        (False, "no"),
        (None, ""),
        (0, "0"),
    ],
)
def test_a_value_reads_as_people_say_it(value: object, read: str) -> None:
    assert readable(value) == read


def test_what_is_not_known_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    fields({"number": "1", "finished_at": None, "refusal": ""})
    assert capsys.readouterr().out.split() == ["number", "1"]


@pytest.mark.proves("A89")
def test_markup_in_a_value_is_only_text(capsys: pytest.CaptureFixture[str]) -> None:
    """A provider's reference or an account must not colour or break the screen."""
    fields({"provider_reference": "[red]x[/red]"})
    table(["account"], [["[/]"]])
    complain("[bold]")
    written = capsys.readouterr()
    assert "[red]x[/red]" in written.out
    assert "[/]" in written.out
    assert "[bold]" in written.err


def test_a_wide_row_is_whole_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    row = ["x" * 30] * 6
    table(list("abcdef"), [row])
    assert capsys.readouterr().out.splitlines()[1].split() == row


def test_no_line_in_a_pipe_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    table(["a", "b"], [["x", "long"], ["y", ""]])
    assert capsys.readouterr().out == "a  b\nx  long\ny\n"


def test_json_is_json_however_long_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"detail": "[y] " * 200})
    assert "[y] " * 200 in capsys.readouterr().out


OBEYED = "\x1b[2J\x9b31m\u202e\u2028\ud800"


@pytest.mark.proves("A47")
def test_json_holds_no_character_that_a_terminal_obeys_and_is_the_same_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"account": OBEYED, "name": "Алиев 😀"})
    written = capsys.readouterr().out
    assert json.loads(written) == {"account": OBEYED, "name": "Алиев 😀"}
    assert "Алиев 😀" in written
    assert written.replace("\n", "").isprintable()


@pytest.mark.proves("A47")
def test_a_complaint_holds_no_character_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"the gateway said: {OBEYED}\nand no more")
    complain_of([Problem("providers.toml", f"isp{OBEYED}", OBEYED)])
    written = capsys.readouterr().err
    assert written.count("\n") == 3
    assert written.replace("\n", "").isprintable()


def test_every_mistake_of_a_configuration_is_told_with_its_mend(capsys: pytest.CaptureFixture[str]) -> None:
    complain_of([Problem("smsgw.toml", "keys", "missing"), Problem("smsgw.toml", "links.a.port", "no number")])
    told = capsys.readouterr().err
    assert "smsgw.toml: keys: missing" in told
    assert "openssl rand -hex 32" in told
    assert "smsgw.toml: links.a.port: no number" in told

"""Tables: columns by name, separators, times, and what cannot be read."""

from __future__ import annotations

import pytest

from simulator.tapes.csv_tape import read_columns, read_table, read_time
from simulator.tapes.tape import NOTHING_TOLD

ROW = "+998901234567,1400,HELP,0\n"


def test_a_table_is_read_by_the_names_of_its_columns() -> None:
    table = ["\ufefftext,at,from,note,to\n", '"a, ""b""\nc",5,+998901234567,x,1400\n', "\n", "HELP,1.5,2,,3\n"]
    tape = read_table(table, {})
    assert [(taped.at_s, taped.text.sender, taped.text.recipient, taped.text.text) for taped in tape] == [
        (1.5, "2", "3", "HELP"),
        (5.0, "+998901234567", "1400", 'a, "b"\nc'),
    ]
    assert {taped.recorded for taped in tape} == {NOTHING_TOLD}


def test_lines_are_counted_as_an_editor_does() -> None:
    tape = read_table(["from,to,text\n", '1,2,"a\n', 'b"\n', "1,2,c\n"], {})
    assert [taped.where for taped in tape] == ["line 2", "line 4"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_the_header_has(separator: str) -> None:
    table = [separator.join(row) for row in (("from", "to", "text", "at"), ("1", "2", "a.b", "3"))]
    assert [(taped.at_s, taped.text.text) for taped in read_table(table, {})] == [(3.0, "a.b")]


def test_columns_may_be_called_otherwise() -> None:
    named = read_columns("from=msisdn, text = body,at=time")
    tape = read_table(["msisdn,to,body,time", "1,2,a,3"], named)
    assert (tape[0].text.sender, tape[0].text.text, tape[0].at_s) == ("1", "a", 3.0)


def test_without_times_lines_follow_each_other() -> None:
    tape = read_table(["from,to,text", "1,2,a", "1,2,b"], {})
    assert [(taped.at_s, taped.text.text) for taped in tape] == [(0.0, "a"), (0.0, "b")]


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("0", 0.0),
        (" 1.5 ", 1.5),
        ("-2", -2.0),
        ("1e3", 1000.0),
        ("1795892282.717126", 1795892282.717126),
        ("1970-01-01T00:00:01+00:00", 1.0),
        ("1970-01-01T05:00:01+05:00", 1.0),
        ("1970-01-01 00:00:01.5", 1.5),
        ("1970-01-02", 86_400.0),
    ],
)
def test_a_time_is_seconds_or_iso_8601(words: str, seconds: float) -> None:
    assert read_time(words) == seconds


@pytest.mark.parametrize("words", ["", "soon", "1_0", "nan", "inf", "1e99", "0x10", "٣", "2026-13-01", "10:00"])
def test_another_time_is_named(words: str) -> None:
    with pytest.raises(ValueError, match=r"^at: "):
        read_time(words)


@pytest.mark.parametrize("words", ["sender=a", "from", "from=", "=a", "from=a,b"])
def test_a_mapping_of_columns_that_cannot_be_read_is_named(words: str) -> None:
    with pytest.raises(ValueError, match="NAME=COLUMN"):
        read_columns(words)


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ([], "line 1: no column 'from'"),
        (["from,to"], "line 1: no column 'text'; there are from, to"),
        (["from,to,text", ROW, "1,2"], "line 3: there are too few columns"),
        (["from,to,text,at", ROW, "1,2,a,soon"], "line 3: at: 'soon'"),
        (["from,to,text,at", ROW, "1,2,a,"], "line 3: at: empty; only the whole column may be missing"),
        (["from,to,text,at", ROW, "1,2,a,1795892282717"], "line 3: at: .* milliseconds. divide by 1000"),
        (["from,to,text", ROW, "1,2,"], "line 3: text: 1 to"),
        (["from,to,text", ROW, ",2,a"], "line 3: from: 1 to"),
        (["from,to,text", ROW, '1,2,"a" b'], "line 3: "),
        (["from,to,text", ROW, '1,2,"a'], "line 3: unexpected end of data"),
        (["from,to,text", ROW, "1,2,\ud800"], "line 3: text: half a surrogate pair"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(table: list[str], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_table(table, {})


def test_a_column_of_times_that_was_named_must_be_there() -> None:
    with pytest.raises(ValueError, match="no column 'time'"):
        read_table(["from,to,text", ROW], {"at": "time"})

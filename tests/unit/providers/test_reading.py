"""Reading what strangers answer: the good, the odd that occurs, and the hostile."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from smsgw.domain.calls import Unknown
from smsgw.providers.http import Completed
from smsgw.providers.reading import TEXT_LENGTH_MAX, fault_of, json_object, shown, unreadable, xml_response

OK = "<response><result>0</result></response>"


@pytest.mark.proves("F37")
@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (101, Unknown("HTTP 101", alarm=True)),
        (199, Unknown("HTTP 199", alarm=True)),
        (200, None),
        (204, None),
        (300, Unknown("HTTP 300", alarm=True)),
        (302, Unknown("HTTP 302", alarm=True)),
        (399, Unknown("HTTP 399", alarm=True)),
        (400, None),
        (401, Unknown("HTTP 401", alarm=True)),
        (403, Unknown("HTTP 403", alarm=True)),
        (404, None),
        (407, Unknown("HTTP 407", alarm=True)),
        (408, Unknown("HTTP 408")),
        (422, None),
        (429, Unknown("HTTP 429")),
        (499, None),
        (500, Unknown("HTTP 500")),
        (502, Unknown("HTTP 502")),
        (504, Unknown("HTTP 504")),
        (599, Unknown("HTTP 599")),
    ],
)
def test_a_status_never_refuses(status: int, fault: Unknown | None) -> None:
    """A payment may stand behind every status; a 4xx leaves the word to the body."""
    assert fault_of(Completed(status, "", b"")) == fault


@pytest.mark.parametrize(("status", "wait_s"), [(408, 60), (429, 60), (503, 60), (200, None), (302, 0), (401, 0)])
def test_a_wait_is_asked_for_by_those_who_mean_later(status: int, wait_s: int | None) -> None:
    """RFC 9110, 10.2.3; what only a person mends is not waited for."""
    fault = fault_of(Completed(status, "", b"", retry_after_s=60))
    assert (fault.retry_after_s if fault else None) == wait_s


def test_an_unreadable_body_is_a_matter_of_configuration_only_with_a_4xx() -> None:
    assert unreadable(200, "no response") == Unknown("no response")
    assert unreadable(404, "no response") == Unknown("HTTP 404", alarm=True)


@pytest.mark.proves("A80")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" 2016 \n", "2016"),
        ("a\r\nb\x00\x1b[31m", "ab[31m"),
        ("Алиев\u202e А.\ud800", "Алиев А."),
        ("x" * 1000, "x" * TEXT_LENGTH_MAX),
        ("", ""),
    ],
)
def test_text_to_be_shown_is_one_short_printable_line(text: str, line: str) -> None:
    assert shown(text) == line


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"status": 1, "message": "77"}', {"status": 1, "message": "77"}),
        (b'\xef\xbb\xbf{"status":1}', {"status": 1}),
        (b'{"a": 1.5}', {"a": Decimal("1.5")}),
        (b'{"a": -12.5e2}', {"a": Decimal(-1250)}),
        (b'{"a": 1e30, "b": 1e-30, "c": 0.0}', {"a": Decimal("1e30"), "b": Decimal("1e-30"), "c": Decimal("0.0")}),
        (b'{"a": 9223372036854775808}', {"a": 2**63}),
        (b'{"a": "\\ud83d\\ude00 \\u0000"}', {"a": "\U0001f600 \0"}),
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        (b"{}", {}),
    ],
)
def test_json_objects(body: bytes, value: Mapping[str, object]) -> None:
    assert json_object(body) == value


@pytest.mark.proves("F41", "A76")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b'"status"',
        b'{"status": 1',
        b'{"status": NaN}',
        b'{"status": -Infinity}',
        b'{"status": 0, "status": 1}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": "\xff"}',
        b'{"a": 1}{"a": 1}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": 1e' + b"9" * 30 + b"}",
        b'{"a": 1e999}',
        b'{"a": 1e31}',
        b'{"a": 1e-31}',
        b'{"a": 1e999999999}',
        b'{"a": Infinity}',
        b'{"a": 1_000}',
        b'{"a": 01}',
        b'{"a": +1}',
        b'{"a": 0x1}',
        b'{"a": 1.}',
        b'{"a": \xd9\xa3}',
        b'{"a": "\n"}',
        b'{"a": "b\x00"}',
        b'{"a": 1}\x00',
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} // paid',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": "\xed\xa0\x80"}',
        b"[" * 60_000,
        b'{"a":' * 12_000,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"<html></html>",
    ],
)
def test_json_that_is_not_one_plain_object_is_not_read(body: bytes) -> None:
    """Number words, repeated keys, other charsets, endless digits and endless depth are all the same: unreadable."""
    assert json_object(body) is None


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (OK, {"result": "0"}),
        ("\ufeff" + OK, {"result": "0"}),
        ("<?xml version='1.0' encoding='UTF-8'?>\n" + OK + "\n", {"result": "0"}),
        ("DBD::mysql: warning\n" + OK + "<!-- 0.02 s -->", {"result": "0"}),
        ("<response>\n <comment/> <result> 0 </result></response >", {"comment": "", "result": "0"}),
        (
            '<response><fields><field1 name="FIO">Алиев</field1><f2>7</f2></fields></response>',
            {"fields/FIO": "Алиев", "fields/f2": "7"},
        ),
        ("<response><a>1</a><a> 1 </a></response>", {"a": "1"}),
        ("<response><a><b>1</b></a></response>", {}),
        ("<response a='1'><![CDATA[x]]><result>0</result></response>", {"result": "0"}),
    ],
)
def test_xml_responses(body: str, texts: Mapping[str, str]) -> None:
    assert xml_response(body.encode(), "") == texts


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<?xml version='1.0' encoding='windows-1251'?><response><c>Да</c></response>".encode("cp1251"), ""),
        ('<?xml encoding = "KOI8-R" ?><response><c>Да</c></response>'.encode("koi8-r"), "text/xml; charset=utf-8"),
        ("<response><c>Да</c></response>".encode("cp1251"), 'text/xml; charset="Windows-1251"'),
        ("<response><c>Да</c></response>".encode(), "text/xml;charset=UTF8"),
        ("<response><c>Да</c></response>".encode(), "text/xml"),
    ],
)
def test_the_charset_is_declared_or_in_the_header_or_utf_8(body: bytes, content_type: str) -> None:
    assert xml_response(body, content_type) == {"c": "Да"}


BILLION_LAUGHS = (
    '<!DOCTYPE response [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<response><result>&b;</result></response>"
)


@pytest.mark.proves("F41", "A75")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<html><body>Bad gateway</body></html>",
        b"<response><result>0</result>",
        b"<response/>",
        b"<responses><result>0</result></responses>",
        b"<response><result>0</response>",
        b"<response><result>0</result><result>5</result></response>",
        b"<response><result>&nbsp;</result></response>",
        b"<response><result>\x00</result></response>",
        b"<response><result>\xff</result></response>",
        b"<?xml encoding='utf-16'?><response><result>0</result></response>",
        b"<?xml encoding='utf-7'?><response><result>0</result></response>",
        OK.encode("utf-16"),
        BILLION_LAUGHS.encode(),
        b"<!doctype html>" + OK.encode(),
        b"<response><!DOCTYPE x><result>0</result></response>",
        b"<response>" + b"<a>" * 20_000 + b"</response>",
        b"<response>" + b"<a>" * 100_000 + b"</response>",
        b"<response><result>&#0;</result></response>",
        b"<response><result>&#xD800;</result></response>",
        b"<response><result>\xed\xa0\x80</result></response>",
        b'<!DOCTYPE response SYSTEM "http://127.0.0.1/x.dtd">' + OK.encode(),
        b'<!DOCTYPE response [<!ENTITY a SYSTEM "file:///etc/passwd">]><response><result>&a;</result></response>',
        b"<!DOCTYPE response []>" + OK.encode(),
        b"<response><a b='1' b='2'/></response>",
        b"<response><result>0</result></response><response><result>5</result></response>",
        b"<response><result>" + b"x" * 60_000,
    ],
)
def test_xml_that_is_not_one_plain_response_is_not_read(body: bytes) -> None:
    """Cut off, another root, two results, a document type, an unknown or broken charset, endless depth."""
    assert xml_response(body, "") is None


@pytest.mark.proves("A75")
def test_depth_that_is_closed_properly_is_harmless() -> None:
    """Nothing walks down the tree by recursion."""
    deep = b"<response>" + b"<a>" * 8_000 + b"</a>" * 8_000 + b"<result>0</result></response>"
    assert xml_response(deep, "") == {"result": "0"}

"""The page as HTML: everything is there, and nothing that anybody wrote becomes a part of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from simulator.page.conversation import Bubble
from simulator.page.handsets import Handset
from simulator.page.render import FOLDER, Page, Phone, bubble, render

HOSTILE = "\"><script>alert(1)</script><b title='$x ${y}"
LINE: dict[str, Any] = {
    "id": 3,
    "operator": "beeline",
    "system_id": "smsgw",
    "state": "bound_trx",
    "receives": True,
    "stalled": False,
    "half_open": False,
    "peer": "1.2.3.4:5",
}


def page(*phones: Phone, **changes: Any) -> Page:
    whole = Page(list(phones), "from=1", {"beeline": 2775, "ucell": 2776}, [LINE], {"boot": "b", "entry": 7}, "{}")
    return whole._replace(**changes)


class Tags(HTMLParser):
    """The tags of a page, each with its attributes, and the names of those that are open at its end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_nothing_that_was_written_becomes_html() -> None:
    """Numbers, texts, drafts, problems, names of systems and operators."""
    clean = Phone(Handset("1", "2"), "x", [Bubble(1, 0.0, True, "x", "x")], "x", "x")
    evil = Phone(Handset(HOSTILE, HOSTILE), HOSTILE, [Bubble(1, 0.0, True, HOSTILE, HOSTILE)], HOSTILE, HOSTILE)
    line = {**LINE, "system_id": HOSTILE, "peer": HOSTILE}
    tags = Tags(render(page(evil, query=HOSTILE, sessions=[line], operators={HOSTILE: 1, "b": 2})))
    expected = Tags(render(page(clean)))
    assert [(tag, set(attributes)) for tag, attributes in tags.found] == [
        (tag, set(attributes)) for tag, attributes in expected.found
    ]
    assert tags.open == []


def test_the_statuses_cannot_end_their_script() -> None:
    assert "</script><b>" not in render(page(statuses='{"x": "</script><b>"}'))


def test_the_first_paint_has_phones_operators_and_sessions() -> None:
    words = re.sub(r"<[^>]+>", " ", render(page(Phone(Handset("+998901234567", "1400"), "beeline"))))
    for told in ("Gateway connected", "beeline", ":2775", "ucell", "smsgw", "#3", "bound_trx"):
        assert told in words


def test_the_operators_with_a_gateway_are_marked() -> None:
    tags = Tags(render(page()))
    assert [each["class"] for tag, each in tags.found if tag == "li" and "data-name" in each] == [
        "operator up",
        "operator",
    ]


@pytest.mark.parametrize("dead", ["stalled", "half_open"])
def test_a_session_that_nothing_reaches_lights_no_lamp_and_says_why(dead: str) -> None:
    html = render(page(sessions=[{**LINE, "receives": False, dead: True}]))
    assert "operator up" not in html
    assert "No gateway ready" in html
    assert f'class="session bound_trx {dead}"' in html
    assert f"bound_trx, {dead}" in html


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Bubble(1, 0.0, True, "HELP", "delivered", "acked"), "I: HELP 00:00:00 ✓✓ delivered"),
        (Bubble(1, 0.0, True, "HELP", "refused · 0x01", "refused"), "I: HELP 00:00:00 ✕ refused · 0x01"),
        (Bubble(1, 0.0, False, "PAID", "2 SMS"), "They: PAID 00:00:00 2 SMS"),
        (Bubble(1, 0.0, False, "PAID", "", "delivered"), "They: PAID 00:00:00 ✓✓ receipt: delivered"),
        (Bubble(1, 0.0, False, "PAID", "", "expired"), "They: PAID 00:00:00 ✕ receipt: expired"),
    ],
)
def test_a_text_says_who_what_when_and_how_it_fared(one: Bubble, words: str) -> None:
    assert " ".join(re.sub(r"<[^>]+>", " ", bubble(one)).split()) == words


@pytest.mark.parametrize("path", [*FOLDER.glob("*.html"), *FOLDER.rglob("*.js")], ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere_and_no_code_or_look_stands_in_the_html(path: Any) -> None:
    """What the page's own policy forbids would only be seen in a browser."""
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"https?://|\bon[a-z]+=\"|style=\"|innerHTML|eval\(", source)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.js")), ids=lambda path: path.name)
def test_a_script_is_read_in_one_sitting(path: Any) -> None:
    assert path.read_text(encoding="utf-8").count("\n") < 250

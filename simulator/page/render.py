"""The page as HTML. Pure: values in, text out; whatever a person or a gateway wrote is escaped here.

Rule: the script draws the same for what comes later (js/phone.js, js/sessions.js): whoever changes one changes both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple

from simulator.page.conversation import Bubble
from simulator.page.handsets import Handset
from simulator.page.samples import SAMPLES, Samples

FOLDER: Final = Path(__file__).parent
TICKS: Final[Mapping[str, str]] = {"waiting": "✓", "retrying": "↻", "acked": "✓✓", "refused": "✕", "given_up": "✕"}
KEYS: Final = "123456789*0#"
DEAD: Final = ("stalled", "half_open")
"""What a session may be beside its state: its connection stands, and nothing that we say comes through."""
# All at once: the browser would else find them one after the other, each in the one that needs it.
PRELOADS: Final = "".join(
    f'<link rel="modulepreload" href="/page/js/{path.name}">' for path in sorted(FOLDER.glob("js/*.js"))
)


class Phone(NamedTuple):
    """One phone: `operator` is empty where there is only one. `draft` and `problem` are of a text not taken.

    `served` = its operator has a gateway that takes texts.
    """

    handset: Handset
    operator: str = ""
    bubbles: Sequence[Bubble] = ()
    draft: str = ""
    problem: str = ""
    served: bool = False


class Page(NamedTuple):
    """Everything that the first paint shows; `marks` are the places from which the script goes on."""

    phones: list[Phone]
    query: str
    operators: Mapping[str, int]
    sessions: list[Mapping[str, Any]]
    marks: Mapping[str, str | int]
    statuses: str


def render(page: Page) -> str:
    """Write the page."""
    served = any(line["receives"] for line in page.sessions)
    parts = {
        "marks": " ".join(f'data-{name}="{escape(str(value))}"' for name, value in page.marks.items()),
        "operators": "".join(_operator(name, port, page.sessions) for name, port in page.operators.items()),
        "count": str(len(page.phones)),
        "phones": "".join(phone(one, page.query) for one in page.phones),
        "sessions": "".join(map(session, page.sessions)) or '<li class="none">No gateway is connected.</li>',
        "preloads": PRELOADS,
        "up": "up" if served else "",
        "link": "Gateway connected" if served else "No gateway ready",
        "statuses": page.statuses.replace("<", "\\u003c"),
    }
    return Template((FOLDER / "page.html").read_text(encoding="utf-8")).substitute(parts)


def phone(one: Phone, query: str) -> str:
    """Write one phone."""
    sender, to = escape(one.handset.sender), escape(one.handset.recipient)
    badge = f'<span class="badge">{escape(one.operator)}</span>' if one.operator else ""
    parts = {
        "sender": sender,
        "to": to,
        "number": escape(one.handset.number),
        "key": "".join(f"{ord(character):x}" for character in one.handset.number),
        "badge": badge,
        "served": " served" if one.served else "",
        "query": escape(query),
        "bubbles": "".join(map(bubble, one.bubbles)),
        "samples": "".join(map(_samples, SAMPLES)),
        "languages": "".join(
            f'<option value="{each.code}" title="{each.name}">{each.short}</option>' for each in SAMPLES
        ),
        "keys": "".join(f'<button type="button" data-key="{key}">{key}</button>' for key in KEYS),
        "draft": escape(one.draft),
        "problem": escape(one.problem),
        "hidden": "" if one.problem else "hidden",
    }
    return Template((FOLDER / "phone.html").read_text(encoding="utf-8")).substitute(parts)


def bubble(one: Bubble) -> str:
    """Write one text."""
    who, kind = ("I", "mine") if one.mine else ("They", "theirs")
    receipt = f' data-asked="{one.id}"' if one.receipt_asked and not one.state else ""
    receipt += f' data-messages="{escape(" ".join(one.messages))}"' if one.messages else ""
    return (
        f'<li class="{kind} {one.state}" data-id="{one.id}"{receipt}><p><span class="unseen">{who}: </span>'
        f"{escape(one.text)}</p><small>{time(one.at_s)}{_note(one)}</small></li>"
    )


def _note(one: Bubble) -> str:
    ticks = TICKS.get(one.state, "✓✓" if one.state == "delivered" else "✕") if one.state else ""
    words = [one.note] if one.note else []
    if one.state and not one.mine:
        words.append(f"receipt: {one.state}")
    drawn = f' <b class="ticks" aria-hidden="true">{ticks}</b>' if ticks else ""
    return drawn + "".join(f" <span>{escape(each)}</span>" for each in words)


def time(at_s: float) -> str:
    """Write a time of day, in UTC; the script makes the reader's own of it."""
    at = datetime.fromtimestamp(at_s, UTC)
    return f'<time datetime="{at.isoformat(timespec="milliseconds")}">{at:%H:%M:%S}</time>'


def session(line: Mapping[str, Any]) -> str:
    """Write one session."""
    name = escape(line["system_id"]) or "not bound yet"
    states = [line["state"], *(each for each in DEAD if line[each])]
    return (
        f'<li class="session {" ".join(states)}"><b>{name}</b> <span>{escape(line["operator"])} · #{line["id"]} · '
        f"{', '.join(states)} · {escape(line['peer'])}</span></li>"
    )


def _samples(one: Samples) -> str:
    texts = "".join(f'<button type="button" data-text="{escape(text)}">{escape(text)}</button>' for text in one.texts)
    return f'<div class="samples" lang="{one.code}" role="group" aria-label="Examples, {one.name}">{texts}</div>'


def _operator(name: str, port: int, sessions: Iterable[Mapping[str, Any]]) -> str:
    up = " up" if any(line["receives"] and line["operator"] == name for line in sessions) else ""
    return f'<li class="operator{up}" data-name="{escape(name)}"><b>{escape(name)}</b> <span>:{port}</span></li>'

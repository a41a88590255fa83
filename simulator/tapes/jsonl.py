"""Tapes of lines: one JSON object a line, to be kept, read by people, and played again.

A recording begins with a header, `{"kind": "tape", "version": 2, "at_s": …, "masked": {"texts": …, "numbers": …}}`;
a file may hold several, one after the other. Every other line has `kind`, `id` (counts up within a recording), `at_s`
(Unix time) and `operator`:

- `mo`, a text of a subscriber: `from`, `to`, `text`, `long` (how it is cut if it is), `segments`, `masked` (whether its
  letters and digits are hidden); and whatever else it was sent with, as POST /mo takes it: `hex` (its octets, of which
  `text` is only how people read them), `data_coding`, `alphabet`, fields such as `esm_class`, `tlvs`, `parts`, `gap_s`;
- `answer`, what came of an attempt to deliver it: `mo` (the id of the text), `state`, `status`, `status_name`,
  `attempts`;
- `mt`, a text of the gateway: `from`, `to`, `text`, `segments`, `masked`, `data_coding`, `message_ids`, `system_id`;
- `receipt`, sent to the gateway: `number` (the subscriber's), `message_id` (one of an mt), `state`;
- `session`, bound or closed: `session`, `system_id`, `state`.

To be played, a line needs no more than `at_s`, `from`, `to`, and `text` or `hex`. Unknown kinds and keys are left out.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

from simulator.api.objects import tlvs, write_tlvs
from simulator.api.text_body import TEXT_KEYS, read_text
from simulator.smsc.mo import MoState, Text
from simulator.tapes.masking import Masks
from simulator.tapes.pdu_masking import masked_pdu
from simulator.tapes.tape import AT_S_MAX, Answered, Event, Replied, Sent, Taped, gathered, milliseconds_hint
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import Pdu

VERSION: Final = 2
"""Version 1 had no header, and texts only."""

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "mo": ("from", "to", "text", "segments"),
    "answer": ("mo", "state", "status", "status_name", "attempts"),
    "mt": ("from", "to", "text", "segments", "data_coding", "message_ids", "system_id"),
    "receipt": ("number", "message_id", "state"),
    "session": ("session", "system_id", "state"),
}
_NUMBERS: Final = frozenset({"from", "to", "number"})
_SAID: Final = sorted(TEXT_KEYS - {"from", "to", "text"})
"""What a subscriber's text may have been sent with."""


def write_header(at_s: float, masks: Masks) -> str:
    """Begin a recording."""
    hidden = {"texts": masks.texts, "numbers": masks.pseudonyms is not None}
    return json.dumps({"kind": "tape", "version": VERSION, "at_s": round(at_s, 6), "masked": hidden})


def write_line(entry: Mapping[str, Any], masks: Masks) -> str | None:
    """Write one entry of GET /traffic as a line; None for a kind that no tape has."""
    keys = _KEYS.get(entry["kind"])
    if keys is None:
        return None
    line = {key: entry[key] for key in ("id", "at_s", "operator", "kind")}
    for key in keys:
        line[key] = masks.number(entry[key]) if key in _NUMBERS else entry[key]
    if entry["kind"] == "mo":
        line |= _sent_with(entry, masks)
    if "text" in line:
        line |= {"text": masks.text(entry["text"]), "masked": masks.texts}
    return json.dumps(line, ensure_ascii=False)


def _sent_with(entry: Mapping[str, Any], masks: Masks) -> dict[str, Any]:
    """What else a text was sent with, its octets masked as in a capture."""
    found = {key: entry[key] for key in _SAID if key in entry}
    if found.get("parts") == list(range(1, entry.get("parts_total", 1) + 1)):
        del found["parts"]  # each once, in order: nobody asked for it
    fields = {"esm_class": found.get("esm_class", 0), "data_coding": found.get("data_coding", 0)}
    octets = {"short_message": bytes.fromhex(found["hex"])} if "hex" in found else {}
    hidden = masked_pdu(Pdu(Command.DELIVER_SM, 0, 0, fields | octets, tlvs(found.get("tlvs", {}))), masks)
    if "hex" in found:
        found["hex"] = hidden.octets("short_message").hex()
    if "tlvs" in found:
        found["tlvs"] = write_tlvs(hidden.tlvs)
    return found


def without_rest(lines: Iterable[str], notes: list[str]) -> Iterator[str]:
    """The lines but for a last one that was cut off while it was written; *notes* learn of it."""
    for number, line in enumerate(lines, start=1):
        if line.startswith("{") and not line.endswith("\n") and not _is_whole(line):
            notes.append(f"left out, line {number}: it is cut off")
            return
        yield line


def begins_a_tape(line: bytes) -> bool:
    """Whether this is the first line of a recording that can be read here."""
    try:
        return _is_header(_object(line))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def end_last_line(tape: BinaryIO) -> None:
    """Make a tape fit to be continued that was cut off while it was written: what is no whole line goes."""
    last = next(iter(deque(tape, maxlen=1)), b"\n")
    if last.endswith(b"\n"):
        return
    if _is_whole(last):
        tape.write(b"\n")
    else:
        tape.truncate(tape.tell() - len(last))


def _is_whole(line: str | bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def read_lines(lines: Iterable[str]) -> list[Taped]:
    """Read the texts of subscribers from a tape, in the order of time, and what the tape tells of each.

    Raises:
        ValueError: the message names the line, counted from 1.
    """
    events: list[Event] = []
    recording = 0
    for number, line in enumerate(lines, start=1):
        try:
            value = _object(line) if line.strip() else {"kind": ""}
            recording += _is_header(value)
            event = _event(value, recording, f"line {number}")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else error
            raise ValueError(f"line {number}: {what}") from None
        if event is not None:
            events.append(event)
    tells_replies = recording > 0 or any(isinstance(event, Replied) for event in events)
    return gathered(events, tells_replies=tells_replies)


def _object(line: str | bytes) -> dict[str, Any]:
    value = json.loads(line)
    if not isinstance(value, dict):
        raise TypeError('an object is needed: {"at_s": 0, "from": "+998901234567", "to": "1400", "text": "HELP"}')
    return value


def _is_header(value: Mapping[str, Any]) -> bool:
    if value.get("kind") != "tape":
        return False
    version = value["version"]
    if type(version) is not int or not 1 <= version <= VERSION:
        raise ValueError(f"version: {version!r} of the format is unknown here; there are 1 to {VERSION}")
    return True


def _event(value: Mapping[str, Any], recording: int, where: str) -> Event | None:
    match value.get("kind", "mo"):
        case "mo":
            return Sent(
                _seconds(value["at_s"]), _id(value, recording, where), _text(value), where, value.get("masked") is True
            )
        case "mt":
            return Replied(_seconds(value["at_s"]), _words(value, "to").removeprefix("+"), _words(value, "text"))
        case "answer":
            state, status = MoState(_words(value, "state")), value.get("status")
            if not (status is None or type(status) is int):
                raise TypeError("status: a number or null is needed")
            return Answered(_seconds(value["at_s"]), (recording, _number(value["mo"], "mo")), state, status)
    return None


def _text(value: Mapping[str, Any]) -> Text:
    # Of octets the text is only how people read them.
    said = TEXT_KEYS - {"text"} if "hex" in value else TEXT_KEYS
    return read_text({key: one for key, one in value.items() if key in said})


def _id(value: Mapping[str, Any], recording: int, where: str) -> object:
    number = value.get("id")
    return where if number is None else (recording, _number(number, "id"))


def _number(value: object, key: str) -> int:
    if type(value) is not int:
        raise TypeError(f"{key}: a whole number is needed")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= AT_S_MAX:
        raise TypeError(f"at_s: a number of seconds is needed, at most {AT_S_MAX:.0f}{milliseconds_hint(value)}")
    return float(value)


def _words(value: Mapping[str, Any], key: str) -> str:
    words = value[key]
    if not isinstance(words, str):
        raise TypeError(f"{key}: a text is needed")
    words.encode()  # raises ValueError: half a surrogate pair is no character, and no request could carry it
    return words

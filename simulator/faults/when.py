"""Which PDUs a rule is about: values of their fields, as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from simulator.faults.fault import BIND_NAMES, CONNECTION, DELIVER_SM, RECEIPT, REQUESTS, SESSION_REQUESTS
from smsgw.smpp.constants import Command
from smsgw.smpp.layouts import LAYOUTS, Int, Repeated
from smsgw.smpp.pdu import SECRET_FIELDS, Pdu
from smsgw.smpp.reassembly import Broken, concatenation
from smsgw.smpp.text import Alphabet, decode

CLOCK: Final = "clock"
"""Not a request, but the moment at which a rule's time begins, for every bound session."""

PDUS: Final = (CONNECTION, *REQUESTS, *SESSION_REQUESTS, DELIVER_SM, RECEIPT, CLOCK)
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {"bind": BIND_NAMES, "any": (*REQUESTS, *SESSION_REQUESTS)}
"""Words that stand for several: all binds; every request of the gateway."""

PATTERN_MAX: Final = 1_000
"""Characters of a regular expression: longer ones are programs."""

SYSTEM_ID: Final = "system_id"
TEXT: Final = "text"

Wanted = re.Pattern[str] | tuple[int, ...]


class Seen(NamedTuple):
    """What has happened: a PDU (None for a connection and the clock) on a session, of the account `system_id`."""

    subject: str
    session: int
    system_id: str = ""
    pdu: Pdu | None = None
    alphabet: Alphabet = Alphabet.GSM0338

    @property
    def text(self) -> str:
        """What the PDU says to a person: the text of this part, without any header."""
        assert self.pdu is not None, "only PDUs with a text are asked for it"
        short_message = self.pdu.fields.get("short_message", b"")
        assert isinstance(short_message, bytes)
        found = concatenation(self.pdu.integer("esm_class"), short_message, self.pdu.tlvs)
        payload = short_message if isinstance(found, Broken) else found.payload
        return decode(payload, self.pdu.integer("data_coding"), self.alphabet)

    def value(self, name: str) -> int | str:
        """A field by its name, octets as characters."""
        if name == TEXT:
            return self.text
        if name == SYSTEM_ID:
            return self.system_id
        assert self.pdu is not None, "`fields_of` offers no others"
        value = self.pdu.fields[name]
        return value if isinstance(value, int) else bytes(value).decode("latin-1")  # type: ignore[arg-type] # no lists: `fields_of`


@dataclass(frozen=True, slots=True)
class When:
    """What every field must be: a text that the pattern fits as a whole, or one of some numbers."""

    wanted: tuple[tuple[str, Wanted], ...] = ()

    def fits(self, seen: Seen) -> bool:
        """Whether *seen* is meant."""
        return all(_is(seen.value(name), wanted) for name, wanted in self.wanted)

    def described(self) -> dict[str, object]:
        """What is asked, as it was written."""
        return {name: list(one) if isinstance(one, tuple) else one.pattern for name, one in self.wanted}


EVERYTHING: Final = When()


def _is(value: int | str, wanted: Wanted) -> bool:
    if isinstance(wanted, tuple):
        return value in wanted
    return isinstance(value, str) and wanted.fullmatch(value) is not None


def fields_of(pdus: frozenset[str]) -> dict[str, type]:
    """What can be asked of each of *pdus*: the fields that all of them have, and whether they are `int` or `str`."""
    shared = [_fields(pdu) for pdu in pdus]
    return {name: kind for name, kind in shared[0].items() if all(name in others for others in shared)}


def _fields(pdu: str) -> dict[str, type]:
    if pdu == CONNECTION:
        return {}
    if pdu in {CLOCK, *SESSION_REQUESTS}:
        return {SYSTEM_ID: str}
    if pdu == RECEIPT:
        return fields_of(frozenset({Command.SUBMIT_SM.wire_name, Command.DATA_SM.wire_name}))
    layout = [field for field in LAYOUTS[Command[pdu.upper()]] if not isinstance(field, Repeated)]
    found: dict[str, type] = {field.name: int if isinstance(field, Int) else str for field in layout}
    readable = {TEXT: str} if "data_coding" in found else {}
    return {SYSTEM_ID: str} | {name: kind for name, kind in found.items() if name not in SECRET_FIELDS} | readable


def read_when(value: object, pdus: frozenset[str]) -> When:
    """Read a table of fields. Raises ValueError: what is wrong in it, all at once."""
    if not isinstance(value, Mapping):
        raise ValueError("a table is needed, such as { destination_addr = '99893.*' }")  # noqa: TRY004 -- all mistakes are read alike
    known, wanted, wrong = fields_of(pdus), [], []
    for name, one in value.items():
        try:
            wanted.append((name, _wanted(name, one, known)))
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise ValueError("; ".join(wrong))
    return When(tuple(wanted))


def _wanted(name: str, value: object, known: Mapping[str, type]) -> Wanted:
    if name not in known:
        raise ValueError(f"not to be asked of these PDUs; there are {', '.join(known) or 'none'}")
    if known[name] is str:
        return _pattern(value)
    numbers = value if isinstance(value, list) else [value]
    if not numbers or not all(type(number) is int for number in numbers):
        raise ValueError("a whole number is needed, or a list of them")
    return tuple(numbers)


def _pattern(value: object) -> re.Pattern[str]:
    if not isinstance(value, str) or len(value) > PATTERN_MAX:
        raise ValueError(f"a regular expression is needed, of at most {PATTERN_MAX} characters")
    try:
        return re.compile(value, re.DOTALL)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from None

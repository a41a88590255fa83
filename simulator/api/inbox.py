"""Which texts of the gateway somebody wants to see: the query of GET /mt. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from simulator.api.bodies import is_whole
from simulator.smsc.journal import Entry
from simulator.smsc.mt import Mt

LIMIT_MAX: Final = 10_000
"""In one answer; whoever asks again with `next` gets those after them."""


class Wanted(NamedTuple):
    """Empty = any; `limit` 0 = all there are. `contains` is compared without regard to case."""

    sender: str = ""
    contains: str = ""
    operator: str = ""
    system_id: str = ""
    limit: int = 0

    def fits(self, entry: Entry) -> bool:
        """Whether an entry of the journal is a text that is wanted."""
        mt = entry.item
        return (
            isinstance(mt, Mt)
            and self.sender in ("", mt.sender.removeprefix("+"))
            and self.operator in ("", mt.operator)
            and self.system_id in ("", mt.system_id)
            and self.contains in mt.text.casefold()
        )


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Read a query. Raises ValueError."""
    digits = query.get("limit", "0")
    if not (is_whole(digits) and int(digits) <= LIMIT_MAX):
        raise ValueError(f"limit: {digits!r} is no number up to {LIMIT_MAX}")
    return Wanted(
        sender=query.get("from", "").strip().removeprefix("+"),
        contains=query.get("contains", "").casefold(),
        operator=query.get("operator", ""),
        system_id=query.get("system_id", ""),
        limit=int(digits),
    )

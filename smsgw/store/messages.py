"""Texts that came in, in a transaction: their digests and verdicts, parts of long ones, and those that keep failing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from smsgw.domain.phones import Msisdn
from smsgw.domain.sms import InboundPart, PartVerdict
from smsgw.sessions.keys import NONCE_OCTETS
from smsgw.store.retention import SWEEPS
from smsgw.store.seal import PART_KEY, key_of_part, place_of, seal, unseal
from smsgw.store.sql import ONE, ZERO, Statement, constant, given, number, octets, words
from smsgw.store.tables import failures, message_parts, messages
from smsgw.store.unit import Part

SEEN: Final = Statement(
    select(messages.c.id)
    .where(
        messages.c.msisdn == words("msisdn"),
        messages.c.received_at_us >= number("since_us"),
        messages.c.digest == octets("digest"),
    )
    .limit(ONE)
    .offset(ZERO)
)
LATEST: Final = Statement(
    select(messages.c.digest)
    .where(
        messages.c.msisdn == words("msisdn"),
        messages.c.received_at_us >= number("since_us"),
        messages.c.link == words("link"),
        *(messages.c.verdict != constant(verdict) for verdict in PartVerdict),
    )
    .order_by(messages.c.received_at_us.desc(), messages.c.id.desc())
    .limit(ONE)
    .offset(ZERO)
)
VERDICT: Final = Statement(
    select(messages.c.verdict)
    .where(messages.c.msisdn == words("msisdn"), messages.c.digest == octets("digest"))
    .order_by(messages.c.received_at_us.desc(), messages.c.id.desc())
    .limit(ONE)
    .offset(ZERO)
)
ADD: Final = Statement(insert(messages).values(given(messages, without={"id"})).inline())

_PARTS = message_parts.c
MSISDN_AT: Final = list(_PARTS.keys()).index("msisdn")
_ADD_PART = insert(message_parts).values(given(message_parts, without={"id"})).inline()
ADD_PART: Final = Statement(_ADD_PART.on_conflict_do_nothing(index_elements=[*PART_KEY, "number"]))
_SAME_TEXT = tuple(_PARTS[name] == bindparam(name, type_=_PARTS[name].type) for name in PART_KEY)
PARTS: Final = Statement(select(message_parts).where(*_SAME_TEXT).order_by(_PARTS.id))
PARTS_KEPT: Final = Statement(select(func.count()).select_from(message_parts).where(_PARTS.msisdn == words("msisdn")))
DROP_PARTS: Final = Statement(delete(message_parts).where(*_SAME_TEXT))

_earlier = message_parts.alias("earlier")
_earlier_part = and_(
    *(_earlier.c[name] == _PARTS[name] for name in PART_KEY),
    _earlier.c.id < _PARTS.id,
    _earlier.c.received_at_us < number("before_us"),
)
STALE_PARTS: Final = Statement(
    select(message_parts)
    .where(_PARTS.received_at_us < number("before_us"), ~select(_earlier.c.id).where(_earlier_part).exists())
    .order_by(_PARTS.id)
    .limit(number("limit"))
    .offset(ZERO)
)

_first_failure = insert(failures).values(given(failures) | {"count": ONE})
COUNT_FAILURE: Final = Statement(
    _first_failure.on_conflict_do_update(
        index_elements=["digest"],
        set_={"count": failures.c.count + ONE, "last_at_us": _first_failure.excluded.last_at_us},
    ).returning(failures.c.count)
)


class SqlMessages(Part):
    """Implements ports.Messages."""

    __slots__ = ()

    def seen(self, msisdn: Msisdn, digest: bytes, since_us: int) -> bool:
        """True if the same delivery was taken since then."""
        return self._unit.row(SEEN, {"msisdn": msisdn, "digest": digest, "since_us": since_us}) is not None

    def latest(self, msisdn: Msisdn, link: str, since_us: int) -> bytes | None:
        """The digest of the last text, no part of one, taken from this subscriber on this link since then; or None."""
        row = self._unit.row(LATEST, {"msisdn": msisdn, "link": link, "since_us": since_us})
        return None if row is None else bytes(row[0])

    def verdict(self, msisdn: Msisdn, digest: bytes) -> str | None:
        """What became of this delivery when it came last; None if it never came."""
        row = self._unit.row(VERDICT, {"msisdn": msisdn, "digest": digest})
        return None if row is None else str(row[0])

    def add(self, msisdn: Msisdn, link: str, digest: bytes, verdict: str, payment_id: int | None) -> None:
        """Write the MO row."""
        row = {"msisdn": msisdn, "link": link, "digest": digest, "verdict": verdict, "payment_id": payment_id}
        self._unit.run(ADD, row | {"received_at_us": self._unit.now_us})

    def add_part(self, msisdn: Msisdn, part: InboundPart) -> None:
        """Keep a part (encrypted); of two with one number the first stays."""
        around = self._unit.around
        row = seal(around.keyring, around.chance.octets(NONCE_OCTETS), msisdn, part)
        self._unit.run(ADD_PART, row | {"received_at_us": self._unit.now_us})

    def parts(self, msisdn: Msisdn, part: InboundPart) -> Sequence[InboundPart]:
        """All parts that are here of the text that *part* belongs to, in the order of their arrival."""
        rows = self._unit.rows(PARTS, key_of_part(msisdn, part))
        return [unseal(self._unit.around.keyring, row) for row in rows]

    def parts_kept(self, msisdn: Msisdn) -> int:
        """How many parts of unfinished texts are kept for this subscriber."""
        row = self._unit.row(PARTS_KEPT, {"msisdn": msisdn})
        assert row is not None, "a count is a row"
        return int(row[0])

    def drop_parts(self, msisdn: Msisdn, part: InboundPart) -> None:
        """Delete every part of the text that *part* belongs to."""
        self._unit.run(DROP_PARTS, key_of_part(msisdn, part))

    def stale_parts(self, before_us: int, limit: int) -> Sequence[tuple[Msisdn, InboundPart]]:
        """One part, unopened, of each text that has been incomplete since before then."""
        rows = self._unit.rows(STALE_PARTS, {"before_us": before_us, "limit": limit})
        return [(Msisdn(row[MSISDN_AT]), place_of(row)) for row in rows]

    def count_failure(self, digest: bytes) -> int:
        """Count that handling this delivery raised; return how often by now."""
        row = self._unit.row(COUNT_FAILURE, {"digest": digest, "last_at_us": self._unit.now_us})
        assert row is not None, "an upsert returns its row"
        return int(row[0])

    def sweep(self, before_us: int, limit: int) -> int:
        """Delete texts in and out, failures and receipts from before then, *limit* of each at most; return how many."""
        return sum(self._unit.run(statement, {"before_us": before_us, "limit": limit}) for statement in SWEEPS)

"""Parts of long texts: kept encrypted until the last one comes, then taken as one text.

The part that completes a text is acknowledged after the whole text is taken, so a crash in between makes the SMSC
bring it again. Parts that never become whole end with an answer, not in silence.

Rule 1: some phones write one reference for ever. A part that says something else than the kept one of its number
begins another text: the one before it is torn, and ends as the sweep would end it.
Rule 2: a part that came within five minutes may be the SMSC's, once more, or the phone's, in another text. It is kept
where it can belong to a text, first or beside others, and marked: of nothing but such parts no answer is made.
Otherwise it is the rest of a text that was taken, and is not kept, lest it be joined to the next one.
Rule 3: the parts under one reference are taken in turn: two texts in one packet would take each other's.

What is kept is bounded: each part by its octets, each text by its parts, each sender by unfinished parts, and all of
them by the five minutes after which they are swept away faster than an operator's link brings new ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import Enum
from functools import partial
from typing import Final
from weakref import WeakValueDictionary

from smsgw.domain.phones import Msisdn, masked, subscriber_number
from smsgw.domain.sms import Ack, InboundPart, InboundSms, PartVerdict
from smsgw.log import get_logger
from smsgw.parser.normalise import TEXT_LENGTH_MAX
from smsgw.ports import Store, StoreUnavailable, WorkFailed
from smsgw.service.conversation import Delivered
from smsgw.service.intake import Intake
from smsgw.service.rules import PARTS_WAIT_S, US, Rules
from smsgw.smpp.reassembly import StoredPart, complete
from smsgw.smpp.text import Alphabet
from smsgw.transaction import Tx

# Texts that are swept side by side: as many as fit well into one commit.
BATCH_MAX: Final = 50
# Batches of one round of the second: 1,000 texts. Texts in parts are rare; this is for a flood of torn ones.
BATCHES_MAX: Final = 20
# No text of ours needs more than this: provider, account, amount and password fit in one or two parts.
PARTS_MAX: Final = 10
# No text is read beyond this (parser.normalise), in two octets a character; a radio network's part has 140.
PART_OCTETS_MAX: Final = 2 * TEXT_LENGTH_MAX
# Unfinished parts of one sender: three of the longest texts under way at once.
PARTS_KEPT_MAX: Final = 3 * PARTS_MAX

log = get_logger(__name__)


class Unfit(Enum):
    """Why a part is not kept."""

    TOO_MANY = "the sender has too many"
    OTHER_TEXT = "a part of another text has its place"


class Parts:
    """Takes parts of long texts from the links."""

    def __init__(self, rules: Rules, store: Store, intake: Intake, alphabets: dict[str, Alphabet]) -> None:
        self._rules = rules
        self._store = store
        self._intake = intake
        self._alphabets = alphabets
        self._turns: WeakValueDictionary[tuple[object, ...], asyncio.Lock] = WeakValueDictionary()

    async def receive(self, part: InboundPart) -> Ack:
        """Keep one part; with the last one, take the whole text."""
        msisdn = subscriber_number(part.sender, self._rules.regions.get(part.link, ""))
        if msisdn is None or part.total > PARTS_MAX or len(part.payload) > PART_OCTETS_MAX:
            return await self._intake.receive_torn(_as_text(part, ""))
        key = (msisdn, part.link, part.destination, part.reference, part.total)
        async with self._turns.setdefault(key, asyncio.Lock()):
            return await self._receive(msisdn, part)

    async def _receive(self, msisdn: Msisdn, part: InboundPart) -> Ack:
        try:
            kept = await self._store.write(msisdn, partial(self._keep, msisdn, part))
            if kept is Unfit.OTHER_TEXT:
                await self._end(msisdn, part)
                kept = await self._store.write(msisdn, partial(self._keep, msisdn, part))
        except StoreUnavailable as reason:
            log.error("part.not_stored", link=part.link, reason=str(reason))
            return Ack.RETRY
        except WorkFailed:
            log.exception("part.failed", link=part.link, sender=masked(msisdn))
            digest = self._rules.keyring.message_digest(part.identity)
            return await self._intake.count_failure(Delivered(msisdn, part.link, digest), part)
        if kept is Unfit.TOO_MANY:
            log.warning("part.too_many", link=part.link, sender=masked(msisdn))
            return await self._intake.receive_torn(_as_text(part, ""))
        if kept is Unfit.OTHER_TEXT:
            return Ack.RETRY
        text = self._whole(part.link, kept)
        return Ack.DONE if text is None else await self._take(msisdn, part, text)

    async def sweep(self) -> int:
        """End texts that waited too long: take those that a crash left complete, answer the others with `format`."""
        swept = 0
        for _ in range(BATCHES_MAX):
            stale = await self._store.write(
                "", lambda tx: tx.messages.stale_parts(tx.now_us - PARTS_WAIT_S * US, BATCH_MAX)
            )
            if stale:
                await asyncio.gather(*(self._end(msisdn, part) for msisdn, part in stale))
            swept += len(stale)
            if len(stale) < BATCH_MAX:
                break
        return swept

    async def _end(self, msisdn: Msisdn, part: InboundPart) -> None:
        """End the text that *part* belongs to: whole, it is taken; torn, answered; of repeats only, passed over."""
        try:
            parts = await self._store.write(msisdn, partial(self._left, msisdn, part))
        except WorkFailed:
            log.exception("part.failed", link=part.link, sender=masked(msisdn))
            parts = [part]
        text = self._whole(part.link, parts)
        if text is None and parts:
            log.warning("part.incomplete", link=part.link, sender=masked(msisdn), parts=part.total)
            await self._intake.receive_torn(_as_text(part, ""))
        elif text is not None:
            await self._take(msisdn, part, text)

    def _whole(self, link: str, parts: Sequence[InboundPart]) -> str | None:
        """The text, if all of its parts are here and agree."""
        stored = [StoredPart(p.total, p.number, p.data_coding, p.payload) for p in parts]
        text = complete(stored, self._alphabets.get(link, Alphabet.GSM0338))
        return text if isinstance(text, str) else None

    async def _take(self, msisdn: Msisdn, part: InboundPart, text: str) -> Ack:
        ack = await self._intake.receive(_as_text(part, text))
        if ack is Ack.DONE:
            log.debug("part.whole", link=part.link, sender=masked(msisdn), parts=part.total)
        return ack

    def _keep(self, msisdn: Msisdn, part: InboundPart, tx: Tx) -> Sequence[InboundPart] | Unfit:
        """Keep the part and its MO row; return what is here of its text. See the rules."""
        tx.subscribers.lock(msisdn)
        kept = tx.messages.parts(msisdn, part)
        twin = next((each for each in kept if each.number == part.number), None)
        if twin is not None:
            return kept if _says_the_same(twin, part) else Unfit.OTHER_TEXT
        digest = self._rules.keyring.message_digest(part.identity)
        again = tx.messages.seen(msisdn, digest, tx.now_us - PARTS_WAIT_S * US)
        if again and not kept and part.number > 1:
            return kept
        if tx.messages.parts_kept(msisdn) >= PARTS_KEPT_MAX:
            return Unfit.TOO_MANY
        tx.messages.add(msisdn, part.link, digest, PartVerdict.AGAIN if again else PartVerdict.KEPT, None)
        tx.messages.add_part(msisdn, part)
        return [*kept, part]

    def _left(self, msisdn: Msisdn, part: InboundPart, tx: Tx) -> Sequence[InboundPart]:
        """What is left of a text; nothing, and dropped, if it is not whole and made only of repeats."""
        parts = tx.messages.parts(msisdn, part)
        if self._whole(part.link, parts) is None and all(self._came_again(msisdn, each, tx) for each in parts):
            tx.messages.drop_parts(msisdn, part)
            return ()
        return parts

    def _came_again(self, msisdn: Msisdn, part: InboundPart, tx: Tx) -> bool:
        return tx.messages.verdict(msisdn, self._rules.keyring.message_digest(part.identity)) == PartVerdict.AGAIN


def _says_the_same(part: InboundPart, other: InboundPart) -> bool:
    return (part.data_coding, part.payload) == (other.data_coding, other.payload)


def _as_text(part: InboundPart, text: str) -> InboundSms:
    """The whole text under the identity of its reference: whichever part came last, it is the same text."""
    identity = repr((part.link, part.sender, part.destination, part.reference, part.total, text)).encode()
    return InboundSms(
        link=part.link,
        sender=part.sender,
        destination=part.destination,
        text=text,
        identity=identity,
        last_part=part,
    )

"""Parts of long texts: kept encrypted until the last one comes, then taken as one text.

The part that completes a text is acknowledged after the whole text is taken, so a crash in between makes the SMSC
bring it again. Parts that never become whole end with an answer, not in silence.

What is kept is bounded: each part by its octets, each text by its parts, each sender by unfinished parts, and all of
them by the five minutes after which they are swept away faster than an operator's link brings new ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from smsgw.domain.phones import Msisdn, masked, subscriber_number
from smsgw.domain.sms import Ack, InboundPart, InboundSms
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


class Parts:
    """Takes parts of long texts from the links."""

    def __init__(self, rules: Rules, store: Store, intake: Intake, alphabets: dict[str, Alphabet]) -> None:
        self._rules = rules
        self._store = store
        self._intake = intake
        self._alphabets = alphabets

    async def receive(self, part: InboundPart) -> Ack:
        """Keep one part; with the last one, take the whole text."""
        msisdn = subscriber_number(part.sender, self._rules.regions.get(part.link, ""))
        if msisdn is None or part.total > PARTS_MAX or len(part.payload) > PART_OCTETS_MAX:
            return await self._intake.receive_torn(_as_text(part, ""))
        try:
            parts = await self._store.write(msisdn, partial(self._keep, msisdn, part))
        except StoreUnavailable as reason:
            log.error("part.not_stored", link=part.link, reason=str(reason))
            return Ack.RETRY
        except WorkFailed:
            log.exception("part.failed", link=part.link, sender=masked(msisdn))
            digest = self._rules.keyring.message_digest(part.identity)
            return await self._intake.count_failure(Delivered(msisdn, part.link, digest), part)
        if parts is None:
            log.warning("part.too_many", link=part.link, sender=masked(msisdn))
            return await self._intake.receive_torn(_as_text(part, ""))
        text = self._whole(part.link, parts)
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
        text = await self._left_behind(msisdn, part)
        if text is None:
            log.warning("part.incomplete", link=part.link, sender=masked(msisdn), parts=part.total)
            await self._intake.receive_torn(_as_text(part, ""))
        else:
            await self._take(msisdn, part, text)

    async def _left_behind(self, msisdn: Msisdn, part: InboundPart) -> str | None:
        """The text that *part* belongs to, if all of it is here and can be read."""
        try:
            return self._whole(part.link, await self._store.write(msisdn, partial(_kept, msisdn, part)))
        except WorkFailed:
            log.exception("part.failed", link=part.link, sender=masked(msisdn))
            return None

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

    def _keep(self, msisdn: Msisdn, part: InboundPart, tx: Tx) -> Sequence[InboundPart] | None:
        """Keep the part and its MO row; None = the sender has too many. What was taken before changes nothing."""
        tx.subscribers.lock(msisdn)
        digest = self._rules.keyring.message_digest(part.identity)
        if not tx.messages.seen(msisdn, digest, tx.now_us - PARTS_WAIT_S * US):
            if tx.messages.parts_kept(msisdn) >= PARTS_KEPT_MAX:
                return None
            tx.messages.add(msisdn, part.link, digest, "part", None)
            tx.messages.add_part(msisdn, part)
        return tx.messages.parts(msisdn, part)


def _kept(msisdn: Msisdn, part: InboundPart, tx: Tx) -> Sequence[InboundPart]:
    return tx.messages.parts(msisdn, part)


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

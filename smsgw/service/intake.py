"""Intake: a text has arrived on a link. It is acknowledged only once everything that it caused is committed."""

from __future__ import annotations

from functools import partial
from typing import Final

from smsgw.domain.changes import replace
from smsgw.domain.payment import RANDOM_BITS
from smsgw.domain.phones import Msisdn, masked, subscriber_number
from smsgw.domain.sms import Ack, InboundPart, InboundSms
from smsgw.log import get_logger
from smsgw.parser.intents import Intent, Pay, Reason, Unclear
from smsgw.parser.parse import parse
from smsgw.ports import Chance, Clock, Store, StoreUnavailable, WorkFailed
from smsgw.service.conversation import Conversation, Delivered
from smsgw.service.desk import Desk, Request, Taken
from smsgw.service.passwords import PasswordCheck, PasswordVerdict
from smsgw.service.pay import Fresh
from smsgw.service.rules import Rules
from smsgw.sessions.vigil import Guessing, Vigil
from smsgw.transaction import Tx

# A password is judged anew when the credentials changed meanwhile; more than twice in a row is an attack or a bug.
JUDGE_TRIES_MAX: Final = 3
# A text whose work raises this often is poison: it is given up so that the SMSC's queue moves on.
FAILURES_MAX: Final = 5
NONCE_OCTETS: Final = 16

log = get_logger(__name__)


class Intake:
    """Takes whole texts from the links."""

    def __init__(self, desk: Desk, store: Store, passwords: PasswordCheck, clock: Clock, chance: Chance) -> None:
        self._desk = desk
        self._rules = desk.rules
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self._chance = chance
        self._vigil = Vigil()

    async def receive(self, sms: InboundSms) -> Ack:
        """Take one text; DONE means that it is committed, RETRY that nothing of it stands."""
        return await self._receive(sms, parse(sms.text, self._rules.lexicon))

    async def receive_torn(self, sms: InboundSms) -> Ack:
        """Take a long text of which not all parts came: it is answered with how one is written."""
        return await self._receive(sms, Unclear(Reason.FORMAT, {"fmt": self._rules.lexicon.example}))

    async def _receive(self, sms: InboundSms, intent: Intent) -> Ack:
        received_s = self._clock.monotonic_s()
        msisdn = subscriber_number(sms.sender, self._rules.regions.get(sms.link, ""))
        delivered = Delivered(msisdn or Msisdn(""), sms.link, self._rules.keyring.message_digest(sms.identity))
        try:
            if msisdn is None:
                return await self._pass_over(delivered)
            request = Request(
                delivered=delivered,
                intent=intent,
                text=sms.text,
                received_s=received_s,
                sent_at_us=sms.sent_at_us,
                last_part=sms.last_part,
            )
            return await self._take(request)
        except StoreUnavailable as reason:
            log.error("mo.not_stored", link=sms.link, reason=str(reason))
            return Ack.RETRY
        except Exception:  # the supervised end of every text: whatever raised is counted, and poison is given up
            log.exception("mo.failed", link=sms.link, sender=masked(delivered.msisdn))
            return await self.count_failure(delivered, sms.last_part)

    async def _take(self, request: Request) -> Ack:
        link, sender = request.delivered.link, masked(request.delivered.msisdn)
        intent = request.intent
        verdict = await (self._take_pay(request, intent) if isinstance(intent, Pay) else self._write(request))
        if verdict is None:
            log.warning("mo.no_room", link=link, sender=sender)
            return Ack.RETRY
        log.debug("mo.taken", link=link, sender=sender, verdict=verdict)
        self._watch(request, verdict)
        return Ack.DONE

    def _watch(self, request: Request, verdict: str) -> None:
        for alarm in self._vigil.saw(request.delivered.msisdn, verdict, request.received_s):
            if isinstance(alarm, Guessing):
                log.error("vigil.guessing", misses=alarm.misses, hits=alarm.hits)
            else:
                log.error("vigil.few_returned", prefix=alarm.prefix, opened=alarm.opened, returned=alarm.returned)

    async def _take_pay(self, request: Request, pay: Pay) -> str | None:
        """Judge the password, then take the text; None = no place for the hash now."""
        fresh = Fresh(self._chance.bits(RANDOM_BITS), self._chance.octets(NONCE_OCTETS))
        msisdn, answers_max = request.delivered.msisdn, self._rules.limits.answers_per_hour
        for again in range(JUDGE_TRIES_MAX):
            judged = await self._passwords.judge(msisdn, pay.password, answers_max, spare=not again)
            if judged.verdict is PasswordVerdict.NO_ROOM:
                return None
            verdict = await self._write(replace(request, judged=judged, fresh=fresh))
            if verdict is not Taken.JUDGE_AGAIN:
                return verdict
            self._passwords.forget(msisdn)
        return None

    async def _write(self, request: Request) -> str:
        return await self._store.write(request.delivered.msisdn, lambda tx: self._desk.take(tx, request))

    async def _pass_over(self, delivered: Delivered) -> Ack:
        """A machine, a short code, an impossible number: never answered, or two machines would talk for ever."""
        await self._store.write("", partial(_noted, delivered, "machine_sender", None))
        log.debug("mo.machine_sender", link=delivered.link)
        return Ack.DONE

    async def count_failure(self, delivered: Delivered, part: InboundPart | None) -> Ack:
        """Count, by digest, that taking a text raised; at the fifth time it is taken, answered and given up.

        The count is a unit of its own: what raised may well raise in the answer too. *part*: the last one of a long
        text, whose parts go with it.
        """
        try:
            failures = await self._store.write(delivered.msisdn, partial(_counted, delivered.digest))
            if failures < FAILURES_MAX:
                return Ack.RETRY
            await self._give_up(delivered, part)
        except (WorkFailed, StoreUnavailable) as reason:
            log.error("mo.not_stored", link=delivered.link, reason=str(reason))
            return Ack.RETRY
        log.critical("mo.dead", link=delivered.link, sender=masked(delivered.msisdn))
        return Ack.DONE

    async def _give_up(self, delivered: Delivered, part: InboundPart | None) -> None:
        if delivered.msisdn:
            try:
                await self._store.write(delivered.msisdn, partial(_buried, delivered, self._rules, part))
            except WorkFailed:
                log.exception("mo.not_answered", link=delivered.link, sender=masked(delivered.msisdn))
            else:
                return
        await self._store.write(delivered.msisdn, partial(_noted, delivered, "dead", part))


def _counted(digest: bytes, tx: Tx) -> int:
    return tx.messages.count_failure(digest)


def _buried(delivered: Delivered, rules: Rules, part: InboundPart | None, tx: Tx) -> None:
    """Answer a text that nobody could take, and forget it."""
    talk = Conversation(tx, rules, delivered, tx.now_us)
    talk.answer("bank_down")
    _noted(delivered, "dead", part, tx)


def _noted(delivered: Delivered, verdict: str, part: InboundPart | None, tx: Tx) -> None:
    tx.messages.add(delivered.msisdn, delivered.link, delivered.digest, verdict, None)
    if part is not None:
        tx.messages.drop_parts(delivered.msisdn, part)

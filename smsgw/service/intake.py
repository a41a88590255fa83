"""Intake: a text has arrived on a link. It is acknowledged only once everything that it caused is committed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from smsgw.domain.payment import RANDOM_BITS
from smsgw.domain.phones import Msisdn, masked, subscriber_number
from smsgw.domain.sms import Ack, InboundSms
from smsgw.log import get_logger
from smsgw.parser.intents import Pay
from smsgw.parser.parse import parse
from smsgw.ports import Chance, Clock, Store, StoreUnavailable, Tx, WorkFailed
from smsgw.service.conversation import Conversation, Delivered
from smsgw.service.desk import Desk, Request, Taken
from smsgw.service.passwords import PasswordCheck, PasswordVerdict
from smsgw.service.pay import Fresh

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

    async def receive(self, sms: InboundSms) -> Ack:
        """Take one text; DONE means that it is committed, RETRY that nothing of it stands."""
        received_s = self._clock.monotonic_s()
        digest = self._rules.keyring.message_digest(sms.identity)
        msisdn = subscriber_number(sms.sender, self._rules.regions.get(sms.link, ""))
        delivered = Delivered(msisdn or Msisdn(""), sms.link, digest)
        try:
            if msisdn is None:
                return await self._pass_over(delivered)
            return await self._take(delivered, sms, received_s)
        except WorkFailed as failure:
            return await self._count_failure(delivered, failure)
        except StoreUnavailable as reason:
            log.error("mo.not_stored", link=sms.link, reason=str(reason))
            return Ack.RETRY

    async def _take(self, delivered: Delivered, sms: InboundSms, received_s: float) -> Ack:
        intent = parse(sms.text, self._rules.lexicon)
        request = Request(
            delivered=delivered,
            intent=intent,
            text=sms.text,
            received_s=received_s,
            sent_at_us=sms.sent_at_us,
            last_part=sms.last_part,
        )
        verdict = await (self._take_pay(request, intent) if isinstance(intent, Pay) else self._write(request))
        if verdict is None:
            log.warning("mo.no_room", link=sms.link, sender=masked(delivered.msisdn))
            return Ack.RETRY
        log.debug("mo.taken", link=sms.link, sender=masked(delivered.msisdn), verdict=verdict)
        return Ack.DONE

    async def _take_pay(self, request: Request, pay: Pay) -> str | None:
        """Judge the password, then take the text; None = no place for the hash now."""
        fresh = Fresh(self._chance.bits(RANDOM_BITS), self._chance.octets(NONCE_OCTETS))
        for _ in range(JUDGE_TRIES_MAX):
            judged = await self._passwords.judge(
                request.delivered.msisdn, pay.password, self._rules.limits.answers_per_hour
            )
            if judged.verdict is PasswordVerdict.NO_ROOM:
                return None
            verdict = await self._write(replace(request, judged=judged, fresh=fresh))
            if verdict is not Taken.JUDGE_AGAIN:
                return verdict
            self._passwords.forget(request.delivered.msisdn)
        return None

    async def _write(self, request: Request) -> str:
        return await self._store.write(request.delivered.msisdn, partial(_taken, self._desk, request))

    async def _pass_over(self, delivered: Delivered) -> Ack:
        """A machine, a short code, an impossible number: never answered, or two machines would talk for ever."""
        await self._store.write("", partial(_noted, delivered, "machine_sender"))
        log.debug("mo.machine_sender", link=delivered.link)
        return Ack.DONE

    async def _count_failure(self, delivered: Delivered, failure: WorkFailed) -> Ack:
        """Poison is counted in a unit of its own, by digest; at the fifth time it is taken, answered and given up."""
        log.error("mo.failed", link=delivered.link, sender=masked(delivered.msisdn), exc_info=failure)
        try:
            given_up = await self._store.write(delivered.msisdn, partial(self._failed_again, delivered))
        except (WorkFailed, StoreUnavailable):
            return Ack.RETRY
        if not given_up:
            return Ack.RETRY
        log.critical("mo.dead", link=delivered.link, sender=masked(delivered.msisdn))
        return Ack.DONE

    def _failed_again(self, delivered: Delivered, tx: Tx) -> bool:
        if tx.messages.count_failure(delivered.digest) < FAILURES_MAX:
            return False
        if not delivered.msisdn:
            tx.messages.add(delivered.msisdn, delivered.link, delivered.digest, "dead", None)
            return True
        talk = Conversation(tx, self._rules, delivered, tx.now_us)
        talk.answer("bank_down")
        talk.note("dead")
        talk.close()
        return True


def _taken(desk: Desk, request: Request, tx: Tx) -> str:
    return desk.take(tx, request)


def _noted(delivered: Delivered, verdict: str, tx: Tx) -> None:
    tx.messages.add(delivered.msisdn, delivered.link, delivered.digest, verdict, None)

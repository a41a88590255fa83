"""Is this the sender's password? Judged before the transaction opens, because the hash takes tens of milliseconds.

The answer carries the credential version that it was judged against; the transaction compares it with the row it has
locked, so a changed password, a block or a pause on any node holds at once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from smsgw.domain.phones import Msisdn
from smsgw.domain.secret import Secret
from smsgw.domain.subscriber import Subscriber
from smsgw.ports import Clock, PasswordHasher, Reads
from smsgw.sessions.answers import AnswerVerdict, count_answer, tell_stranger
from smsgw.sessions.keys import Keyring
from smsgw.sessions.passwords import DUMMY_VERIFIER
from smsgw.sessions.remembered import Remembered


class PasswordVerdict(StrEnum):
    """What is known of a password."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_JUDGED = "not_judged"
    NO_ROOM = "no_room"


class Judged(NamedTuple):
    """A verdict and the credential version that it holds for."""

    verdict: PasswordVerdict
    credential_version: int


class PasswordCheck:
    """Checks passwords: from memory where this very password was right before, else by the slow hash."""

    def __init__(
        self, reads: Reads, hasher: PasswordHasher, keyring: Keyring, remembered: Remembered, clock: Clock
    ) -> None:
        self._reads = reads
        self._hasher = hasher
        self._keyring = keyring
        self._remembered = remembered
        self._clock = clock

    async def judge(self, msisdn: Msisdn, password: Secret[str], answers_max: int, *, spare: bool = True) -> Judged:
        """Judge *password*; a stranger and a wrong password both cost one full hash.

        NOT_JUDGED: the sender may not pay now anyway (blocked, paused, above *answers_max* texts this hour, or a
        stranger who has been told so and hears nothing more today), so the hash is spared. That goes by this node's
        clock; where the transaction's disagrees, ask again without *spare*. NO_ROOM: the hash queue is full; ask the
        SMSC to send the text again later.
        """
        version = self._remembered.hit(msisdn, password)
        if version is not None:
            return Judged(PasswordVerdict.RIGHT, version)
        subscriber = await self._reads.subscriber(msisdn)
        if spare and subscriber is not None and self._spared(subscriber, answers_max):
            return Judged(PasswordVerdict.NOT_JUDGED, subscriber.credential_version)
        registered = subscriber is not None and subscriber.registered
        verifier, pepper_id = (
            (subscriber.verifier, subscriber.pepper_id) if subscriber and registered else (DUMMY_VERIFIER, "")
        )
        digest = self._keyring.pepper(pepper_id or self._keyring.current, password)
        right = await self._hasher.verify(verifier, digest)
        version = subscriber.credential_version if subscriber else 0
        if right is None:
            return Judged(PasswordVerdict.NO_ROOM, version)
        if not (right and registered):
            return Judged(PasswordVerdict.WRONG, version)
        self._remembered.remember(msisdn, password, version)
        return Judged(PasswordVerdict.RIGHT, version)

    def forget(self, msisdn: Msisdn) -> None:
        """What was remembered of this number holds no more: its credentials have changed."""
        self._remembered.forget(msisdn)

    def _spared(self, subscriber: Subscriber, answers_max: int) -> bool:
        """True if the sender may not pay now, whatever the password."""
        now_us = self._clock.now_us()
        if not subscriber.registered:
            _, told = tell_stranger(subscriber, now_us)
            return not told
        _, verdict = count_answer(subscriber, now_us, answers_max)
        return subscriber.blocked or subscriber.paused(now_us) or verdict is AnswerVerdict.SILENT

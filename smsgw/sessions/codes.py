"""One-time codes: made from the payment, never stored, judged once.

Rule 1: a code is bound to exactly one payment, with its payee, account, amount and fee (dynamic linking). Sending it
    again makes the same code; changing any of these makes another.
Rule 2: a code is judged by the time at which it was received, up to and including the deadline.
Rule 3: a wrong code counts once for a payment, however often it is sent (phones and SMSCs repeat).

The code is the truncation of RFC 4226, 5.3 of an HMAC-SHA256 over the payment's binding.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from smsgw.domain.changes import replace
from smsgw.domain.payment import Payment, State
from smsgw.domain.phones import Msisdn

# 64 bits: two of five wrong codes never share a digest by chance.
TRIED_OCTETS: Final = 8
# Six digits are what a person can copy, and the least that five tries cannot find (5 in a million); RFC 4226, 4 (R4).
DIGITS_MIN, DIGITS_MAX = 6, 8
# NIST SP 800-63B, 5.1.3.2: a code sent out of band is valid for at most 10 minutes.
TTL_S_MAX: Final = 600
_US_PER_S: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePolicy:
    """How codes are made and how long they live.

    `attempts_max`: the wrong code with this number ends the payment. `resends_max` are sends after the first.
    `expiry_grace_s` is how long after the deadline a code that came in time may still be on its way through us.
    """

    digits: int = 6
    ttl_s: int = 300
    attempts_max: int = 5
    resends_max: int = 3
    resend_gap_s: int = 30
    expiry_grace_s: int = 10

    def __post_init__(self) -> None:
        if not DIGITS_MIN <= self.digits <= DIGITS_MAX:
            raise ValueError(f"digits {self.digits}: {DIGITS_MIN} to {DIGITS_MAX}")
        if not 0 < self.ttl_s <= TTL_S_MAX:
            raise ValueError(f"ttl_s {self.ttl_s}: 1 to {TTL_S_MAX}")
        if not 0 < self.attempts_max <= 10:
            raise ValueError(f"attempts_max {self.attempts_max}: 1 to 10")
        if self.resends_max < 0 or self.resend_gap_s < 0 or self.expiry_grace_s < 0:
            raise ValueError("resends_max, resend_gap_s and expiry_grace_s cannot be below 0")


class CodeBinding(NamedTuple):
    """What a code is bound to."""

    payment_id: int
    nonce: bytes
    msisdn: Msisdn
    provider: str
    account: tuple[str, ...]
    amount_minor: int
    fee_minor: int
    currency: str


class CodeVerdict(StrEnum):
    """What an attempt at a code means. SPENT is the miss that ends the payment."""

    MATCHED = "matched"
    MISSED = "missed"
    REPEATED_MISS = "repeated_miss"
    SPENT = "spent"
    EXPIRED = "expired"


class Judgement(NamedTuple):
    """A verdict, the attempts that are left after it, and (for a miss that counts) what `after_miss` has to keep."""

    verdict: CodeVerdict
    left: int = 0
    digest: bytes = b""


class ResendVerdict(StrEnum):
    """What a wish for the code to be sent again gets."""

    RESEND = "resend"
    WAIT = "wait"
    NO_MORE = "no_more"
    EXPIRED = "expired"


class Resend(NamedTuple):
    """A verdict; `wait_s` is whole seconds until the next send may be asked for."""

    verdict: ResendVerdict
    wait_s: int = 0


def binding_of(payment: Payment) -> CodeBinding:
    """What the code of *payment* is bound to."""
    return CodeBinding(
        payment_id=payment.id,
        nonce=payment.nonce,
        msisdn=payment.msisdn,
        provider=payment.provider,
        account=payment.account,
        amount_minor=payment.amount.minor,
        fee_minor=payment.fee.minor,
        currency=payment.amount.currency.code,
    )


def derive(key: bytes, binding: CodeBinding, digits: int) -> str:
    """The code: *digits* decimal digits, leading zeros kept."""
    return truncate(hmac.digest(key, encode(binding), "sha256"), digits)


def truncate(mac: bytes, digits: int) -> str:
    """The dynamic truncation of RFC 4226, 5.3: 31 bits from where the last nibble points, as decimal digits."""
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"


def encode(binding: CodeBinding) -> bytes:
    """The binding as octets; every field carries its length, so that no two bindings share an encoding."""
    fields = (
        b"smsgw code 1",
        str(binding.payment_id).encode(),
        binding.nonce,
        binding.msisdn.encode(),
        binding.provider.encode(),
        str(len(binding.account)).encode(),
        *(part.encode() for part in binding.account),
        str(binding.amount_minor).encode(),
        str(binding.fee_minor).encode(),
        binding.currency.encode(),
    )
    return _framed(*fields)


def matches(payment: Payment, attempt: str, key: bytes, digits: int) -> bool:
    """True if *attempt* is the code of *payment*, whatever its state; in constant time."""
    return hmac.compare_digest(derive(key, binding_of(payment), digits).encode(), attempt.encode())


def judge(payment: Payment, attempt: str, key: bytes, received_at_us: int, policy: CodePolicy) -> Judgement:
    """Say what *attempt*, received then, means for a payment that awaits its code. Changes nothing.

    A clock that was set back to before the payment makes no code live longer: such an attempt is too late.
    """
    assert payment.state is State.AWAITING_CODE, "only a payment that awaits its code can be confirmed"
    earliest_us = payment.created_at_us - policy.expiry_grace_s * _US_PER_S
    if not earliest_us <= received_at_us <= payment.code_deadline_us:
        return Judgement(CodeVerdict.EXPIRED)
    left = max(0, policy.attempts_max - payment.wrong_codes)
    if matches(payment, attempt, key, policy.digits):
        return Judgement(CodeVerdict.MATCHED, left)
    digest = _attempt_digest(key, payment, attempt)
    if digest in _tried(payment):
        return Judgement(CodeVerdict.REPEATED_MISS, left)
    if left <= 1:
        return Judgement(CodeVerdict.SPENT, 0, digest)
    return Judgement(CodeVerdict.MISSED, left - 1, digest)


def after_miss(payment: Payment, digest: bytes) -> Payment:
    """The payment with one more wrong code counted; *digest* comes from the `Judgement` MISSED or SPENT."""
    assert len(digest) == TRIED_OCTETS, "a digest of a wrong code has 8 octets"
    assert len(payment.tried) == TRIED_OCTETS * payment.wrong_codes, "one digest for each wrong code"
    return replace(payment, wrong_codes=payment.wrong_codes + 1, tried=payment.tried + digest)


def after_issue(payment: Payment, now_us: int, policy: CodePolicy) -> Payment:
    """The payment once its code is sent for the first time; this sets the deadline, for good."""
    assert not payment.code_deadline_us, "the deadline is set once"
    return after_send(replace(payment, code_deadline_us=now_us + policy.ttl_s * _US_PER_S), now_us)


def after_send(payment: Payment, now_us: int) -> Payment:
    """The payment once its code is sent (again)."""
    return replace(payment, code_sends=payment.code_sends + 1, code_sent_at_us=now_us)


def may_resend(payment: Payment, now_us: int, policy: CodePolicy) -> Resend:
    """Say whether the code may be sent again. The deadline does not move."""
    if now_us > payment.code_deadline_us:
        return Resend(ResendVerdict.EXPIRED)
    if payment.code_sends > policy.resends_max:
        return Resend(ResendVerdict.NO_MORE)
    wait_us = payment.code_sent_at_us + policy.resend_gap_s * _US_PER_S - now_us
    if wait_us > 0:
        return Resend(ResendVerdict.WAIT, -(-wait_us // _US_PER_S))
    return Resend(ResendVerdict.RESEND)


def expired_before_us(now_us: int, policy: CodePolicy) -> int:
    """Payments whose deadline lies before this may be closed at *now_us*: no code that came in time is still coming."""
    return now_us - policy.expiry_grace_s * _US_PER_S


def _attempt_digest(key: bytes, payment: Payment, attempt: str) -> bytes:
    framed = _framed(b"smsgw tried 1", str(payment.id).encode(), payment.nonce, attempt.encode())
    return hmac.digest(key, framed, "sha256")[:TRIED_OCTETS]


def _tried(payment: Payment) -> set[bytes]:
    return {payment.tried[at : at + TRIED_OCTETS] for at in range(0, len(payment.tried), TRIED_OCTETS)}


def _framed(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)

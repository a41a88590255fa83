"""The zoo, case by case: every way in which SMSCs are known to break SMPP, and what the link promises in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from simulator.settings import SmscSettings
from smsgw.domain.sms import Delivery, SubmitOutcome, SubmitRefused, Submitted, SubmitUnknown
from smsgw.smpp.constants import Status
from smsgw.smpp.policy import Reaction, Then
from smsgw.smpp.receipts import MessageIdForm
from smsgw.smpp.session_settings import SessionSettings

# Questions all the time; but no timer is in the way of what is only late, however busy the machine is.
PATIENT: Final = SessionSettings(
    window=5,
    session_init_s=9.0,
    enquire_link_interval_s=0.2,
    enquire_link_timeout_s=9.0,
    response_s=9.0,
    pdu_read_s=9.0,
    drain_s=9.0,
    unbind_s=9.0,
)
# What the one timer has that a case is about: it holds for all that is in order in that case, too.
SHORT_S: Final = 1.0


def hasty(timer: str, seconds: float = SHORT_S) -> Mapping[str, Any]:
    """A link with one timer that is short."""
    short: dict[str, Any] = {timer: seconds}
    return {"session": replace(PATIENT, **short)}


SMSC: Final = SmscSettings(redelivery_delay_s=0.02, receipt_delay_s=0.01)
Faults = Mapping[str, Any]
TAKEN: Final = Submitted("00000001")


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the SMSC does (as POST /faults takes it), and what is promised."""

    faults: Faults
    promise: str
    outcome: SubmitOutcome = TAKEN
    """What becomes of the first text."""

    taken: int = 1
    """How often the SMSC has that text in the end."""

    reasons: tuple[str, ...] = ()
    """Why connections ended before the last one, as the log says: which timer, or whose doing."""

    out_of_turn: int = 0
    """How often the text that the SMSC itself says out of turn is handed on."""

    link: Mapping[str, Any] = field(default_factory=dict)
    smsc: SmscSettings = SMSC
    receipts: tuple[tuple[str, Delivery], ...] | None = None
    """The first ones that are handed on, where they matter."""


THROTTLED: Final = {Status.ESME_RTHROTTLED: Reaction(Then.PAUSE, 0.15)}
UNKNOWN: Final = SubmitUnknown()
RECEIPT: Final = ("00000001", Delivery.DELIVERED)

ON_SUBMIT: Final = {
    "no response": Case(
        faults={"submit_sm": {"no_response": True}},
        promise="the outcome is unknown after the response timer, the slot is free, the session lives",
        outcome=UNKNOWN,
        link=hasty("response_s"),
    ),
    "late response": Case(
        faults={"submit_sm": {"delay_s": SHORT_S + 0.1}},
        promise="an answer after its timer answers nothing any more and harms nobody",
        outcome=UNKNOWN,
        link=hasty("response_s"),
    ),
    "error": Case(
        faults={"submit_sm": {"status": "ESME_RINVDSTADR"}},
        promise="a refusal without a body is final for this text and the session lives",
        outcome=SubmitRefused(Status.ESME_RINVDSTADR, temporary=False),
        taken=0,
    ),
    "queue full": Case(
        faults={"submit_sm": {"status": "ESME_RMSGQFUL"}},
        promise="a full queue is a matter of this text alone, which comes again later",
        outcome=SubmitRefused(Status.ESME_RMSGQFUL, temporary=True, retry_after_s=5.0),
        taken=0,
    ),
    "throttle window": Case(
        faults={"submit_sm": {"status": "ESME_RTHROTTLED", "for_s": 0.2}},
        promise="the link rests, the same text is tried first, and it is taken once when the window is over",
        link={"statuses": THROTTLED},
    ),
    "generic_nack": Case(
        faults={"submit_sm": {"say": "generic_nack", "status": "ESME_RINVCMDID"}},
        promise="a nack that names the request refuses it",
        outcome=SubmitRefused(Status.ESME_RINVCMDID, temporary=False),
        taken=0,
    ),
    "generic_nack without sequence": Case(
        faults={"submit_sm": {"say": "generic_nack_0", "status": "ESME_RSYSERR"}},
        promise="a nack that names nothing refuses nothing: the request waits for its timer and is unknown",
        outcome=UNKNOWN,
        taken=0,
        link=hasty("response_s"),
    ),
    "wrong sequence": Case(
        faults={"submit_sm": {"say": "wrong_sequence"}},
        promise="an answer to a request that never was is counted, and the real one stays open until its timer",
        outcome=UNKNOWN,
        link=hasty("response_s"),
    ),
    "duplicate response": Case(
        faults={"submit_sm": {"say": ["response", "response"]}},
        promise="the first answer counts, the second is counted as a fault",
    ),
    "unknown command": Case(
        faults={"submit_sm": {"say": ["unknown_command", "unknown_response", "response"]}},
        promise="an unknown request is nacked, an unknown response is not, and the session lives",
    ),
    "unknown parameter": Case(
        faults={"submit_sm": {"say": "unknown_tlv"}},
        promise="a vendor's parameter is passed over",
    ),
    "truncated parameter": Case(
        faults={"submit_sm": {"say": "broken_tlv"}},
        promise="the status says that the text was taken, so it is not sent again, and its id is kept",
    ),
    "congestion_state": Case(
        faults={"submit_sm": {"say": "congested"}},
        promise="the text is taken, and the next one gives a congested SMSC time",
    ),
    "outbind and bind": Case(
        faults={"submit_sm": {"say": ["outbind", "bind", "response"]}},
        promise="what only the other side may ask, or only before the bind, is refused and changes nothing",
    ),
    "unbind": Case(
        faults={"submit_sm": {"say": "unbind"}},
        promise="an unbind is answered at once, what is in flight is unknown, the link binds anew",
        outcome=UNKNOWN,
        reasons=("unbound_by_peer",),
    ),
    "deliver then unbind": Case(
        faults={"submit_sm": {"say": ["deliver_sm", "response", "unbind"]}},
        promise="a text that came just before an unbind is handled and answered before the line goes",
        out_of_turn=1,
        reasons=("unbound_by_peer",),
    ),
    "length too short": Case(
        faults={"submit_sm": {"say": "length_short"}},
        promise="the status says that the text was taken; the octet left over spoils the stream, which is made anew",
        reasons=("bad_frame",),
    ),
    "length too long": Case(
        faults={"submit_sm": {"say": ["length_long", "unknown_command"]}},
        promise="the status says that the text was taken; the octets that were missing spoil the stream, made anew",
        reasons=("bad_frame",),
    ),
    "length too long, then silence": Case(
        faults={"submit_sm": {"say": "length_long", "mute_after": True}},
        promise="a PDU that never ends is given up by its own timer",
        outcome=UNKNOWN,
        reasons=("pdu_read_timeout",),
        link=hasty("pdu_read_s", 0.1),
    ),
    "length below the header": Case(
        faults={"submit_sm": {"say": "length_tiny"}},
        promise="a stream that cannot be cut is nacked and made anew",
        outcome=UNKNOWN,
        reasons=("bad_frame",),
    ),
    "length of four gigabytes": Case(
        faults={"submit_sm": {"say": "length_huge"}},
        promise="nobody waits for four gigabytes",
        outcome=UNKNOWN,
        reasons=("bad_frame",),
    ),
    "another protocol": Case(
        faults={"submit_sm": {"say": "no_smpp"}},
        promise="what is no SMPP at all is nacked and the line made anew",
        outcome=UNKNOWN,
        reasons=("bad_frame",),
    ),
    "cut instead of a response": Case(
        faults={"submit_sm": {"no_response": True, "disconnect_after": True}},
        promise="what was in flight on a broken line is unknown",
        outcome=UNKNOWN,
        reasons=("connection_lost",),
    ),
    "cut after the response": Case(
        faults={"submit_sm": {"disconnect_after": True}},
        promise="an answer that came just before the end counts",
        reasons=("connection_lost",),
    ),
    "response a connection late": Case(
        faults={
            "submit_sm": {"no_response": True, "disconnect_after": True},
            "bind_transceiver": {"say": ["response", "stale_response"]},
        },
        promise="an answer to a request of an earlier connection answers nothing on this one",
        outcome=UNKNOWN,
        reasons=("connection_lost",),
    ),
    "half-open": Case(
        faults={"submit_sm": {"no_response": True, "mute_after": True}},
        promise="a line that is dead but open is found out by enquire_link and made anew",
        outcome=UNKNOWN,
        reasons=("enquire_link_timeout",),
        link=hasty("enquire_link_timeout_s"),
    ),
    "slow octets": Case(
        faults={"submit_sm": {"octet_every_s": 0.001}},
        promise="octets that come one by one, but come, make the same PDUs",
    ),
    "octets too slow": Case(
        faults={"submit_sm": {"octet_every_s": 0.03}},
        promise="a PDU that drips is given up by its own timer",
        outcome=UNKNOWN,
        reasons=("pdu_read_timeout",),
        link=hasty("pdu_read_s", 0.1),
    ),
    "receipt before the response": Case(
        faults={"receipt": {"early": True}},
        promise="a receipt that overtakes the answer to its text is handed on under the same id",
        receipts=(RECEIPT,),
    ),
    "receipt twice": Case(
        faults={"receipt": {"copies": 2}},
        promise="a receipt that repeats is acknowledged and handed on each time",
        receipts=(RECEIPT, RECEIPT),
    ),
    "receipt in decimal": Case(
        faults={"receipt": {"id": "decimal"}},
        promise="an id that the receipt writes in decimal is brought to the form of the response",
        link={"message_id_form": MessageIdForm.DECIMAL_TO_HEX},
        smsc=replace(SMSC, first_id=0xAF),
        outcome=Submitted("af"),
        receipts=(("af", Delivery.DELIVERED),),
    ),
    "receipt in hexadecimal": Case(
        faults={"receipt": {"id": "hex"}},
        promise="an id that the receipt writes in hexadecimal is brought to the form of the response",
        link={"message_id_form": MessageIdForm.HEX_TO_DECIMAL},
        smsc=replace(SMSC, first_id=175, decimal_ids=True),
        outcome=Submitted("175"),
        receipts=(("175", Delivery.DELIVERED),),
    ),
    "receipt in parameters only": Case(
        faults={"receipt": {"form": "tlvs"}},
        promise="a receipt without a word says all in its parameters",
        receipts=(RECEIPT,),
    ),
    "receipt in words only": Case(
        faults={"receipt": {"form": "text", "state": "UNDELIVERABLE"}},
        promise="a receipt without parameters says all in its words",
        receipts=(("00000001", Delivery.FAILED),),
    ),
}

ON_BIND: Final = {
    "black hole": Case(
        faults={"connection": {"mute_after": True}},
        promise="an SMSC that reads and never answers is left after session_init",
        reasons=("session_init_timeout",),
        link=hasty("session_init_s"),
    ),
    "cut on connect": Case(
        faults={"connection": {"disconnect_after": True, "count": 3}},
        promise="a port that hangs up is tried again",
        reasons=("closed_before_bind", "closed_before_bind", "closed_before_bind"),
    ),
    "outbind first": Case(
        faults={"connection": {"say": "outbind"}},
        promise="an outbind asks for what we do anyway",
    ),
    "another protocol": Case(
        faults={"connection": {"say": "no_smpp"}},
        promise="a port of something else is left at once",
        reasons=("bad_frame",),
    ),
    "unknown command first": Case(
        faults={"connection": {"say": ["unknown_command", "unbind", "bind"]}},
        promise="requests before the bind are refused one by one, and the bind goes on",
    ),
    "error": Case(
        faults={"bind_transceiver": {"status": "ESME_RALYBND"}},
        promise="a refused bind ends the connection and is tried again",
        reasons=("bind_refused",),
    ),
    "error with generic_nack": Case(
        faults={"bind_transceiver": {"say": "generic_nack", "status": "ESME_RINVCMDID"}},
        promise="a nack to the bind is a refused bind",
        reasons=("bind_refused",),
    ),
    "generic_nack without sequence": Case(
        faults={"bind_transceiver": {"say": "generic_nack_0"}},
        promise="a nack of nothing does not answer the bind: session_init does",
        reasons=("session_init_timeout",),
        link=hasty("session_init_s"),
    ),
    "no response": Case(
        faults={"bind_transceiver": {"no_response": True}},
        promise="a bind without an answer is given up after session_init",
        reasons=("session_init_timeout",),
        link=hasty("session_init_s"),
    ),
    "wrong sequence": Case(
        faults={"bind_transceiver": {"say": "wrong_sequence"}},
        promise="an answer to another bind binds nothing",
        reasons=("session_init_timeout",),
        link=hasty("session_init_s"),
    ),
    "response twice": Case(
        faults={"bind_transceiver": {"say": ["response", "response"]}},
        promise="who is bound is not bound again",
    ),
    "deliver_sm before the response": Case(
        faults={"bind_transceiver": {"say": ["deliver_sm", "response"]}},
        promise="a text before the bind is refused, not handed on, and the bind goes on",
    ),
    "unbind at once": Case(
        faults={"bind_transceiver": {"say": ["response", "unbind"], "count": 2}},
        promise="an SMSC that binds and unbinds is answered each time and bound anew",
        reasons=("unbound_by_peer", "unbound_by_peer"),
    ),
    "truncated parameter": Case(
        faults={"bind_transceiver": {"say": ["broken_tlv", "response"]}},
        promise="an answer whose body cannot be read but whose status says yes binds; it shows no version, so no TLVs",
    ),
    "length of four gigabytes": Case(
        faults={"bind_transceiver": {"say": "length_huge"}},
        promise="a stream that cannot be cut is made anew before the bind too",
        reasons=("bad_frame",),
    ),
    "slow octets": Case(
        faults={"bind_transceiver": {"octet_every_s": 0.001}},
        promise="a bind_resp octet by octet is a bind_resp",
    ),
}

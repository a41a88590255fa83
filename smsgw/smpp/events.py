"""What a session tells its owner: values, in the order in which things happened."""

from dataclasses import dataclass
from enum import StrEnum

from smsgw.smpp.pdu import Pdu


class Fault(StrEnum):
    """How the peer broke SMPP. The session has dealt with it already; the owner logs and counts."""

    BAD_FRAME = "bad_frame"
    BAD_PDU = "bad_pdu"
    UNKNOWN_COMMAND = "unknown_command"
    WRONG_STATE = "wrong_state"
    REPEATED_SEQUENCE = "repeated_sequence"
    UNKNOWN_RESPONSE = "unknown_response"
    UNKNOWN_NACK = "unknown_nack"


class CloseReason(StrEnum):
    """Why a session ended."""

    UNBOUND_BY_US = "unbound_by_us"
    UNBOUND_BY_PEER = "unbound_by_peer"
    CONNECTION_LOST = "connection_lost"
    BAD_FRAME = "bad_frame"
    SESSION_INIT_TIMEOUT = "session_init_timeout"
    PDU_READ_TIMEOUT = "pdu_read_timeout"
    ENQUIRE_LINK_TIMEOUT = "enquire_link_timeout"
    UNBIND_TIMEOUT = "unbind_timeout"


@dataclass(frozen=True, slots=True)
class BindRequested:
    """An ESME wants to bind: look at its credentials, then `respond`."""

    pdu: Pdu


@dataclass(frozen=True, slots=True)
class Bound:
    """Our bind was accepted; *pdu* is the bind_resp."""

    pdu: Pdu


@dataclass(frozen=True, slots=True)
class BindRefused:
    """Our bind was refused; the session is open still, but of no use: close it and wait as *status* suggests."""

    status: int


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """The peer asks for something: `respond` to `pdu.sequence` exactly once, when the answer is safe."""

    pdu: Pdu


@dataclass(frozen=True, slots=True)
class NotificationReceived:
    """An outbind or an alert_notification: there is nothing to answer."""

    pdu: Pdu


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """The peer answered *request*; *pdu* may be a generic_nack, whose status is never ESME_ROK."""

    pdu: Pdu
    request: Pdu
    latency_s: float


@dataclass(frozen=True, slots=True)
class RequestExpired:
    """The response timer ran out: nobody knows yet whether the peer acted on *request* (SMPP 3.4, 7.2)."""

    request: Pdu


@dataclass(frozen=True, slots=True)
class LateResponse:
    """The peer answered *request* after its `RequestExpired`: it is known now whether it acted on it."""

    pdu: Pdu
    request: Pdu
    latency_s: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The session ended with these requests in flight: nobody knows whether the peer acted on them."""

    requests: tuple[Pdu, ...]


@dataclass(frozen=True, slots=True)
class Unbound:
    """Both sides have agreed to end the session."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The session is over: the last event, exactly once. Send what `data_to_send` holds, then close the transport."""

    reason: CloseReason


@dataclass(frozen=True, slots=True)
class ProtocolFault:
    """The peer broke SMPP; *sequence* is 0 when the PDU could not be read as far as that."""

    fault: Fault
    command_id: int
    sequence: int
    reason: str


Event = (
    BindRequested
    | Bound
    | BindRefused
    | RequestReceived
    | NotificationReceived
    | ResponseReceived
    | RequestExpired
    | LateResponse
    | Unanswered
    | Unbound
    | Closed
    | ProtocolFault
)

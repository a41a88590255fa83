"""The mandatory fields of every SMPP 3.4 PDU, as tables.

Rule 1: this is data. `codec` reads it once and makes a reader and a writer of each table; nothing else knows a layout.
Rule 2: each variable field names the status that answers a PDU in which it is broken.
"""

from dataclasses import dataclass
from typing import Final

from smsgw.smpp.constants import Command, Status

SHORT_MESSAGE_OCTETS_MAX: Final = 254
"""What we write; longer texts go into message_payload (SMPP 3.4, 5.2.21). SMPP 5.0 allows 255, which we read."""


@dataclass(frozen=True, slots=True)
class Int:
    """An unsigned integer of *size* octets (1 or 4), most significant first (SMPP 3.4, 3.1)."""

    name: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class CString:
    """Octets ended by a NUL; *size_max* counts the NUL (SMPP 3.4, 3.1)."""

    name: str
    size_max: int
    status: Status


@dataclass(frozen=True, slots=True)
class OctetString:
    """Octets after their one-octet *length*; the length is no field of its own, it follows from the value.

    At most *size_max* are written; as many are read as the length says.
    """

    name: str
    length: str
    size_max: int
    status: Status


@dataclass(frozen=True, slots=True)
class Repeated:
    """Entries after their one-octet *count*.

    With a *flag*, each entry's first field is that octet and its value chooses the entry's layout; without one there is
    a single layout, under 0.
    """

    name: str
    count: str
    entries: dict[int, tuple[Int | CString, ...]]
    flag: str | None
    status: Status


Field = Int | CString | OctetString | Repeated
Layout = tuple[Field, ...]

_SERVICE_TYPE: Final = CString("service_type", 6, Status.ESME_RINVSERTYP)
_MESSAGE_ID: Final = CString("message_id", 65, Status.ESME_RINVMSGID)
_SYSTEM_ID: Final = CString("system_id", 16, Status.ESME_RINVSYSID)
_PASSWORD: Final = CString("password", 9, Status.ESME_RINVPASWD)
_SCHEDULE: Final = CString("schedule_delivery_time", 17, Status.ESME_RINVSCHED)
_VALIDITY: Final = CString("validity_period", 17, Status.ESME_RINVEXPIRY)
_SHORT_MESSAGE: Final = OctetString("short_message", "sm_length", SHORT_MESSAGE_OCTETS_MAX, Status.ESME_RINVMSGLEN)


def _address(prefix: str, name: str, size_max: int, status: Status) -> tuple[Int, Int, CString]:
    return Int(f"{prefix}_ton"), Int(f"{prefix}_npi"), CString(name, size_max, status)


_SOURCE: Final = _address("source_addr", "source_addr", 21, Status.ESME_RINVSRCADR)
_DESTINATION: Final = _address("dest_addr", "destination_addr", 21, Status.ESME_RINVDSTADR)

_BIND: Final[Layout] = (
    _SYSTEM_ID,
    _PASSWORD,
    CString("system_type", 13, Status.ESME_RINVSYSTYP),
    Int("interface_version"),
    *_address("addr", "address_range", 41, Status.ESME_RBINDFAIL),
)
_MESSAGE_CLASS: Final = (Int("esm_class"), Int("protocol_id"), Int("priority_flag"), _SCHEDULE, _VALIDITY)
_MESSAGE_REST: Final = (
    Int("registered_delivery"),
    Int("replace_if_present_flag"),
    Int("data_coding"),
    Int("sm_default_msg_id"),
    _SHORT_MESSAGE,
)
_MESSAGE: Final[Layout] = (_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_MESSAGE_CLASS, *_MESSAGE_REST)

DEST_FLAG_SME_ADDRESS: Final = 1
DEST_FLAG_DISTRIBUTION_LIST: Final = 2
_DEST_ADDRESSES: Final = Repeated(
    "dest_addresses",
    "number_of_dests",
    {
        DEST_FLAG_SME_ADDRESS: (Int("dest_flag"), *_DESTINATION),
        DEST_FLAG_DISTRIBUTION_LIST: (Int("dest_flag"), CString("dl_name", 21, Status.ESME_RINVDLNAME)),
    },
    "dest_flag",
    Status.ESME_RINVDESTFLAG,
)
_UNSUCCESS_SMES: Final = Repeated(
    "unsuccess_smes",
    "no_unsuccess",
    {0: (*_DESTINATION, Int("error_status_code", 4))},
    None,
    Status.ESME_RINVNUMDESTS,
)

LAYOUTS: Final[dict[Command, Layout]] = {
    Command.BIND_TRANSMITTER: _BIND,  # 4.1.1
    Command.BIND_TRANSMITTER_RESP: (_SYSTEM_ID,),  # 4.1.2
    Command.BIND_RECEIVER: _BIND,  # 4.1.3
    Command.BIND_RECEIVER_RESP: (_SYSTEM_ID,),  # 4.1.4
    Command.BIND_TRANSCEIVER: _BIND,  # 4.1.5
    Command.BIND_TRANSCEIVER_RESP: (_SYSTEM_ID,),  # 4.1.6
    Command.OUTBIND: (_SYSTEM_ID, _PASSWORD),  # 4.1.7
    Command.UNBIND: (),  # 4.2.1
    Command.UNBIND_RESP: (),  # 4.2.2
    Command.GENERIC_NACK: (),  # 4.3.1
    Command.SUBMIT_SM: _MESSAGE,  # 4.4.1
    Command.SUBMIT_SM_RESP: (_MESSAGE_ID,),  # 4.4.2
    Command.SUBMIT_MULTI: (_SERVICE_TYPE, *_SOURCE, _DEST_ADDRESSES, *_MESSAGE_CLASS, *_MESSAGE_REST),  # 4.5.1
    Command.SUBMIT_MULTI_RESP: (_MESSAGE_ID, _UNSUCCESS_SMES),  # 4.5.2
    Command.DELIVER_SM: _MESSAGE,  # 4.6.1
    Command.DELIVER_SM_RESP: (_MESSAGE_ID,),  # 4.6.2
    Command.DATA_SM: (  # 4.7.1, whose addresses may have 64 octets
        _SERVICE_TYPE,
        *_address("source_addr", "source_addr", 65, Status.ESME_RINVSRCADR),
        *_address("dest_addr", "destination_addr", 65, Status.ESME_RINVDSTADR),
        Int("esm_class"),
        Int("registered_delivery"),
        Int("data_coding"),
    ),
    Command.DATA_SM_RESP: (_MESSAGE_ID,),  # 4.7.2
    Command.QUERY_SM: (_MESSAGE_ID, *_SOURCE),  # 4.8.1
    Command.QUERY_SM_RESP: (  # 4.8.2
        _MESSAGE_ID,
        CString("final_date", 17, Status.ESME_RINVSCHED),
        Int("message_state"),
        Int("error_code"),
    ),
    Command.CANCEL_SM: (_SERVICE_TYPE, _MESSAGE_ID, *_SOURCE, *_DESTINATION),  # 4.9.1
    Command.CANCEL_SM_RESP: (),  # 4.9.2
    Command.REPLACE_SM: (  # 4.10.1
        _MESSAGE_ID,
        *_SOURCE,
        _SCHEDULE,
        _VALIDITY,
        Int("registered_delivery"),
        Int("sm_default_msg_id"),
        _SHORT_MESSAGE,
    ),
    Command.REPLACE_SM_RESP: (),  # 4.10.2
    Command.ENQUIRE_LINK: (),  # 4.11.1
    Command.ENQUIRE_LINK_RESP: (),  # 4.11.2
    Command.ALERT_NOTIFICATION: (  # 4.12.1
        *_address("source_addr", "source_addr", 65, Status.ESME_RINVSRCADR),
        *_address("esme_addr", "esme_addr", 65, Status.ESME_RINVDSTADR),
    ),
}

BODILESS_ON_ERROR: Final = frozenset(
    {
        Command.BIND_TRANSMITTER_RESP,
        Command.BIND_RECEIVER_RESP,
        Command.BIND_TRANSCEIVER_RESP,
        Command.SUBMIT_SM_RESP,
    }
)
"""Responses whose body is not sent when their status is an error (SMPP 3.4, 4.1.2, 4.1.4, 4.1.6, 4.4.2), unless TLVs
explain that error (SMPP 5.0, 4.2.5): those need the fields before them."""

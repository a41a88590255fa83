"""The vocabulary of SMPP 3.4: commands, statuses, addresses, message classes.

Rule 1: names and numbers come from smpplib wherever it has them; what it lacks is written here with its clause.
Rule 2: a number from the wire stays a plain int; an enum below is a name for it, never a filter (operators add
statuses of their own, SMPP 3.4, 5.1.3: 0x400-0x4FF).
"""

from enum import IntEnum, IntFlag
from typing import Final

from smpplib import command_codes, consts

_COMMAND_IDS: Final = command_codes.commands

RESPONSE_BIT: Final = 0x8000_0000
"""Set in the command_id of every response (SMPP 3.4, 5.1.2.1)."""

SEQUENCE_LAST: Final = 0x7FFF_FFFF
"""sequence_number runs from 1 to here (SMPP 3.4, 5.1.4)."""

INTERFACE_VERSION: Final[int] = consts.SMPP_VERSION_34
"""The version we speak; a peer below it gets no TLVs (SMPP 3.4, 3.4)."""


class Command(IntEnum):
    """command_id values (SMPP 3.4, 5.1.2.1)."""

    GENERIC_NACK = _COMMAND_IDS["generic_nack"]
    BIND_RECEIVER = _COMMAND_IDS["bind_receiver"]
    BIND_RECEIVER_RESP = _COMMAND_IDS["bind_receiver_resp"]
    BIND_TRANSMITTER = _COMMAND_IDS["bind_transmitter"]
    BIND_TRANSMITTER_RESP = _COMMAND_IDS["bind_transmitter_resp"]
    BIND_TRANSCEIVER = _COMMAND_IDS["bind_transceiver"]
    BIND_TRANSCEIVER_RESP = _COMMAND_IDS["bind_transceiver_resp"]
    OUTBIND = _COMMAND_IDS["outbind"]
    UNBIND = _COMMAND_IDS["unbind"]
    UNBIND_RESP = _COMMAND_IDS["unbind_resp"]
    SUBMIT_SM = _COMMAND_IDS["submit_sm"]
    SUBMIT_SM_RESP = _COMMAND_IDS["submit_sm_resp"]
    SUBMIT_MULTI = _COMMAND_IDS["submit_multi"]
    SUBMIT_MULTI_RESP = _COMMAND_IDS["submit_multi_resp"]
    DELIVER_SM = _COMMAND_IDS["deliver_sm"]
    DELIVER_SM_RESP = _COMMAND_IDS["deliver_sm_resp"]
    DATA_SM = _COMMAND_IDS["data_sm"]
    DATA_SM_RESP = _COMMAND_IDS["data_sm_resp"]
    QUERY_SM = _COMMAND_IDS["query_sm"]
    QUERY_SM_RESP = _COMMAND_IDS["query_sm_resp"]
    CANCEL_SM = _COMMAND_IDS["cancel_sm"]
    CANCEL_SM_RESP = _COMMAND_IDS["cancel_sm_resp"]
    REPLACE_SM = _COMMAND_IDS["replace_sm"]
    REPLACE_SM_RESP = _COMMAND_IDS["replace_sm_resp"]
    ENQUIRE_LINK = _COMMAND_IDS["enquire_link"]
    ENQUIRE_LINK_RESP = _COMMAND_IDS["enquire_link_resp"]
    ALERT_NOTIFICATION = _COMMAND_IDS["alert_notification"]

    @property
    def wire_name(self) -> str:
        """The name the specification uses, e.g. `submit_sm_resp`."""
        return self.name.lower()


class Status(IntEnum):
    """command_status values (SMPP 3.4, 5.1.3)."""

    ESME_ROK = consts.SMPP_ESME_ROK
    ESME_RINVMSGLEN = consts.SMPP_ESME_RINVMSGLEN
    ESME_RINVCMDLEN = consts.SMPP_ESME_RINVCMDLEN
    ESME_RINVCMDID = consts.SMPP_ESME_RINVCMDID
    ESME_RINVBNDSTS = consts.SMPP_ESME_RINVBNDSTS
    ESME_RALYBND = consts.SMPP_ESME_RALYBND
    ESME_RINVPRTFLG = consts.SMPP_ESME_RINVPRTFLG
    ESME_RINVREGDLVFLG = consts.SMPP_ESME_RINVREGDLVFLG
    ESME_RSYSERR = consts.SMPP_ESME_RSYSERR
    ESME_RINVSRCADR = consts.SMPP_ESME_RINVSRCADR
    ESME_RINVDSTADR = consts.SMPP_ESME_RINVDSTADR
    ESME_RINVMSGID = consts.SMPP_ESME_RINVMSGID
    ESME_RBINDFAIL = consts.SMPP_ESME_RBINDFAIL
    ESME_RINVPASWD = consts.SMPP_ESME_RINVPASWD
    ESME_RINVSYSID = consts.SMPP_ESME_RINVSYSID
    ESME_RCANCELFAIL = consts.SMPP_ESME_RCANCELFAIL
    ESME_RREPLACEFAIL = consts.SMPP_ESME_RREPLACEFAIL
    ESME_RMSGQFUL = consts.SMPP_ESME_RMSGQFUL
    ESME_RINVSERTYP = consts.SMPP_ESME_RINVSERTYP
    ESME_RINVNUMDESTS = consts.SMPP_ESME_RINVNUMDESTS
    ESME_RINVDLNAME = consts.SMPP_ESME_RINVDLNAME
    ESME_RINVDESTFLAG = consts.SMPP_ESME_RINVDESTFLAG
    ESME_RINVSUBREP = consts.SMPP_ESME_RINVSUBREP
    ESME_RINVESMCLASS = consts.SMPP_ESME_RINVESMCLASS
    ESME_RCNTSUBDL = consts.SMPP_ESME_RCNTSUBDL
    ESME_RSUBMITFAIL = consts.SMPP_ESME_RSUBMITFAIL
    ESME_RINVSRCTON = consts.SMPP_ESME_RINVSRCTON
    ESME_RINVSRCNPI = consts.SMPP_ESME_RINVSRCNPI
    ESME_RINVDSTTON = consts.SMPP_ESME_RINVDSTTON
    ESME_RINVDSTNPI = consts.SMPP_ESME_RINVDSTNPI
    ESME_RINVSYSTYP = consts.SMPP_ESME_RINVSYSTYP
    ESME_RINVREPFLAG = consts.SMPP_ESME_RINVREPFLAG
    ESME_RINVNUMMSGS = consts.SMPP_ESME_RINVNUMMSGS
    ESME_RTHROTTLED = consts.SMPP_ESME_RTHROTTLED
    ESME_RINVSCHED = consts.SMPP_ESME_RINVSCHED
    ESME_RINVEXPIRY = consts.SMPP_ESME_RINVEXPIRY
    ESME_RINVDFTMSGID = consts.SMPP_ESME_RINVDFTMSGID
    ESME_RX_T_APPN = consts.SMPP_ESME_RX_T_APPN
    ESME_RX_P_APPN = consts.SMPP_ESME_RX_P_APPN
    ESME_RX_R_APPN = consts.SMPP_ESME_RX_R_APPN
    ESME_RQUERYFAIL = consts.SMPP_ESME_RQUERYFAIL
    ESME_RINVOPTPARSTREAM = consts.SMPP_ESME_RINVOPTPARSTREAM
    ESME_ROPTPARNOTALLWD = consts.SMPP_ESME_ROPTPARNOTALLWD
    ESME_RINVPARLEN = consts.SMPP_ESME_RINVPARLEN
    ESME_RMISSINGOPTPARAM = consts.SMPP_ESME_RMISSINGOPTPARAM
    ESME_RINVOPTPARAMVAL = consts.SMPP_ESME_RINVOPTPARAMVAL
    ESME_RDELIVERYFAILURE = consts.SMPP_ESME_RDELIVERYFAILURE
    ESME_RUNKNOWNERR = consts.SMPP_ESME_RUNKNOWNERR


VENDOR_STATUSES: Final = range(0x400, 0x500)
_DESCRIPTIONS: Final[dict[int, str]] = {
    **consts.DESCRIPTIONS,
    Status.ESME_RINVREGDLVFLG: "Invalid Registered Delivery Flag",  # smpplib leaves this one open
}
_COMMAND_NAMES: Final[dict[int, str]] = {command.value: command.wire_name for command in Command}


def describe(status: int) -> str:
    """Say a command_status in words, e.g. `ESME_RTHROTTLED: Throttling error (...)`; unknown ones by number."""
    if status in _DESCRIPTIONS:
        return f"{Status(status).name}: {_DESCRIPTIONS[status]}"
    kind = "vendor specific" if status in VENDOR_STATUSES else "reserved"
    return f"0x{status:08X}: {kind} status"


def command_name(command_id: int) -> str:
    """Name a command_id as the specification does, or write it as a number when it is none of SMPP 3.4."""
    return _COMMAND_NAMES.get(command_id) or f"0x{command_id:08X}"


class Ton(IntEnum):
    """Type of number (SMPP 3.4, 5.2.5)."""

    UNKNOWN = consts.SMPP_TON_UNK
    INTERNATIONAL = consts.SMPP_TON_INTL
    NATIONAL = consts.SMPP_TON_NATNL
    NETWORK_SPECIFIC = consts.SMPP_TON_NWSPEC
    SUBSCRIBER = consts.SMPP_TON_SBSCR
    ALPHANUMERIC = consts.SMPP_TON_ALNUM
    ABBREVIATED = consts.SMPP_TON_ABBREV


class Npi(IntEnum):
    """Numbering plan indicator (SMPP 3.4, 5.2.6)."""

    UNKNOWN = consts.SMPP_NPI_UNK
    ISDN = consts.SMPP_NPI_ISDN
    DATA = consts.SMPP_NPI_DATA
    TELEX = consts.SMPP_NPI_TELEX
    LAND_MOBILE = consts.SMPP_NPI_LNDMBL
    NATIONAL = consts.SMPP_NPI_NATNL
    PRIVATE = consts.SMPP_NPI_PRVT
    ERMES = consts.SMPP_NPI_ERMES
    INTERNET = consts.SMPP_NPI_IP
    WAP = consts.SMPP_NPI_WAP


class EsmClass(IntFlag):
    """esm_class (SMPP 3.4, 5.2.12). Bits 5-2 are one number, the message type: mask with MESSAGE_TYPE, then compare."""

    DEFAULT = consts.SMPP_MSGMODE_DEFAULT
    SMSC_DELIVERY_RECEIPT = 0x04
    SME_DELIVERY_ACKNOWLEDGEMENT = consts.SMPP_MSGTYPE_DELIVERYACK
    SME_MANUAL_ACKNOWLEDGEMENT = consts.SMPP_MSGTYPE_USERACK
    CONVERSATION_ABORT = 0x18
    INTERMEDIATE_NOTIFICATION = 0x20
    MESSAGE_TYPE = 0x3C
    UDHI = consts.SMPP_GSMFEAT_UDHI
    REPLY_PATH = consts.SMPP_GSMFEAT_REPLYPATH


class RegisteredDelivery(IntEnum):
    """registered_delivery, bits 1-0: which receipts the SMSC shall send (SMPP 3.4, 5.2.17)."""

    NONE = consts.SMPP_SMSC_DELIVERY_RECEIPT_NONE
    SUCCESS_OR_FAILURE = consts.SMPP_SMSC_DELIVERY_RECEIPT_BOTH
    FAILURE = consts.SMPP_SMSC_DELIVERY_RECEIPT_FAILURE


class MessageState(IntEnum):
    """message_state (SMPP 3.4, 5.2.28)."""

    ENROUTE = consts.SMPP_MESSAGE_STATE_ENROUTE
    DELIVERED = consts.SMPP_MESSAGE_STATE_DELIVERED
    EXPIRED = consts.SMPP_MESSAGE_STATE_EXPIRED
    DELETED = consts.SMPP_MESSAGE_STATE_DELETED
    UNDELIVERABLE = consts.SMPP_MESSAGE_STATE_UNDELIVERABLE
    ACCEPTED = consts.SMPP_MESSAGE_STATE_ACCEPTED
    UNKNOWN = consts.SMPP_MESSAGE_STATE_UNKNOWN
    REJECTED = consts.SMPP_MESSAGE_STATE_REJECTED

"""Delivery receipts: what became of a message of ours.

Rule 1: receipted_message_id, message_state and network_error_code are believed before the text, field by field.
Rule 2: the text is "vendor specific" (SMPP 3.4, Appendix B): fields in any order and case, any of them missing.
Rule 3: a message id is an opaque string; only a link's setting makes it a number, and then on both sides.
Rule 4: many SMSCs leave esm_class at 0 (SMPP 3.4, 5.2.12 forbids it). What receipts a message of ours by its TLV is a
    receipt all the same, for no phone writes TLVs. What is one by its words alone is nobody's text either, and is not
    answered, or each answer would bring the next receipt; but anybody can text such words, so it is not believed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Final

from smsgw.smpp.constants import EsmClass, MessageState
from smsgw.smpp.tlv import Tag, Tlvs

TEXT_CHARACTERS_MAX: Final = 20
"""A receipt repeats this much of the message (SMPP 3.4, Appendix B)."""

MESSAGE_ID_DIGITS_MAX: Final = 64
"""A message_id has at most 64 characters (SMPP 3.4, 5.2.23); a longer number is not converted."""

# Plain ints, because every PDU asks and flags of an enum take ten times as long to mask.
_MESSAGE_TYPE: Final = EsmClass.MESSAGE_TYPE.value

# Likewise: each receipt has them, and they stand in its TLVs as plain tags.
_RECEIPTED_MESSAGE_ID: Final = Tag.RECEIPTED_MESSAGE_ID.value
_MESSAGE_STATE: Final = Tag.MESSAGE_STATE.value

# An SME delivery acknowledgement says the same in the same words where an SMSC uses it; none of the three is a
# subscriber's text, so none may be answered.
_RECEIPT_TYPES: Final = frozenset(
    {
        EsmClass.SMSC_DELIVERY_RECEIPT.value,
        EsmClass.SME_DELIVERY_ACKNOWLEDGEMENT.value,
        EsmClass.INTERMEDIATE_NOTIFICATION.value,
        # Reserved as a number; it comes from SMSCs that take the two bits for flags, and only on receipts.
        EsmClass.SMSC_DELIVERY_RECEIPT.value | EsmClass.INTERMEDIATE_NOTIFICATION.value,
    }
)

# UNKNOWN and ACCEPTED are not among them, though SMPP 5.0, 4.7.15 calls the second final: many SMSCs say it when the
# next network has taken the message, and the receipt that counts follows.
_FINAL: Final = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.EXPIRED,
        MessageState.DELETED,
        MessageState.UNDELIVERABLE,
        MessageState.REJECTED,
    }
)

# SMPP 5.0, 4.7.15 adds two; they mean to us what stands here.
_STATES_BY_NUMBER: Final = {state.value: state for state in MessageState} | {
    0: MessageState.ENROUTE,  # scheduled
    9: MessageState.UNDELIVERABLE,  # skipped: accepted, but not transmitted
}

# By the first five letters, because SMSCs write DELIVRD, DELIVERED and the like; the last two are no words of SMPP.
_STATES_BY_WORD: Final = {
    "ENROU": MessageState.ENROUTE,
    "SCHED": MessageState.ENROUTE,
    "DELIV": MessageState.DELIVERED,
    "EXPIR": MessageState.EXPIRED,
    "DELET": MessageState.DELETED,
    "UNDEL": MessageState.UNDELIVERABLE,
    "SKIPP": MessageState.UNDELIVERABLE,
    "ACCEP": MessageState.ACCEPTED,
    "UNKNO": MessageState.UNKNOWN,
    "REJEC": MessageState.REJECTED,
    "BUFFE": MessageState.ENROUTE,
    "FAILE": MessageState.UNDELIVERABLE,
}
_WORD_LETTERS: Final = 5

# How format_receipt writes them: seven letters (SMPP 3.4, Appendix B, Table B-2).
_WORDS: Final = {
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
}

_TEXT_FIELD: Final = re.compile(r"\btext\s*:", re.IGNORECASE)
# The value is possessive, so that a name with its colon is never half taken as the value of an empty field before it.
# Between the fields stand blanks, and with some SMSCs commas or semicolons; no id has those.
_FIELD: Final = re.compile(r"\b(id|done[ _]?date|stat|err)\s*:\s*([^\s:,;]*+)(?!:)", re.IGNORECASE)
# Appendix B in its own order, from the beginning of the text on. Possessive, so that a hostile text costs one pass.
_GAP: Final = r"[\s,;]++"
_WHOLE: Final = re.compile(
    _GAP.join(
        (
            r"\s*+id:\s*+[^\s,;]++",
            r"sub:\s*+\d++",
            r"dlvrd:\s*+\d++",
            r"submit[ _]?date:\s*+\d++",
            r"done[ _]?date:\s*+\d++",
            r"stat:\s*+[a-z]++",
            r"err:",
        )
    ),
    re.IGNORECASE | re.ASCII,
)
_DATE: Final = re.compile(r"[0-9]{10}(?:[0-9]{2}){0,2}")


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """What an SMSC says of one message. *error* is the network's code as it came, empty when none."""

    message_id: str
    state: MessageState
    error: str = ""
    done_date: datetime | None = None

    def __post_init__(self) -> None:
        assert self.message_id, "a receipt names its message"
        assert self.done_date is None or self.done_date.tzinfo is not None, "dates are aware"

    @property
    def final(self) -> bool:
        """Whether no other receipt will follow."""
        return self.state in _FINAL


class MessageIdForm(StrEnum):
    """How a link's receipts write the ids that its submit_sm_resp gave out."""

    OPAQUE = "opaque"
    """The same string."""
    CASELESS = "caseless"
    """The same, but for case and leading zeros."""
    HEX_TO_DECIMAL = "hex_to_decimal"
    """The receipt writes in hexadecimal what the response wrote in decimal."""
    DECIMAL_TO_HEX = "decimal_to_hex"
    """The receipt writes in decimal what the response wrote in hexadecimal."""


def is_receipt(esm_class: int) -> bool:
    """Whether this esm_class says that a deliver_sm or data_sm is a receipt (SMPP 3.4, 5.2.12)."""
    return esm_class & _MESSAGE_TYPE in _RECEIPT_TYPES


def receipts_a_message(tlvs: Tlvs) -> bool:
    """Whether the TLVs make it a receipt, whatever esm_class says: they name the message (SMPP 3.4, 5.3.2.12)."""
    return any(tag == _RECEIPTED_MESSAGE_ID for tag, _ in tlvs)


def is_worded_as_receipt(text: str) -> bool:
    """Whether a text is what SMPP 3.4, Appendix B makes a receipt say, with all of its fields; see rule 4."""
    return _WHOLE.match(text) is not None


def parse_receipt(
    text: str, tlvs: Tlvs, zone: tzinfo = UTC, pattern: re.Pattern[str] | None = None
) -> DeliveryReceipt | None:
    """Read a receipt from its text and TLVs; None when it names no message. Never raises.

    Dates have no zone on the wire: *zone* is the SMSC's. A state that nothing names is UNKNOWN. *pattern* is the text
    form of an SMSC of its own kind (SMPP 3.4, Appendix B: "vendor specific"), with the groups `id`, `stat` and `err`.
    """
    values = dict(reversed(tlvs))  # of a tag sent twice the first counts
    fields = _fields(text) if pattern is None else _fields_by(pattern, text)
    message_id = _c_string(values.get(Tag.RECEIPTED_MESSAGE_ID, b"")) or fields.get("id", "")
    if not message_id:
        return None
    return DeliveryReceipt(
        message_id=message_id,
        state=_state(values.get(Tag.MESSAGE_STATE, b""), fields.get("stat", "")),
        error=_network_error(values.get(Tag.NETWORK_ERROR_CODE, b"")) or fields.get("err", ""),
        done_date=_date(fields.get("donedate", ""), zone),
    )


def submitted_key(message_id: str, form: MessageIdForm) -> str:
    """Give the string under which the message of a submit_sm_resp is found again."""
    return message_id.strip() if form is MessageIdForm.OPAQUE else _caseless(message_id)


def receipted_key(message_id: str, form: MessageIdForm) -> str:
    """Give the string to look for when a receipt names *message_id*: equal to `submitted_key` of the same message.

    An id that is no number of the base the link's setting names is compared as it stands, but for case and zeros.
    """
    digits = message_id.strip()
    if len(digits) <= MESSAGE_ID_DIGITS_MAX:
        if form is MessageIdForm.HEX_TO_DECIMAL and re.fullmatch(r"[0-9A-Fa-f]+", digits):
            return str(int(digits, 16))
        if form is MessageIdForm.DECIMAL_TO_HEX and re.fullmatch(r"[0-9]+", digits):
            return f"{int(digits):x}"
    return submitted_key(message_id, form)


def format_receipt(receipt: DeliveryReceipt, submit_date: datetime, text: str = "") -> str:
    """Write a receipt as an SMSC does (SMPP 3.4, Appendix B); a missing done date is the submit date."""
    delivered = receipt.state is MessageState.DELIVERED
    done_date = receipt.done_date or submit_date
    return (
        f"id:{receipt.message_id} sub:001 dlvrd:{delivered:03d} submit date:{_minute(submit_date)}"
        f" done date:{_minute(done_date)} stat:{_WORDS[receipt.state]} err:{receipt.error or '000'}"
        f" text:{text[:TEXT_CHARACTERS_MAX]}"
    )


def _minute(date: datetime) -> str:
    # YYMMDDhhmm as strftime writes it, in a fifth of its time.
    return f"{date.year % 100:02}{date.month:02}{date.day:02}{date.hour:02}{date.minute:02}"


def receipt_tlvs(receipt: DeliveryReceipt) -> Tlvs:
    """Write the id and the state of a receipt as TLVs (SMPP 3.4, 5.3.2.12 and 5.3.2.35)."""
    return (
        (_RECEIPTED_MESSAGE_ID, receipt.message_id.encode("ascii", "replace") + b"\0"),
        (_MESSAGE_STATE, bytes([receipt.state])),
    )


def _fields(text: str) -> dict[str, str]:
    """Cut out the fields; what follows `text:` is the message and may say anything."""
    head = _TEXT_FIELD.split(text, maxsplit=1)[0]
    return {re.sub("[ _]", "", name.lower()): value for name, value in _FIELD.findall(head)}


def _fields_by(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """Cut out the fields as the link's own pattern names them; none where it does not match."""
    found = pattern.search(text)
    return {name: value for name, value in found.groupdict().items() if value} if found else {}


def _state(number: bytes, word: str) -> MessageState:
    state = _STATES_BY_NUMBER.get(int.from_bytes(number)) if number else None  # of any length: operators differ
    if state is not None:
        return state
    return _STATES_BY_WORD.get(word.upper()[:_WORD_LETTERS], MessageState.UNKNOWN)


def _network_error(value: bytes) -> str:
    """Write network_error_code as type and code, e.g. `3:34` for a GSM network (SMPP 3.4, 5.3.2.31)."""
    return f"{value[0]}:{int.from_bytes(value[1:], 'big')}" if len(value) == 3 else ""


def _date(digits: str, zone: tzinfo) -> datetime | None:
    """Read YYMMDDhhmm, with seconds, or with the century too."""
    if not _DATE.fullmatch(digits):
        return None
    padded = (digits[-12:] + "00")[:12]
    year, month, day, hour, minute, second = (int(padded[at : at + 2]) for at in range(0, 12, 2))
    try:
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def _c_string(value: bytes) -> str:
    return value.split(b"\0", 1)[0].decode("ascii", "replace").strip()


def _caseless(message_id: str) -> str:
    return message_id.strip().lower().lstrip("0") or "0"

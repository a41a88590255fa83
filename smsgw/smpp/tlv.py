"""Optional parameters (TLVs): their tags, and how they stand on the wire (SMPP 3.4, 3.2.4 and 5.3).

Rule 1: values stay octets, in the order of the wire, known or not: the specification asks to ignore what one does
not expect (3.3), and real operators send known tags with lengths of their own.
Rule 2: only a stream that cannot be cut into TLVs is an error.
"""

import struct
from enum import IntEnum
from typing import Final

from smpplib import consts

from smsgw.smpp.constants import INTERFACE_VERSION

_TAGS: Final[dict[str, int]] = consts.OPTIONAL_PARAMS
_HEAD: Final = struct.Struct(">HH")

TLV_OCTETS_MAX: Final = 0xFFFF
"""The length of a TLV's value has two octets (SMPP 3.4, 3.2.4.1)."""

Tlvs = tuple[tuple[int, bytes], ...]
"""(tag, value) pairs in the order of the wire."""


class Tag(IntEnum):
    """Tags (SMPP 3.4, 5.3.2; congestion_state: SMPP 5.0, 4.8.4.18)."""

    DEST_ADDR_SUBUNIT = _TAGS["dest_addr_subunit"]
    DEST_NETWORK_TYPE = _TAGS["dest_network_type"]
    DEST_BEARER_TYPE = _TAGS["dest_bearer_type"]
    DEST_TELEMATICS_ID = _TAGS["dest_telematics_id"]
    SOURCE_ADDR_SUBUNIT = _TAGS["source_addr_subunit"]
    SOURCE_NETWORK_TYPE = _TAGS["source_network_type"]
    SOURCE_BEARER_TYPE = _TAGS["source_bearer_type"]
    SOURCE_TELEMATICS_ID = _TAGS["source_telematics_id"]
    QOS_TIME_TO_LIVE = _TAGS["qos_time_to_live"]
    PAYLOAD_TYPE = _TAGS["payload_type"]
    ADDITIONAL_STATUS_INFO_TEXT = _TAGS["additional_status_info_text"]
    RECEIPTED_MESSAGE_ID = _TAGS["receipted_message_id"]
    MS_MSG_WAIT_FACILITIES = _TAGS["ms_msg_wait_facilities"]
    PRIVACY_INDICATOR = _TAGS["privacy_indicator"]
    SOURCE_SUBADDRESS = _TAGS["source_subaddress"]
    DEST_SUBADDRESS = _TAGS["dest_subaddress"]
    USER_MESSAGE_REFERENCE = _TAGS["user_message_reference"]
    USER_RESPONSE_CODE = _TAGS["user_response_code"]
    SOURCE_PORT = _TAGS["source_port"]
    DESTINATION_PORT = _TAGS["destination_port"]
    SAR_MSG_REF_NUM = _TAGS["sar_msg_ref_num"]
    LANGUAGE_INDICATOR = _TAGS["language_indicator"]
    SAR_TOTAL_SEGMENTS = _TAGS["sar_total_segments"]
    SAR_SEGMENT_SEQNUM = _TAGS["sar_segment_seqnum"]
    SC_INTERFACE_VERSION = _TAGS["sc_interface_version"]
    CALLBACK_NUM_PRES_IND = _TAGS["callback_num_pres_ind"]
    CALLBACK_NUM_ATAG = _TAGS["callback_num_atag"]
    NUMBER_OF_MESSAGES = _TAGS["number_of_messages"]
    CALLBACK_NUM = _TAGS["callback_num"]
    DPF_RESULT = _TAGS["dpf_result"]
    SET_DPF = _TAGS["set_dpf"]
    MS_AVAILABILITY_STATUS = _TAGS["ms_availability_status"]
    NETWORK_ERROR_CODE = _TAGS["network_error_code"]
    MESSAGE_PAYLOAD = _TAGS["message_payload"]
    DELIVERY_FAILURE_REASON = _TAGS["delivery_failure_reason"]
    MORE_MESSAGES_TO_SEND = _TAGS["more_messages_to_send"]
    MESSAGE_STATE = _TAGS["message_state"]
    CONGESTION_STATE = 0x0428
    USSD_SERVICE_OP = _TAGS["ussd_service_op"]
    DISPLAY_TIME = _TAGS["display_time"]
    SMS_SIGNAL = _TAGS["sms_signal"]
    MS_VALIDITY = _TAGS["ms_validity"]
    ALERT_ON_MESSAGE_DELIVERY = _TAGS["alert_on_message_delivery"]
    ITS_REPLY_TYPE = _TAGS["its_reply_type"]
    ITS_SESSION_INFO = _TAGS["its_session_info"]


SC_INTERFACE_VERSION_34: Final = (int(Tag.SC_INTERFACE_VERSION), bytes([INTERFACE_VERSION]))
"""What an SMSC adds to its bind_resp to say that it takes TLVs (SMPP 3.4, 3.4)."""


def read_tlvs(frame: bytes, at: int) -> Tlvs | None:
    """Read TLVs from *at* to the end of *frame*; None when 1-3 octets are left over or a value runs past the end."""
    tlvs = []
    end = len(frame)
    while at < end:
        if at + _HEAD.size > end:
            return None
        tag, length = _HEAD.unpack_from(frame, at)
        start = at + _HEAD.size
        at = start + length
        tlvs.append((tag, frame[start:at]))
    return tuple(tlvs) if at == end else None


def write_tlvs(tlvs: Tlvs) -> bytes:
    """Write TLVs in their order; `struct.error` for a tag or a value longer than two octets can say."""
    return b"".join(_HEAD.pack(tag, len(value)) + value for tag, value in tlvs)

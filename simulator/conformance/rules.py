"""The rules that a gateway is judged by, each with its clause of SMPP 3.4 (or of the document it names).

Rule: a rule stands here once, and only here: its name, how hard it is, where it is written, and how to mend a breach.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Level(StrEnum):
    """How hard a rule is. A `must` that is broken makes a session non-conformant; the others are advice."""

    MUST = "must"
    SHOULD = "should"
    CAUTION = "caution"


class Rule(NamedTuple):
    """One demand on the gateway."""

    name: str
    level: Level
    clause: str
    mend: str

    @property
    def advice(self) -> str:
        """`mend` as a sentence: what is written in capitals in it stays so."""
        return f"{self.mend[0].upper()}{self.mend[1:]}."


class Finding(NamedTuple):
    """A breach of the rule *name*; *detail* says what was seen, never what a text or a password says."""

    name: str
    detail: str


_MUST, _SHOULD, _CAUTION = Level.MUST, Level.SHOULD, Level.CAUTION

_TABLE: Final = (
    # The header.
    Rule("no_smpp", _MUST, "3.2", "begin each PDU with its true command_length, 16 octets or more"),
    Rule("unknown_command", _MUST, "5.1.2.1", "send only the commands of SMPP 3.4"),
    Rule("request_status", _MUST, "5.1.3", "set command_status to 0 in a request"),
    Rule("sequence_range", _MUST, "5.1.4", "number requests from 1 to 0x7FFFFFFF"),
    Rule("sequence_reused", _MUST, "5.1.4", "give no request the number of one that is not answered yet"),
    Rule("sequence_order", _SHOULD, "5.1.4", "let the numbers of requests increase"),
    # The body.
    Rule("body", _MUST, "3.1, 4", "write every field as its table says, strings with their NUL and within their size"),
    Rule("two_texts", _MUST, "5.3.2.32", "set sm_length to 0 when there is a message_payload"),
    Rule("destination", _MUST, "4.4.1", "name a destination_addr"),
    Rule("time_format", _MUST, "7.1.1", "write times as YYMMDDhhmmsstnnp with p one of + - R, or leave them empty"),
    Rule("esm_class", _MUST, "5.2.12", "mark no message of yours as a receipt of the SMSC"),
    Rule("registered_delivery", _MUST, "5.2.17", "leave reserved bits of registered_delivery 0"),
    Rule("priority_flag", _MUST, "5.2.14", "give a priority from 0 to 3"),
    Rule("replace_flag", _MUST, "5.2.18", "set replace_if_present_flag to 0 or 1"),
    Rule("ton_npi", _SHOULD, "5.2.5, 5.2.6", "use the types of number and numbering plans of the specification"),
    Rule("data_coding", _SHOULD, "5.2.19", "use no reserved data_coding"),
    Rule("ucs2_octets", _MUST, "5.2.19 (UCS2)", "send two octets for each UCS2 character"),
    Rule("udh", _MUST, "5.2.12; 3GPP 23.040, 9.2.3.24", "write a whole user data header where esm_class announces one"),
    Rule("udh_with_sar", _MUST, "5.2.12", "join parts by a user data header or by SAR parameters, not by both"),
    Rule("sar", _MUST, "5.3.2.22 to 5.3.2.24", "send all three SAR parameters, with a number from 1 to the total"),
    Rule("tlv_length", _MUST, "5.3.2", "give each optional parameter the length that its table says"),
    Rule("tlvs_before_34", _MUST, "3.4", "send optional parameters only where both sides speak version 3.4"),
    # The session.
    Rule("no_bind", _SHOULD, "2.2.1, 7.2 (session_init_timer)", "bind as soon as you are connected"),
    Rule("half_a_pdu", _MUST, "3.2", "send each PDU whole, without a pause in it"),
    Rule("wrong_state", _MUST, "2.3, table 2-1", "send a request only in a state that allows it"),
    Rule("bind_again", _MUST, "4.1, table 2-1", "bind once a session"),
    Rule("after_unbind", _MUST, "4.2", "send no request after your unbind"),
    Rule("no_unbind", _SHOULD, "2.2.5, 4.2", "unbind before you close the connection"),
    Rule("window", _CAUTION, "2.5.1, 2.7.1", "keep no more requests in flight than was agreed; 10 if nothing was"),
    # The answers.
    Rule("unanswered", _MUST, "2.8", "answer every request"),
    Rule("answer_to_nothing", _MUST, "5.1.4", "answer under the sequence_number of the request"),
    Rule("answered_twice", _MUST, "2.8, 5.1.4", "answer each request once"),
    Rule("wrong_answer", _MUST, "5.1.2.1", "answer with the response of that very request"),
    Rule("needless_nack", _SHOULD, "4.3", "answer a request that you know with its own response, not generic_nack"),
    Rule("unnacked", _MUST, "4.3", "answer an unknown command with generic_nack"),
    Rule("deliver_sm_resp_body", _MUST, "4.6.2", "send the message_id of a deliver_sm_resp, one NUL"),
    Rule("deliver_sm_resp_id", _SHOULD, "4.6.2", "leave the message_id of a deliver_sm_resp empty"),
    Rule(
        "reserved_status", _SHOULD, "5.1.3, table 5-2", "answer with a status of the specification or of the vendors'"
    ),
    Rule(
        "rx_p_appn",
        _CAUTION,
        "table 5-2; SMPP 5.0, 4.7.6",
        "refuse one message with ESME_RX_R_APPN: this one may make the SMSC drop all that waits for the same number",
    ),
)

RULES: Final = {rule.name: rule for rule in _TABLE}

"""What one link to an operator is configured with. Pure values; the socket is in link.py."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from smsgw.domain.secret import Secret
from smsgw.smpp.constants import Command, Npi, Status, Ton
from smsgw.smpp.policy import Reaction
from smsgw.smpp.receipts import MessageIdForm
from smsgw.smpp.segments import Method
from smsgw.smpp.session_settings import SessionSettings
from smsgw.smpp.text import Alphabet
from smsgw.smpp.validity import Validity


class Bind(StrEnum):
    """How a session binds: both ways on one connection, or each way on one of its own (SMPP 3.4, 4.1).

    One way alone is of no use here: every text that comes in is answered by the link that it came from.
    """

    TRANSCEIVER = "transceiver"
    PAIR = "pair"


BIND_COMMANDS: Final[Mapping[Bind, tuple[Command, ...]]] = {
    Bind.TRANSCEIVER: (Command.BIND_TRANSCEIVER,),
    Bind.PAIR: (Command.BIND_TRANSMITTER, Command.BIND_RECEIVER),
}
"""What each connection of a session binds with."""

TLV_METHODS: Final = frozenset({Method.SAR, Method.PAYLOAD})
"""Ways of a long text that need optional parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """One table `[links.NAME]`.

    `rate` is texts a second, 0 = as fast as the window allows. `retry_status` is what a deliver_sm is answered with
    when it should come again later. `source` is the address that our texts come from, mostly the short code.
    `statuses` says what refusals of a text mean where this SMSC differs from the usual (policy.REACTIONS). `connect_s`
    is the patience for TCP and TLS. `prefixes` are the numbers for which it stands in for a link that is down.
    """

    name: str
    host: str
    port: int
    system_id: str
    password: Secret[str]
    system_type: str = ""
    bind: Bind = Bind.TRANSCEIVER
    sessions: int = 1
    rate: float = 0.0
    source: str
    source_ton: int = Ton.UNKNOWN
    source_npi: int = Npi.UNKNOWN
    alphabet: Alphabet = Alphabet.GSM0338
    long_texts: Method = Method.UDH8
    validity: Validity = Validity.RELATIVE
    message_id_form: MessageIdForm = MessageIdForm.OPAQUE
    receipt_pattern: re.Pattern[str] | None = None
    retry_status: int = Status.ESME_RX_T_APPN
    statuses: Mapping[int, Reaction] = field(default_factory=dict)
    timestamp_tlv: int | None = None
    prefixes: tuple[str, ...] = ()
    connect_s: float = 10.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    session: SessionSettings = field(default_factory=SessionSettings)

    def __post_init__(self) -> None:
        if self.retry_status == Status.ESME_RX_P_APPN:
            raise ValueError("retry_status ESME_RX_P_APPN would make the SMSC drop everything queued for us")
        if self.retry_status == Status.ESME_ROK:
            raise ValueError("retry_status ESME_ROK would say that a text was taken which was not")
        for key, text in self._credentials():
            if not all("\0" < character <= "\xff" for character in text):
                raise ValueError(f"{key}: one octet a character, and none of them 0 (SMPP 3.4, 3.1)")
        if len(self.system_id) > 15 or len(self.password) > 8:
            raise ValueError("system_id has at most 15 characters and the password 8 (SMPP 3.4, 5.2.1 and 5.2.2)")
        if self.sessions < 1 or self.rate < 0:
            raise ValueError("sessions is at least 1 and rate not below 0")
        if self.connect_s <= 0:
            raise ValueError("connect_s is above 0")

    def _credentials(self) -> tuple[tuple[str, str], ...]:
        return ("system_id", self.system_id), ("password", self.password.reveal()), ("system_type", self.system_type)

    def without_tlvs(self) -> LinkSettings:
        """The same for an SMSC that takes no optional parameters: long texts travel with headers (SMPP 3.4, 3.4)."""
        return replace(self, long_texts=Method.UDH8) if self.long_texts in TLV_METHODS else self

"""The quickest gateway there can be in Python: it acks every text and answers it with octets made beforehand.

`python -m bench.esme PORT RECEIPTS` binds as a transceiver and lives until the SMSC ends; with RECEIPTS 1 it asks for a
delivery receipt of each text, with 0 for none. It decides nothing and keeps nothing, so that what is measured against
it is the other side: the simulator.
"""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import Final

from smsgw.smpp.codec import encode
from smsgw.smpp.constants import INTERFACE_VERSION, Command, Status
from smsgw.smpp.frames import HEADER
from smsgw.smpp.pdu import FieldValue, Pdu

HOST: Final = "127.0.0.1"
READ_OCTETS: Final = 1 << 20
CODE_TEXT: Final = b"Code 483920 - 1000 UZS to SARKOR n10001, fee 0. If all is right, send the code to 1400 in 5 min"
RECEIPT_TEXT: Final = b"44742441 PAID 21.11.26 21:26. SARKOR n10001: 1000 UZS, fee 0, total 1000 from wallet."
DELIVER_SM_RESP: Final = HEADER.pack(HEADER.size + 1, Command.DELIVER_SM_RESP, Status.ESME_ROK, 0)[:12]
UNBIND_RESP: Final = HEADER.pack(HEADER.size, Command.UNBIND_RESP, Status.ESME_ROK, 0)[:12]
SUBSCRIBER: Final = b"998900000000"
# Where the fields of a deliver_sm stand (SMPP 3.4, 4.6.1), as the simulator writes it: an empty service_type first, and
# nothing in the two times, so that the text begins so far behind esm_class.
SOURCE_AT: Final = HEADER.size + 3
TEXT_AFTER_CLASS: Final = 10
RECEIPT_BITS: Final = 0x3C


def submit_sm(text: bytes, receipts: int) -> tuple[bytes, bytes]:
    """What stands before and behind the subscriber's number, and behind the sequence_number, in a submit_sm."""
    fields: dict[str, FieldValue] = {
        "source_addr": b"1400",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": SUBSCRIBER,
        "registered_delivery": receipts,
        "short_message": text,
    }
    before, _, behind = encode(Pdu(Command.SUBMIT_SM, Status.ESME_ROK, 0, fields)).partition(SUBSCRIBER)
    return before, behind


class Esme:
    """Answers what it reads."""

    def __init__(self, receipts: int = 1) -> None:
        self._sequence = 1
        self._rest = b""
        self._code, self._receipt = submit_sm(CODE_TEXT, receipts), submit_sm(RECEIPT_TEXT, receipts)

    def answer(self, data: bytes) -> bytes:
        """Everything that is to be said to *data*."""
        data, at, answers = self._rest + data, 0, list[bytes]()
        while len(data) - at >= HEADER.size:
            length, command, _, _ = HEADER.unpack_from(data, at)
            if len(data) - at < length:
                break
            if command == Command.DELIVER_SM:
                self._take(data, at, answers)
            elif command == Command.UNBIND:
                answers += UNBIND_RESP, data[at + 12 : at + HEADER.size]
            at += length
        self._rest = data[at:]
        return b"".join(answers)

    def _take(self, data: bytes, at: int, answers: list[bytes]) -> None:
        answers += DELIVER_SM_RESP, data[at + 12 : at + HEADER.size], b"\0"
        number_end = data.index(b"\0", at + SOURCE_AT)
        class_at = data.index(b"\0", number_end + 3) + 1
        if data[class_at] & RECEIPT_BITS:
            return
        is_code = data[class_at + TEXT_AFTER_CLASS : class_at + TEXT_AFTER_CLASS + 1].isdigit()
        before, behind = self._receipt if is_code else self._code
        self._sequence += 1
        sequence = self._sequence.to_bytes(4)
        answers += before[:12], sequence, before[HEADER.size :], data[at + SOURCE_AT : number_end], behind


def main(port: int, receipts: int) -> None:
    """Bind, and answer until the SMSC has enough."""
    fields: dict[str, FieldValue] = {"system_id": b"bench", "interface_version": INTERFACE_VERSION}
    with socket.create_connection((HOST, port)) as connection, suppress(ConnectionError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(encode(Pdu(Command.BIND_TRANSCEIVER, Status.ESME_ROK, 1, fields)))
        esme = Esme(receipts)
        while data := connection.recv(READ_OCTETS):
            connection.sendall(esme.answer(data))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

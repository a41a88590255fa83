"""Net::SMPP for Perl as the other end of a session: a process of its own (`net_smpp.pl`), told what to do in JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from smsgw.smpp.constants import INTERFACE_VERSION
from smsgw.smpp.reassembly import Part, StoredPart, Whole, complete, concatenation
from smsgw.smpp.text import Alphabet, decode
from smsgw.smpp.tlv import Tag
from tests.integration.peers.processes import ended
from tests.integration.raw_smsc import WAIT_S

SCRIPT: Final = Path(__file__).with_suffix(".pl")
# A line is one PDU; a message_payload of 64 KiB grows sixfold in JSON.
LINE_OCTETS_MAX: Final = 1_000_000

Said = dict[str, Any]


class NetSmpp:
    """The running script: orders go in, PDUs that it has read come out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> Said:
        """What it reads next, by its `cmd`; every octet is a character."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), WAIT_S)
        assert line, "Net::SMPP has ended"
        said: Said = json.loads(line)
        return said

    async def heard(self, command: str) -> Said:
        """What it reads next, which must be this."""
        said = await self.next()
        assert said["cmd"] == command, said
        return said

    def order(self, method: str, *arguments: object, **fields: object) -> None:
        """Call a method of Net::SMPP, or one of the script's own."""
        assert self._process.stdin is not None
        pairs = [item for field in fields.items() for item in field]
        order = json.dumps([method, *arguments, *pairs], default=lambda octets: octets.decode("latin-1"))
        self._process.stdin.write(order.encode() + b"\n")

    def deliver(self, octets: bytes, **fields: object) -> None:
        """Send what a subscriber has written, or a receipt."""
        addresses = {"source_addr": "998901234567", "destination_addr": "1400"}
        self.order("deliver_sm", **addresses, **fields, short_message=octets)


@asynccontextmanager
async def net_smpp(*arguments: object) -> AsyncIterator[NetSmpp]:
    """Run the script in one of its roles."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "perl", SCRIPT, *map(str, arguments), stdin=pipe, stdout=pipe, limit=LINE_OCTETS_MAX
    )
    try:
        yield NetSmpp(process)
    finally:
        await ended(process)


@asynccontextmanager
async def perl_smsc(version: int = INTERFACE_VERSION) -> AsyncIterator[tuple[NetSmpp, int]]:
    """Net::SMPP as SMSC, and its port; version 0 = it does not say that it takes TLVs."""
    async with net_smpp("smsc", version) as smsc:
        yield smsc, (await smsc.heard("listening"))["port"]


@asynccontextmanager
async def perl_esme(port: int, **fields: object) -> AsyncIterator[tuple[NetSmpp, Said]]:
    """Net::SMPP as ESME, and what it was answered to its bind."""
    credentials = {"system_id": "gateway", "password": "secret1", **fields}
    async with net_smpp("esme", port, *(item for field in credentials.items() for item in field)) as esme:
        yield esme, await esme.heard("bind_transceiver_resp")


def octets(said: Said, name: str = "short_message") -> bytes:
    """A field as octets."""
    text: str = said[name]
    return text.encode("latin-1")


def joined(said: list[Said]) -> str | None:
    """The text of submit_sm or deliver_sm as a phone would join them; None when it would not."""
    parts = []
    for one in said:
        tlvs = tuple((tag, one[str(int(tag))].encode("latin-1")) for tag in Tag if str(int(tag)) in one)
        match concatenation(one["esm_class"], octets(one), tlvs):
            case Part(_, total, number, payload):
                parts.append(StoredPart(total, number, one["data_coding"], payload))
            case Whole(payload):
                return decode(payload, one["data_coding"])
    text = complete(parts, Alphabet.GSM0338)
    return text if isinstance(text, str) else None

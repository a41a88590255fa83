"""What a PDU costs: ours beside smpplib's, on the same values, in the same rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from smpplib import smpp as smpplib_smpp

from bench.figures import Figure, Section, cost_us
from smsgw.smpp.codec import decode, encode
from smsgw.smpp.constants import Command
from smsgw.smpp.pdu import Pdu

PAY: Final = "SARKOR*n25656*50000*secret1"
RECEIPT: Final = "10000042 OPLACHEN 21.11.26 17:26. SARKOR n25656: 50000 UZS, komissiya 0, vsego 50000 (balans)"

DELIVER: Final = Pdu(
    Command.DELIVER_SM,
    0,
    7,
    {
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "source_addr": b"998901234567",
        "dest_addr_npi": 1,
        "destination_addr": b"1400",
        "short_message": PAY.encode(),
    },
)
SUBMIT: Final = Pdu(
    Command.SUBMIT_SM,
    0,
    8,
    {
        "source_addr": b"1400",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": b"998901234567",
        "validity_period": b"000003000000000R",
        "registered_delivery": 1,
        "short_message": RECEIPT.encode(),
    },
)


class NoClient:
    """Smpplib numbers its PDUs by a client; there is none here."""

    sequence: Final = 0

    @staticmethod
    def next_sequence() -> int:
        """Always the same number."""
        return 0


def measure(rounds: int) -> Section:
    """Decode and encode the two PDUs that every payment is made of."""
    works = {f"{verb} {name}": work for pdu in (DELIVER, SUBMIT) for (verb, name), work in _works(pdu).items()}
    costs = cost_us(works, rounds)
    names = [name for name in works if not name.endswith(" by smpplib")]
    return Section("Codec, µs a PDU", tuple(_figure(name, costs) for name in names))


def _figure(name: str, costs: dict[str, float]) -> Figure:
    theirs = costs[f"{name} by smpplib"]
    return Figure(name, f"{costs[name]:.1f} µs", f"smpplib: {theirs:.0f} µs ({theirs / costs[name]:.0f} times)")


def _works(pdu: Pdu) -> dict[tuple[str, str], Callable[[], object]]:
    name, octets = Command(pdu.command_id).wire_name, encode(pdu)
    theirs: Any = smpplib_smpp.make_pdu(name, client=NoClient, **_smpplib_values(pdu))
    return {
        ("decode", name): lambda: decode(octets),
        ("decode", f"{name} by smpplib"): lambda: smpplib_smpp.parse_pdu(octets, client=NoClient),
        ("encode", name): lambda: encode(pdu),
        ("encode", f"{name} by smpplib"): theirs.generate,
    }


def _smpplib_values(pdu: Pdu) -> dict[str, Any]:
    """Smpplib takes C strings as str, octet strings as bytes."""
    values = pdu.fields.items()
    return {n: v.decode() if isinstance(v, bytes) and n != "short_message" else v for n, v in values}

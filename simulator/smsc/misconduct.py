"""What a fault does to a line: what is said in place of a right PDU, and what then becomes of the connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from simulator.faults.fault import DELIVER_SM, Fault
from simulator.faults.utterances import ANSWERS, SEQUENCE, Utterance, utter
from simulator.smsc.agenda import Agenda
from simulator.smsc.lines import Line
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import RESPONSE_BIT, Command, Status
from smsgw.smpp.pdu import Pdu

NOTHING_ASKED: Final = Pdu(Command.ENQUIRE_LINK | RESPONSE_BIT, Status.ESME_ROK, SEQUENCE, {})
"""The response to a request that was never made, for what is said without one."""

OUTGOING: Final = {
    Command.ENQUIRE_LINK_RESP: Command.ENQUIRE_LINK.wire_name,
    Command.UNBIND_RESP: Command.UNBIND.wire_name,
    Command.DELIVER_SM: DELIVER_SM,
}
"""What a session writes by itself, and what faults call it."""

Action = Callable[[float], None]


def say(line: Line, response: Pdu, fault: Fault) -> bool:
    """Say what the fault lists, or else the right response, or nothing; False if the request is left unanswered.

    The first answer goes through the session, which is bound by it and adds no TLVs where the gateway takes none.
    """
    if fault.disconnect_before or (fault.no_response and not fault.say):
        return False
    answered = False
    for what in fault.say or (Utterance.RESPONSE,):
        if what in ANSWERS and not answered and response.sequence != SEQUENCE:
            tlvs = (*response.tlvs, *ANSWERS[what])
            line.session.respond(response.sequence, response.status, response.fields, tlvs)
            answered = True
        else:
            line.say(utter(what, response))
    return answered


def instead(pdu: Pdu, fault: Fault) -> bytes:
    """The octets that leave in place of one that the session has written."""
    if fault.disconnect_before or (fault.no_response and not fault.say):
        return b""
    pdu = pdu._replace(status=fault.status or pdu.status)
    said = b"".join(utter(what, pdu) for what in fault.say) if fault.say else encode(pdu)
    return said * fault.copies


def break_off(line: Line, fault: Fault, later: Agenda[Action], now_s: float) -> None:
    """Do to the connection what the fault says comes after the answer."""
    line.cut = line.cut or fault.disconnect_after or fault.disconnect_before
    line.octet_every_s = fault.octet_every_s or line.octet_every_s
    if fault.stall_s:
        line.hold()
        later.put(now_s + fault.stall_s, lambda _now_s: line.release())
    if fault.unbind_after and line.session.is_bound:
        line.session.unbind(now_s)
    if fault.mute_after:
        line.mute()

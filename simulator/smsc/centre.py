"""The message centre: takes what gateways submit, delivers it when it is time, and answers for it.

Rule 1: what is submitted waits for its schedule_delivery_time and the operator's own `delivery_s`, then it is in the
inbox; until then it can be cancelled or replaced, and its validity_period may end it.
Rule 2: nobody can ask for, cancel or replace what another system_id, or another source address, has sent.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Final

from simulator.settings import SmscSettings
from simulator.smsc.journal import Kind
from simulator.smsc.lines import Line
from simulator.smsc.messages import MESSAGES_MAX, Message, Messages
from simulator.smsc.mo import NUMBER_MAX
from simulator.smsc.mt import Mt, MtReader
from simulator.smsc.receipt_desk import Around, ReceiptDesk
from simulator.smsc.reply import RefusedError, Reply
from simulator.smsc.times import seconds_until, write_time
from smsgw.smpp.constants import Command, MessageState, Status
from smsgw.smpp.layouts import DEST_FLAG_SME_ADDRESS
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.tlv import Tag

CARRIERS: Final = frozenset({Command.SUBMIT_SM, Command.DATA_SM})
"""Requests that carry a text to one destination."""

REPLACED: Final = ("registered_delivery", "sm_default_msg_id", "short_message")
"""What replace_sm always changes; its times only where they are given (SMPP 3.4, 4.10.1)."""


class MessageCentre:
    """One operator's. `receipts` is the desk that tells what became of messages."""

    def __init__(self, settings: SmscSettings, name: str, around: Around) -> None:
        self.messages = Messages()
        self.receipts = ReceiptDesk(settings.fates, around)
        self.waiting = 0
        self._settings = settings
        self._name = name
        self._around = around
        self._reader = MtReader(settings.alphabet)
        self._numbers = settings.first_id - 1

    def answer(self, line: Line, pdu: Pdu, now_s: float) -> Reply:
        """Do what a gateway asks, and say what came of it."""
        try:
            if pdu.command_id in CARRIERS:
                return self._submit(line, pdu, now_s)
            match pdu.command_id:
                case Command.SUBMIT_MULTI:
                    return self._submit_multi(line, pdu, now_s)
                case Command.QUERY_SM:
                    return self._query(line, pdu)
                case Command.CANCEL_SM:
                    return self._cancel(line, pdu, now_s)
                case _:
                    return self._replace(line, pdu, now_s)
        except RefusedError as refused:
            return Reply(refused.status)

    def of(self, mt: Mt) -> list[Message]:
        """The messages that a text came in, as far as they are remembered."""
        found = (one for message_id in mt.message_ids for one in self.messages.get(message_id))
        return [one for one in found if one.destination.decode("latin-1") == mt.to]

    # What is submitted.

    def _submit(self, line: Line, pdu: Pdu, now_s: float) -> Reply:
        _judge_addresses(pdu)
        message_id = self._next_id()
        self._take(self._message(message_id, line, pdu, now_s), now_s)
        return Reply(Status.ESME_ROK, {"message_id": message_id.encode("ascii")})

    def _submit_multi(self, line: Line, pdu: Pdu, now_s: float) -> Reply:
        """One message for each destination, all of one id; those that cannot be reached are named in the answer."""
        destinations = pdu.fields["dest_addresses"]
        assert isinstance(destinations, tuple)
        if not destinations:
            raise RefusedError(Status.ESME_RINVNUMDESTS)
        message_id = self._next_id()
        taken, failed = [], []
        for destination in destinations:
            try:
                taken.append(self._message(message_id, line, _to(pdu, destination), now_s))
            except RefusedError as refused:
                failed.append(_unsuccess(destination, refused.status))
        for message in taken:
            self._take(message, now_s)
        status = Status.ESME_ROK if taken else Status.ESME_RSUBMITFAIL
        return Reply(status, {"message_id": message_id.encode("ascii"), "unsuccess_smes": tuple(failed)})

    def _message(self, message_id: str, line: Line, pdu: Pdu, now_s: float) -> Message:
        if self.waiting >= MESSAGES_MAX:
            raise RefusedError(Status.ESME_RMSGQFUL)
        due_s, expires_s = self._times(pdu, now_s)
        fate = self.receipts.fates.draw()
        return Message(message_id, self._numbers, line, pdu, now_s, due_s, fate, expires_s)

    def _times(self, pdu: Pdu, now_s: float) -> tuple[float, float]:
        """When a message is to be delivered, and when it has expired."""
        schedule, validity = pdu.fields.get("schedule_delivery_time", b""), pdu.fields.get("validity_period", b"")
        if not schedule and not validity and not pdu.tlvs:
            return now_s + self._settings.delivery_s, math.inf
        wait_s = self._seconds(schedule, now_s, Status.ESME_RINVSCHED)
        valid_s = self._seconds(validity, now_s, Status.ESME_RINVEXPIRY)
        if valid_s is None:
            valid_s = pdu.tlv_integer(Tag.QOS_TIME_TO_LIVE)  # of a data_sm (SMPP 3.4, 5.3.2.9)
        if valid_s is not None and valid_s < 0:
            raise RefusedError(Status.ESME_RINVEXPIRY)
        due_s = now_s + max(0.0, wait_s or 0.0) + self._settings.delivery_s
        return due_s, math.inf if valid_s is None else now_s + valid_s

    def _seconds(self, octets: FieldValue, now_s: float, status: Status) -> float | None:
        assert isinstance(octets, bytes)
        if not octets:
            return None
        try:
            return seconds_until(octets, self._around.unix_s(now_s))
        except ValueError:
            raise RefusedError(status) from None

    def _next_id(self) -> str:
        self._numbers += 1
        return f"{self._numbers}" if self._settings.decimal_ids else f"{self._numbers:08X}"

    # What becomes of it.

    def _take(self, message: Message, now_s: float) -> None:
        self.messages.add(message)
        self.waiting += 1
        self._go_on(message, now_s)

    def _go_on(self, message: Message, now_s: float) -> None:
        """Deliver a message, or let it expire, or wait until either is due."""
        if not message.waiting:
            return
        if now_s < message.next_s:
            self._around.agenda.put(message.next_s, partial(self._go_on, message))
            return
        self.waiting -= 1
        if message.due_s <= message.expires_s:
            self._deliver(message, now_s)
        else:
            self.receipts.end(message, MessageState.EXPIRED, now_s)

    def _deliver(self, message: Message, now_s: float) -> None:
        message.waiting = False
        mt = self._reader.read(message.submit, message.system_id, message.id, now_s)
        if mt is not None:
            mt = mt.noted(self._around.journal.next_id, self._around.unix_s(now_s), self._name)
            self._around.note(now_s, Kind.MT, mt.to.removeprefix("+"), mt)
        self.receipts.plan(message, now_s)

    # What is asked about it.

    def _query(self, line: Line, pdu: Pdu) -> Reply:
        found = self.messages.of(line.system_id, pdu.octets("message_id"), pdu.octets("source_addr"))
        if not found:
            raise RefusedError(Status.ESME_RQUERYFAIL)
        message = found[0]
        ended_at_s = message.final_at_s
        final_date = b"" if ended_at_s is None else write_time(self._around.unix_s(ended_at_s))
        fields: dict[str, FieldValue] = {"message_id": pdu.octets("message_id"), "final_date": final_date}
        return Reply(Status.ESME_ROK, {**fields, "message_state": int(message.state)})

    def _cancel(self, line: Line, pdu: Pdu, now_s: float) -> Reply:
        """Cancel one message by its id, or without one all between two numbers (SMPP 3.4, 4.9.1)."""
        message_id, source = pdu.octets("message_id"), pdu.octets("source_addr")
        if message_id:
            found = [one for one in self.messages.of(line.system_id, message_id, source) if one.waiting]
        else:
            to, service_type = pdu.octets("destination_addr"), pdu.octets("service_type")
            found = self.messages.waiting(line.system_id, source, to, service_type)
        if not found:
            raise RefusedError(Status.ESME_RCANCELFAIL)
        for message in found:
            self.waiting -= 1
            self.receipts.end(message, MessageState.DELETED, now_s)
        return Reply(Status.ESME_ROK)

    def _replace(self, line: Line, pdu: Pdu, now_s: float) -> Reply:
        found = self.messages.of(line.system_id, pdu.octets("message_id"), pdu.octets("source_addr"))
        waiting = [one for one in found if one.waiting]
        if not waiting:
            raise RefusedError(Status.ESME_RREPLACEFAIL)
        due_s, expires_s = self._times(pdu, now_s)
        for message in waiting:
            planned_s = message.next_s
            if pdu.fields["schedule_delivery_time"]:
                message.due_s = due_s
            if pdu.fields["validity_period"]:
                message.expires_s = expires_s
            message.submit = _replaced(message.submit, pdu)
            if message.next_s != planned_s:
                self._go_on(message, now_s)
        return Reply(Status.ESME_ROK)


def _judge_addresses(pdu: Pdu) -> None:
    # The addresses of a data_sm may be longer than those of the deliver_sm that a receipt would travel in.
    if not 1 <= len(pdu.octets("destination_addr")) <= NUMBER_MAX:
        raise RefusedError(Status.ESME_RINVDSTADR)
    if len(pdu.octets("source_addr")) > NUMBER_MAX:
        raise RefusedError(Status.ESME_RINVSRCADR)


def _to(pdu: Pdu, destination: dict[str, int | bytes]) -> Pdu:
    """The submit_sm to one destination of a submit_multi."""
    if destination["dest_flag"] != DEST_FLAG_SME_ADDRESS:
        raise RefusedError(Status.ESME_RCNTSUBDL)  # there are no distribution lists here
    if not destination["destination_addr"]:
        raise RefusedError(Status.ESME_RINVDSTADR)
    fields = {**pdu.fields, **destination}
    del fields["dest_addresses"], fields["dest_flag"]
    return Pdu(Command.SUBMIT_SM, Status.ESME_ROK, pdu.sequence, fields, pdu.tlvs)


def _unsuccess(destination: dict[str, int | bytes], status: Status) -> dict[str, int | bytes]:
    """Name a destination that was not reached (SMPP 3.4, 4.5.2.1); a list has no address but its name."""
    address = {name: destination.get(name, 0) for name in ("dest_addr_ton", "dest_addr_npi")}
    name = destination.get("destination_addr", destination.get("dl_name", b""))
    return {**address, "destination_addr": name, "error_status_code": int(status)}


def _replaced(submit: Pdu, replacement: Pdu) -> Pdu:
    """A message with its new text; a message_payload had the old one."""
    fields = submit.fields | {name: replacement.fields[name] for name in REPLACED if name in submit.fields}
    fields["short_message"] = replacement.fields["short_message"]
    tlvs = tuple((tag, value) for tag, value in submit.tlvs if tag != Tag.MESSAGE_PAYLOAD)
    return submit._replace(fields=fields, tlvs=tlvs)

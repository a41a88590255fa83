"""Who may bind, how, and how often."""

from __future__ import annotations

from collections.abc import Callable

from simulator.settings import SmscSettings
from smsgw.smpp.constants import Status, command_name
from smsgw.smpp.pdu import Pdu


def judge_bind(settings: SmscSettings, pdu: Pdu, bound: Callable[[str], int]) -> Status:
    """What a bind is answered with; *bound* counts the binds that a system_id has already."""
    system_id = pdu.octets("system_id").decode("latin-1")
    credentials = settings.credentials
    if credentials and system_id not in credentials:
        return Status.ESME_RINVSYSID
    if credentials and pdu.octets("password").decode("latin-1") != credentials[system_id]:
        return Status.ESME_RINVPASWD
    rules = settings.account_rules.get(system_id)
    if rules is None:
        return Status.ESME_ROK
    if rules.binds and command_name(pdu.command_id).removeprefix("bind_") not in rules.binds:
        return Status.ESME_RBINDFAIL
    if rules.binds_max and bound(system_id) >= rules.binds_max:
        return Status.ESME_RALYBND
    return Status.ESME_ROK

"""What an SMSC and a gateway are to each other where one of them is older than SMPP 3.4."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.faults.fault import Fault, Form
from simulator.settings import SmscSettings
from simulator.smsc.mo import MoState
from smsgw.smpp.segments import Method
from tests.unit.simulator.smsc.test_smsc import HELP, House


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize(("version", "allowed"), [(0, False), (0x33, False), (0x34, True), (0x50, True)])
def test_an_older_smsc_announces_no_parameters(version: int, allowed: bool) -> None:  # noqa: FBT001 -- a column
    gateway = House(SmscSettings(interface_version=version)).gateway()
    assert gateway.session.tlvs_allowed is allowed


@pytest.mark.parametrize("version", [0, 0x33])
@pytest.mark.parametrize(("form", "tlvs"), [(Form.BOTH, False), (Form.TEXT, False), (Form.TLVS, True)])
def test_receipts_of_an_older_smsc_have_parameters_only_where_they_are_asked_for(
    version: int,
    form: Form,
    tlvs: bool,  # noqa: FBT001 -- a column
) -> None:
    house = House(SmscSettings(interface_version=version, receipt_delay_s=2.0))
    gateway = house.gateway()
    house.smsc.faults.put("receipt", Fault(form=form))
    gateway.submit(registered_delivery=1)
    house.wait(2.0)
    (pdu,) = gateway.texts()
    assert (bool(pdu.tlvs), bool(pdu.octets("short_message"))) == (tlvs, not tlvs)


def test_what_an_older_gateway_cannot_be_given_is_given_up_and_not_given_in_part(house: House) -> None:
    gateway = house.gateway(version=0x33)
    lost = [house.send(replace(HELP, method=method, text="HELP" * 100)) for method in (Method.PAYLOAD, Method.SAR)]
    odd, plain = house.send(replace(HELP, tlvs=((0x1400, b"x"),))), house.send()
    assert [mo.state for mo in (*lost, odd)] == [MoState.GIVEN_UP] * 3
    assert [pdu.octets("short_message") for pdu in gateway.texts()] == [b"HELP"]
    gateway.answer(gateway.texts()[0])
    assert (plain.state, house.smsc.queue.open) == (MoState.ACKED, 0)


def test_what_one_gateway_is_too_old_for_goes_to_another(house: House) -> None:
    old, young = house.gateway(version=0x33), house.gateway("two", "pass2")
    for _ in range(2):
        house.send(replace(HELP, method=Method.PAYLOAD, text="HELP" * 100))
    assert [len(gateway.texts()) for gateway in (old, young)] == [0, 2]

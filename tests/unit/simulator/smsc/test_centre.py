"""What gateways submit waits for its time, can be cancelled or replaced until then, and is answered for."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.settings import SmscSettings
from simulator.smsc.messages import MESSAGES_MAX
from simulator.smsc.reply import Reply
from smsgw.smpp.constants import Command, MessageState, Status
from smsgw.smpp.tlv import Tag
from tests.unit.simulator.smsc.message_house import SLOW, TO_ANNA, House


@pytest.fixture
def house() -> House:
    return House()


# When a message is delivered.


@pytest.mark.parametrize(
    ("settings", "fields", "due_s"),
    [
        (SmscSettings(), {}, 0.0),
        (SLOW, {}, 5.0),
        (SmscSettings(), {"schedule_delivery_time": b"000000000010000R"}, 10.0),
        (SmscSettings(), {"schedule_delivery_time": b"261118110700000+"}, 20.0),
        (SmscSettings(), {"schedule_delivery_time": b"261118110600000+"}, 0.0),  # in the past: now
        (SLOW, {"schedule_delivery_time": b"000000000010000R"}, 15.0),
        (SLOW, {"schedule_delivery_time": b"261118110600000+"}, 5.0),
        (SLOW, {"validity_period": b"000000000005000R"}, 5.0),  # just in time
    ],
)
def test_a_message_is_in_the_inbox_when_it_is_due(settings: SmscSettings, fields: Any, due_s: float) -> None:
    house = House(settings)
    house.submit(**fields)
    if due_s:
        house.wait(due_s - 0.1)
        assert (house.inbox, house.centre.waiting) == ([], 1)
        house.wait(0.1)
    assert (house.inbox, house.centre.waiting) == (["PAID"], 0)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"schedule_delivery_time": b"tomorrow"}, Status.ESME_RINVSCHED),
        ({"schedule_delivery_time": b"261318110700000+"}, Status.ESME_RINVSCHED),
        ({"validity_period": b"5 minutes"}, Status.ESME_RINVEXPIRY),
        ({"validity_period": b"261118110600000+"}, Status.ESME_RINVEXPIRY),  # over before it was sent
    ],
)
def test_a_time_that_is_none_is_refused(house: House, fields: Any, status: Status) -> None:
    assert house.ask(Command.SUBMIT_SM, **TO_ANNA, **fields).status is status


def test_a_message_whose_validity_ends_before_its_delivery_expires(house: House) -> None:
    message_id = house.submit(validity_period=b"000000000003000R", registered_delivery=1)
    house.wait(3.0)
    assert (house.query(message_id), house.states) == (MessageState.EXPIRED, [MessageState.EXPIRED])
    house.wait(10.0)
    assert (house.inbox, house.centre.waiting) == ([], 0)


def test_a_data_sm_has_its_time_to_live_in_a_parameter(house: House) -> None:
    tlvs = ((Tag.MESSAGE_PAYLOAD, b"PAID"), (Tag.QOS_TIME_TO_LIVE, b"\0\0\0\x03"))
    house.ask(Command.DATA_SM, tlvs=tlvs, **TO_ANNA)
    house.wait(10.0)
    assert house.inbox == []


def test_too_many_that_wait_are_refused(house: House) -> None:
    house.centre.waiting = MESSAGES_MAX - 1
    assert house.ask(Command.SUBMIT_SM, **TO_ANNA).status is Status.ESME_ROK
    assert house.ask(Command.SUBMIT_SM, **TO_ANNA).status is Status.ESME_RMSGQFUL


# query_sm


def test_a_query_follows_a_message_from_its_way_to_its_end(house: House) -> None:
    message_id = house.submit(registered_delivery=1)
    assert house.query(message_id) is MessageState.ENROUTE
    house.wait(5.0)
    house.wait(2.0)
    reply = house.ask(Command.QUERY_SM, message_id=message_id, source_addr=b"1400")
    assert reply == Reply(
        Status.ESME_ROK,
        {"message_id": message_id, "final_date": b"261118110647000+", "message_state": MessageState.DELIVERED},
    )


@pytest.mark.parametrize(
    ("message_id", "system_id", "source"),
    [
        (b"FFFFFFFF", "one", b"1400"),
        (b"00000001", "two", b"1400"),
        (b"00000001", "one", b"1500"),
        (b"", "one", b"1400"),
    ],
)
def test_a_query_for_what_is_not_ones_own_fails(house: House, message_id: bytes, system_id: str, source: bytes) -> None:
    house.submit()
    reply = house.ask(Command.QUERY_SM, system_id, message_id=message_id, source_addr=source)
    assert reply.status is Status.ESME_RQUERYFAIL


# cancel_sm


def test_what_is_cancelled_in_time_is_never_delivered(house: House) -> None:
    message_id = house.submit(registered_delivery=1)
    reply = house.ask(Command.CANCEL_SM, message_id=message_id, **TO_ANNA)
    assert (reply.status, house.query(message_id)) == (Status.ESME_ROK, MessageState.DELETED)
    house.wait(10.0)
    assert (house.inbox, house.states, house.centre.waiting) == ([], [MessageState.DELETED], 0)


@pytest.mark.parametrize(
    ("wait_s", "fields", "system_id"),
    [
        (5.0, {}, "one"),  # delivered already
        (0.0, {"source_addr": b"1500"}, "one"),
        (0.0, {"message_id": b"FFFFFFFF"}, "one"),
        (0.0, {}, "two"),
    ],
)
def test_what_cannot_be_cancelled_is_said_to_be_so(house: House, wait_s: float, fields: Any, system_id: str) -> None:
    message_id = house.submit()
    house.wait(wait_s)
    asked: dict[str, Any] = {"message_id": message_id, **TO_ANNA, **fields}
    reply = house.ask(Command.CANCEL_SM, system_id, **asked)
    assert reply.status is Status.ESME_RCANCELFAIL
    house.wait(5.0)
    assert house.inbox == ["PAID"]


def test_a_cancelled_message_cannot_be_cancelled_again(house: House) -> None:
    message_id = house.submit()
    statuses = [house.ask(Command.CANCEL_SM, message_id=message_id, **TO_ANNA).status for _ in range(2)]
    assert statuses == [Status.ESME_ROK, Status.ESME_RCANCELFAIL]


def test_without_an_id_all_between_two_numbers_are_cancelled(house: House) -> None:
    house.submit()
    house.submit(short_message=b"CODE", service_type=b"WAP")
    house.submit(short_message=b"OTHER", destination_addr=b"998907777777")
    assert house.ask(Command.CANCEL_SM, service_type=b"VM", **TO_ANNA).status is Status.ESME_RCANCELFAIL
    assert house.ask(Command.CANCEL_SM, service_type=b"WAP", **TO_ANNA).status is Status.ESME_ROK
    assert house.ask(Command.CANCEL_SM, **TO_ANNA).status is Status.ESME_ROK
    house.wait(10.0)
    assert house.inbox == ["OTHER"]


# replace_sm


def test_what_is_replaced_in_time_arrives_with_its_new_text(house: House) -> None:
    message_id = house.submit(registered_delivery=0)
    new: dict[str, Any] = {"short_message": b"NOT PAID", "registered_delivery": 1}
    assert house.ask(Command.REPLACE_SM, message_id=message_id, source_addr=b"1400", **new).status is Status.ESME_ROK
    house.wait(5.0)
    house.wait(2.0)
    assert (house.inbox, house.states) == (["NOT PAID"], [MessageState.DELIVERED])


def test_a_payload_is_replaced_by_a_short_message(house: House) -> None:
    reply = house.ask(Command.SUBMIT_SM, tlvs=((Tag.MESSAGE_PAYLOAD, b"LONG"),), **TO_ANNA)
    assert reply.fields is not None
    house.ask(Command.REPLACE_SM, message_id=reply.fields["message_id"], source_addr=b"1400", short_message=b"SHORT")
    house.wait(5.0)
    assert house.inbox == ["SHORT"]


@pytest.mark.parametrize(
    ("fields", "quiet_s", "inbox"),
    [
        ({"schedule_delivery_time": b"000000000020000R"}, 24.0, ["NEW"]),
        ({"validity_period": b"000000000002000R"}, 2.0, []),
        ({"schedule_delivery_time": b"000000000000000R", "validity_period": b"000000010000000R"}, 4.0, ["NEW"]),
    ],
)
def test_times_are_replaced_where_new_ones_are_given(
    house: House, fields: Any, quiet_s: float, inbox: list[str]
) -> None:
    message_id = house.submit()
    house.ask(Command.REPLACE_SM, message_id=message_id, source_addr=b"1400", short_message=b"NEW", **fields)
    house.wait(quiet_s)
    assert house.inbox == []
    house.wait(3.0)
    assert (house.inbox, house.centre.waiting) == (inbox, 0)


def test_a_new_time_counts_from_when_it_is_given(house: House) -> None:
    """The old one, which would have come later, is forgotten."""
    message_id = house.submit()
    house.ask(Command.REPLACE_SM, message_id=message_id, source_addr=b"1400", validity_period=b"000000000002000R")
    house.wait(2.0)
    assert house.query(message_id) is MessageState.EXPIRED


@pytest.mark.parametrize(
    ("wait_s", "source", "fields", "status"),
    [
        (5.0, b"1400", {}, Status.ESME_RREPLACEFAIL),
        (0.0, b"1500", {}, Status.ESME_RREPLACEFAIL),
        (0.0, b"1400", {"message_id": b"FFFFFFFF"}, Status.ESME_RREPLACEFAIL),
        (0.0, b"1400", {"schedule_delivery_time": b"later"}, Status.ESME_RINVSCHED),
    ],
)
def test_what_cannot_be_replaced_stays(house: House, wait_s: float, source: bytes, fields: Any, status: Status) -> None:
    message_id = house.submit()
    house.wait(wait_s)
    new: dict[str, Any] = {"message_id": message_id, "source_addr": source, "short_message": b"NEW", **fields}
    assert house.ask(Command.REPLACE_SM, **new).status is status
    house.wait(5.0)
    assert house.inbox == ["PAID"]


# submit_multi


def to(number: bytes) -> dict[str, int | bytes]:
    return {"dest_flag": 1, "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": number}


def test_a_submit_multi_reaches_those_it_can_and_names_the_others() -> None:
    house = House(SmscSettings())
    destinations = (to(b"99890"), {"dest_flag": 2, "dl_name": b"staff"}, to(b""), to(b"99891"))
    reply = house.ask(Command.SUBMIT_MULTI, source_addr=b"1400", dest_addresses=destinations, short_message=b"NEWS")
    assert reply.fields is not None
    failed = reply.fields["unsuccess_smes"]
    assert isinstance(failed, tuple)
    assert (reply.status, house.inbox) == (Status.ESME_ROK, ["NEWS", "NEWS"])
    assert [(one["destination_addr"], one["error_status_code"]) for one in failed] == [
        (b"staff", Status.ESME_RCNTSUBDL),
        (b"", Status.ESME_RINVDSTADR),
    ]


def test_each_destination_of_a_submit_multi_has_a_receipt_of_its_own() -> None:
    house = House(SmscSettings())
    house.ask(
        Command.SUBMIT_MULTI,
        source_addr=b"1400",
        dest_addresses=(to(b"99890"), to(b"99891")),
        registered_delivery=1,
    )
    house.wait(1.0)
    assert [delivery.fields["source_addr"] for delivery in house.queue.waiting()["one"]] == [b"99890", b"99891"]


@pytest.mark.parametrize(
    ("destinations", "status"),
    [((), Status.ESME_RINVNUMDESTS), ((to(b""),), Status.ESME_RSUBMITFAIL)],
)
def test_a_submit_multi_to_nobody_is_refused(house: House, destinations: Any, status: Status) -> None:
    assert house.ask(Command.SUBMIT_MULTI, source_addr=b"1400", dest_addresses=destinations).status is status

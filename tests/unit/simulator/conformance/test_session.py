"""A session is judged PDU by PDU, by hand on a clock: an honest gateway is never blamed, each breach is named once."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.conformance.session import Limits, SessionJudge
from smsgw.smpp.codec import encode
from smsgw.smpp.constants import INTERFACE_VERSION, RESPONSE_BIT, Command, Status
from smsgw.smpp.events import CloseReason
from smsgw.smpp.frames import HEADER
from smsgw.smpp.pdu import Pdu
from smsgw.smpp.tlv import SC_INTERFACE_VERSION_34, Tag, Tlvs

LIMITS = Limits(window=2, response_s=30.0)
TEXT = {"source_addr": b"1400", "destination_addr": b"998901234567", "short_message": b"PAID"}
BOTH_TEXTS = b"\0" * 16 + b"\x01A" + b"\x04\x24\0\x01B"


class Stage:
    """A judge, and the two sides that it watches."""

    def __init__(self) -> None:
        self.judge = SessionJudge(LIMITS)
        self.now_s = 0.0

    def bound(self, bind: Command = Command.BIND_TRANSCEIVER, version: int = INTERFACE_VERSION) -> Stage:
        """The gateway binds, as it should, under number 1."""
        assert self.asks(bind, 1, {"system_id": b"gateway", "interface_version": version}) == []
        self.we_answer(bind, 1, tlvs=(SC_INTERFACE_VERSION_34,))
        return self

    def comes(self, frame: bytes) -> list[str]:
        return [finding.name for finding in self.judge.came(frame, self.now_s)]

    def asks(
        self, command: int, sequence: int, fields: dict[str, Any] | None = None, status: int = 0, tlvs: Tlvs = ()
    ) -> list[str]:
        return self.comes(encode(Pdu(command, status, sequence, fields or {}, tlvs)))

    def answers(self, command: int, sequence: int, status: int = 0, **fields: Any) -> list[str]:
        whole = encode(Pdu(command | RESPONSE_BIT, status, sequence, fields))
        return self.comes(whole)

    def we_ask(self, command: int, sequence: int) -> None:
        self.judge.sent(encode(Pdu(command, 0, sequence, {})), self.now_s)

    def we_answer(self, command: int, sequence: int, status: int = 0, tlvs: Tlvs = ()) -> None:
        self.judge.sent(encode(Pdu(command | RESPONSE_BIT, status, sequence, {}, tlvs)), self.now_s)


@pytest.fixture
def stage() -> Stage:
    return Stage().bound()


def test_an_honest_gateway_is_never_blamed(stage: Stage) -> None:
    """A whole life: texts both ways, questions both ways, a refusal, out-of-order answers, and a farewell."""
    stage.we_ask(Command.DELIVER_SM, 1)
    stage.we_ask(Command.DELIVER_SM, 2)
    assert stage.answers(Command.DELIVER_SM, 2, Status.ESME_RX_T_APPN) == []
    assert stage.answers(Command.DELIVER_SM, 1) == []
    assert stage.asks(Command.SUBMIT_SM, 2, TEXT, tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\0\1"),)) == []
    stage.we_answer(Command.SUBMIT_SM, 2)
    assert stage.asks(Command.ENQUIRE_LINK, 3) == []
    stage.we_answer(Command.ENQUIRE_LINK, 3)
    stage.we_ask(Command.ENQUIRE_LINK, 3)
    assert stage.answers(Command.ENQUIRE_LINK, 3) == []
    assert stage.asks(Command.UNBIND, 4) == []
    stage.we_answer(Command.UNBIND, 4)
    assert stage.judge.closed(1e6, CloseReason.CONNECTION_LOST) == []


@pytest.mark.parametrize(
    ("frame", "rule"),
    [
        pytest.param(b"\0\0\0\x0f" + bytes(11), "no_smpp", id="a_length_below_the_header"),
        pytest.param(HEADER.pack(16, 0x0001_0200, 0, 2), "unknown_command", id="a_vendors_command"),
        pytest.param(HEADER.pack(16, Command.ENQUIRE_LINK, 1, 2), "request_status", id="a_request_with_a_status"),
        pytest.param(HEADER.pack(16, Command.ENQUIRE_LINK, 0, 0), "sequence_range", id="number_0"),
        pytest.param(HEADER.pack(16, Command.ENQUIRE_LINK, 0, 0x8000_0000), "sequence_range", id="one_too_high"),
        pytest.param(HEADER.pack(16, Command.ENQUIRE_LINK, 0, 1), "sequence_order", id="a_number_again"),
        pytest.param(HEADER.pack(17, Command.SUBMIT_SM, 0, 2) + b"A", "body", id="a_string_without_its_nul"),
        pytest.param(HEADER.pack(39, Command.SUBMIT_SM, 0, 2) + BOTH_TEXTS, "two_texts", id="both_forms_of_a_text"),
        pytest.param(encode(Pdu(Command.SUBMIT_SM, 0, 2, {})), "destination", id="a_field_of_a_message"),
        pytest.param(encode(Pdu(Command.BIND_RECEIVER, 0, 2, {})), "bind_again", id="a_second_bind"),
        pytest.param(encode(Pdu(Command.DELIVER_SM, 0, 2, {})), "wrong_state", id="what_only_an_smsc_sends"),
    ],
)
def test_a_request_that_breaks_smpp_is_named(stage: Stage, frame: bytes, rule: str) -> None:
    assert stage.comes(frame) == [rule]


@pytest.mark.parametrize(
    ("bind", "command"),
    [(Command.BIND_RECEIVER, Command.SUBMIT_SM), (Command.BIND_RECEIVER, Command.QUERY_SM), (None, Command.SUBMIT_SM)],
)
def test_each_state_allows_its_own_requests(bind: Command | None, command: Command) -> None:
    stage = Stage() if bind is None else Stage().bound(bind)
    fields = TEXT if command is Command.SUBMIT_SM else {}
    assert stage.asks(command, 2, fields) == ["wrong_state"]


def test_before_the_bind_is_answered_nothing_is_bound() -> None:
    stage = Stage()
    assert stage.asks(Command.BIND_TRANSCEIVER, 1) == []
    assert stage.asks(Command.BIND_TRANSCEIVER, 2) == ["bind_again"]
    assert stage.asks(Command.SUBMIT_SM, 3, TEXT) == ["wrong_state", "window"]


def test_a_refused_bind_binds_nothing() -> None:
    stage = Stage()
    assert stage.asks(Command.BIND_TRANSCEIVER, 1) == []
    stage.we_answer(Command.BIND_TRANSCEIVER, 1, Status.ESME_RINVPASWD)
    assert stage.asks(Command.SUBMIT_SM, 2, TEXT) == ["wrong_state"]
    assert stage.asks(Command.BIND_TRANSCEIVER, 3) == []


def test_what_we_shall_never_answer_is_in_flight_for_us_alone(stage: Stage) -> None:
    for sequence in (2, 3):
        assert stage.asks(Command.SUBMIT_SM, sequence, TEXT) == []
        stage.judge.let_go(sequence)
    stage.judge.let_go(9)
    said = [stage.asks(Command.SUBMIT_SM, sequence, TEXT) for sequence in (4, 5, 6)]
    assert said == [[], [], ["window"]]


def test_a_bind_that_we_shall_never_answer_is_still_a_bind() -> None:
    stage = Stage()
    assert stage.asks(Command.BIND_TRANSCEIVER, 1) == []
    stage.judge.let_go(1)
    assert stage.asks(Command.BIND_TRANSCEIVER, 2) == ["bind_again"]


def test_a_number_may_return_when_its_request_is_answered_but_not_before(stage: Stage) -> None:
    assert stage.asks(Command.SUBMIT_SM, 2, TEXT) == []
    assert stage.asks(Command.SUBMIT_SM, 2, TEXT) == ["sequence_reused"]


def test_numbers_may_begin_again_after_the_last(stage: Stage) -> None:
    assert stage.asks(Command.ENQUIRE_LINK, 0x7FFF_FFFF) == []
    assert stage.asks(Command.ENQUIRE_LINK, 2) == []


def test_more_in_flight_than_agreed_is_said_once_until_there_is_room_again(stage: Stage) -> None:
    said = [stage.asks(Command.SUBMIT_SM, number, TEXT) for number in range(2, 6)]
    assert said == [[], [], ["window"], []]
    for number in range(2, 6):
        stage.we_answer(Command.SUBMIT_SM, number)
    said = [stage.asks(Command.SUBMIT_SM, number, TEXT) for number in range(6, 9)]
    assert said == [[], [], ["window"]]


@pytest.mark.parametrize(("version", "names"), [(0x33, ["tlvs_before_34"]), (0x34, [])])
def test_parameters_need_version_34_on_both_sides(version: int, names: list[str]) -> None:
    stage = Stage().bound(version=version)
    assert stage.asks(Command.SUBMIT_SM, 2, TEXT, tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\0\1"),)) == names


def test_nothing_is_asked_after_an_unbind(stage: Stage) -> None:
    assert stage.asks(Command.UNBIND, 2) == []
    assert stage.asks(Command.SUBMIT_SM, 3, TEXT) == ["after_unbind"]


def test_a_line_is_left_by_unbind(stage: Stage) -> None:
    assert [finding.name for finding in stage.judge.closed(1.0, CloseReason.CONNECTION_LOST)] == ["no_unbind"]


@pytest.mark.parametrize(
    ("reason", "rules"),
    [
        (CloseReason.SESSION_INIT_TIMEOUT, ["no_bind"]),
        (CloseReason.PDU_READ_TIMEOUT, ["half_a_pdu"]),
        (CloseReason.ENQUIRE_LINK_TIMEOUT, ["unanswered"]),
        (CloseReason.UNBIND_TIMEOUT, ["unanswered"]),
        (CloseReason.UNBOUND_BY_US, []),
    ],
)
def test_a_gateway_that_was_given_up_is_told_why(reason: CloseReason, rules: list[str]) -> None:
    assert [finding.name for finding in SessionJudge(LIMITS).closed(1.0, reason)] == rules


def test_a_line_that_we_cut_needs_no_unbind(stage: Stage) -> None:
    assert stage.judge.closed(1.0, None) == []


def test_a_request_without_an_answer_is_named_when_its_time_is_over(stage: Stage) -> None:
    stage.we_ask(Command.DELIVER_SM, 1)
    assert stage.judge.tick(29.9) == []
    assert [finding.name for finding in stage.judge.tick(30.0)] == ["unanswered"]
    assert stage.judge.tick(60.0) == []
    assert stage.answers(Command.DELIVER_SM, 1) == [], "that it is late has been said"
    assert stage.answers(Command.DELIVER_SM, 1) == ["answered_twice"]


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(HEADER.pack(16, 0x8001_0200, 0, 900_001), id="a_response_that_nobody_knows"),
        pytest.param(HEADER.pack(17, Command.SUBMIT_SM_RESP, 0, 900_001) + b"A", id="a_broken_one"),
        pytest.param(encode(Pdu(Command.SUBMIT_SM_RESP, 0, 900_001, {})), id="one_under_a_number_of_no_request"),
    ],
)
def test_a_response_of_ours_that_is_wrong_may_be_nacked(stage: Stage, response: bytes) -> None:
    assert stage.answers(Command.GENERIC_NACK, 900_001) == ["answer_to_nothing"]
    stage.judge.sent(response, 0.0)
    assert stage.answers(Command.GENERIC_NACK, 900_001) == []


def test_what_we_never_answer_is_in_flight_no_longer_than_an_answer_takes(stage: Stage) -> None:
    for number in (2, 3):
        assert stage.asks(Command.SUBMIT_SM, number, TEXT) == []
    stage.now_s = 30.0
    assert stage.asks(Command.SUBMIT_SM, 4, TEXT) == []


def test_a_bind_may_be_answered_as_late_as_we_like() -> None:
    stage = Stage()
    assert stage.asks(Command.BIND_TRANSCEIVER, 1) == []
    stage.judge.tick(1_000.0)
    stage.we_answer(Command.BIND_TRANSCEIVER, 1)
    assert stage.asks(Command.SUBMIT_SM, 2, TEXT) == []


def test_a_vendors_command_wants_a_generic_nack(stage: Stage) -> None:
    stage.judge.sent(HEADER.pack(16, 0x0001_0200, 0, 1), 0.0)
    assert stage.comes(HEADER.pack(16, Command.GENERIC_NACK, Status.ESME_RINVCMDID, 1)) == []
    stage.judge.sent(HEADER.pack(16, 0x0001_0200, 0, 2), 0.0)
    assert [finding.name for finding in stage.judge.tick(30.0)] == ["unnacked"]


@pytest.mark.parametrize(
    ("frame", "rules"),
    [
        pytest.param(HEADER.pack(17, Command.DELIVER_SM_RESP, 0, 7) + b"\0", ["answer_to_nothing"], id="to_nothing"),
        pytest.param(HEADER.pack(16, Command.ENQUIRE_LINK_RESP, 0, 1), ["wrong_answer"], id="of_another_request"),
        pytest.param(HEADER.pack(16, Command.GENERIC_NACK, 3, 1), ["needless_nack"], id="a_nack_of_what_is_known"),
        pytest.param(HEADER.pack(16, Command.DELIVER_SM_RESP, 0, 1), ["deliver_sm_resp_body"], id="without_its_body"),
        pytest.param(HEADER.pack(16, Command.DELIVER_SM_RESP, 0x64, 1), [], id="an_error_may_be_without_a_body"),
        pytest.param(
            HEADER.pack(19, Command.DELIVER_SM_RESP, 0, 1) + b"A1\0", ["deliver_sm_resp_id"], id="with_an_id_of_its_own"
        ),
        pytest.param(HEADER.pack(17, Command.DELIVER_SM_RESP, 0, 1) + b"A", ["body"], id="a_string_without_its_nul"),
        pytest.param(HEADER.pack(17, Command.DELIVER_SM_RESP, 0x65, 1) + b"\0", ["rx_p_appn"], id="drop_everything"),
        pytest.param(HEADER.pack(17, Command.DELIVER_SM_RESP, 0x99, 1) + b"\0", ["reserved_status"], id="no_status"),
    ],
)
def test_an_answer_that_breaks_smpp_is_named(stage: Stage, frame: bytes, rules: list[str]) -> None:
    stage.we_ask(Command.DELIVER_SM, 1)
    assert stage.comes(frame) == rules


def test_a_second_answer_is_told_from_one_to_nothing(stage: Stage) -> None:
    stage.we_ask(Command.DELIVER_SM, 1)
    assert stage.answers(Command.DELIVER_SM, 1) == []
    assert stage.answers(Command.DELIVER_SM, 1) == ["answered_twice"]


def test_who_gets_two_requests_under_one_number_may_answer_in_any_way(stage: Stage) -> None:
    stage.we_ask(Command.DELIVER_SM, 9)
    stage.we_ask(Command.UNBIND, 9)
    assert stage.answers(Command.DELIVER_SM, 9) == []
    assert stage.answers(Command.UNBIND, 9) == []
    assert stage.judge.tick(100.0) == []


def test_a_bind_that_we_answered_badly_is_a_bind_all_the_same() -> None:
    stage = Stage()
    assert stage.asks(Command.BIND_TRANSCEIVER, 1) == []
    stage.judge.sent(HEADER.pack(17, Command.BIND_TRANSCEIVER_RESP, 0, 1) + b"A", 0.0)
    assert stage.asks(Command.SUBMIT_SM, 2, TEXT) == []


def test_a_gateway_that_finds_our_lengths_wrong_is_believed(stage: Stage) -> None:
    assert stage.comes(HEADER.pack(16, Command.GENERIC_NACK, Status.ESME_RINVCMDLEN, 0)) == []
    assert stage.judge.closed(100.0, CloseReason.CONNECTION_LOST) == []


def test_what_we_broke_ourselves_is_not_the_gateways_fault(stage: Stage) -> None:
    """After octets that are no PDU, whatever it says and does not say is right."""
    stage.we_ask(Command.DELIVER_SM, 1)
    stage.judge.sent(b"HTTP/1.1 400 Bad Request", 0.0)
    assert stage.comes(HEADER.pack(16, Command.GENERIC_NACK, Status.ESME_RINVCMDLEN, 0)) == []
    assert stage.judge.closed(100.0, CloseReason.CONNECTION_LOST) == []

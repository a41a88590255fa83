"""A phone shows its own texts as they stand now."""

from __future__ import annotations

from simulator.page.conversation import BUBBLES_MAX, Bubble, bubbles
from simulator.smsc.journal import Answer, Entry, Kind, ReceiptSent, SessionChange
from simulator.smsc.mo import Mo, MoState, Text
from simulator.smsc.mt import Mt
from smsgw.smpp.constants import MessageState, Status
from smsgw.smpp.states import State

ANNA = "998901234567"


def mo(number: int, text: str = "HELP", state: MoState = MoState.ACKED, status: int | None = 0) -> Entry:
    sent = Mo(number, Text(f"+{ANNA}", "1400", text), 0.0, lambda _: None, state=state, status=status)
    return Entry(number, 100.0 + number, Kind.MO, ANNA, sent)


def mt(number: int, *messages: str, to: str = ANNA, asked: int = 0) -> Entry:
    return Entry(number, 100.0 + number, Kind.MT, to, Mt("1400", to, "PAID", 0, messages, asked, "", "gateway", number))


def receipt(number: int, message: str, state: MessageState) -> Entry:
    return Entry(number, 0.0, Kind.RECEIPT, ANNA, ReceiptSent(message, state))


def test_texts_come_in_order_and_only_the_numbers_own() -> None:
    others = Entry(2, 0.0, Kind.SESSION, "", SessionChange(1, "gateway", State.BOUND_TRX))
    answer = Entry(3, 0.0, Kind.ANSWER, ANNA, Answer(1, MoState.ACKED, 0, 1))
    assert bubbles([mo(1), others, answer, mt(4, "A"), mt(5, "B", to="998907654321")], ANNA) == [
        Bubble(1, 101.0, True, "HELP", "delivered", "acked"),
        Bubble(4, 104.0, False, "PAID", "", messages=("A",)),
    ]


def test_a_refused_text_names_its_status() -> None:
    (refused,) = bubbles([mo(1, "HELP", MoState.REFUSED, int(Status.ESME_RX_P_APPN))], ANNA)
    assert (refused.state, refused.note) == ("refused", "refused · ESME_RX_P_APPN")


def test_a_text_in_parts_says_how_many_and_any_of_their_receipts_is_its_own() -> None:
    long = mt(1, "A", "B", asked=1)
    assert bubbles([long], ANNA)[0] == Bubble(1, 101.0, False, "PAID", "2 SMS", "", True, ("A", "B"))
    (told,) = bubbles(
        [long, receipt(2, "B", MessageState.UNDELIVERABLE), receipt(3, "C", MessageState.DELIVERED)], ANNA
    )
    assert told.state == "undeliverable"


def test_only_the_newest_are_kept() -> None:
    shown = bubbles([mo(number) for number in range(1, BUBBLES_MAX + 2)], ANNA)
    assert (len(shown), shown[0].id) == (BUBBLES_MAX, 2)

"""A copy comes back: its first start asks before it pays, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from smsgw.domain.calls import CallState, Kind, ProviderCall
from smsgw.domain.payment import State
from smsgw.settlement.exchange import RESTORED
from smsgw.store.copies import back_up, mark_server, stamp
from smsgw.store.errors import StoreRefused
from smsgw.store.migrate import sqlite_path
from smsgw.store.opening import WRITERS
from smsgw.store.postgres import WRITERS_LOCK, PostgresConnection
from smsgw.store.restored import Restored
from smsgw.store.sqlite import SqliteConnection
from smsgw.store.sqlite_file import COPIED
from smsgw.transaction import Tx
from tests.contract.store.migrations.steps import migrate_to
from tests.contract.store.samples import ALISHER, BARNO, NOW_US, add_payment, call, held, opened, payment
from tests.contract.store.test_copies import silent, version_of

# Beyond every clock of the tests.
LATER_US = 2 * NOW_US
NEVER_SENT = call(1, created_at_us=5, due_at_us=LATER_US)
SENT = call(2, created_at_us=5, due_at_us=LATER_US, first_sent_at_us=7, sent_at_us=8, last_answer="absent", epoch=4)
PARKED = call(3, created_at_us=5, due_at_us=LATER_US, state=CallState.PARKED, last_answer="unknown")
DONE = call(4, created_at_us=5, due_at_us=LATER_US, state=CallState.DONE, first_sent_at_us=7, sent_at_us=7)
CHECK = call(5, Kind.CHECK, created_at_us=5, due_at_us=LATER_US)
CANCEL = call(4, Kind.CANCEL, created_at_us=5, due_at_us=LATER_US, first_sent_at_us=9, sent_at_us=9)
CALLS = (NEVER_SENT, SENT, PARKED, DONE, CHECK, CANCEL)


def asked_first(made: ProviderCall, now_us: int) -> ProviderCall:
    """A call as it must come back."""
    if made.state is CallState.DONE:
        return made
    maybe_sent = replace(made, first_sent_at_us=made.first_sent_at_us or 5, sent_at_us=now_us)
    return maybe_sent if made.state is CallState.PARKED else replace(maybe_sent, last_answer=RESTORED, due_at_us=now_us)


def in_hand(tx: Tx) -> int:
    """Payments with calls in every state, and one that waits for its code; the next number."""
    held(tx, payment(1))
    for number in range(2, 6):
        add_payment(tx, payment(number, state=State.NOT_EXECUTED))
    for made in CALLS:
        tx.calls.add(made)
    add_payment(tx, payment(6, BARNO, state=State.AWAITING_CODE, code_deadline_us=LATER_US))
    return tx.payments.next_number()


def put_back(url: str) -> Restored:
    """Say that the database was put back by other means."""
    path = sqlite_path(url)
    return mark_server(url) if path is None else stamp(path)


def writers_left(url: str) -> None:
    """Wait until a server has seen that the writers are gone: their numbers are free some time after their good-bye."""
    if sqlite_path(url) is None:
        with psycopg.connect(url) as session:
            for number in range(WRITERS):
                session.execute("SELECT pg_advisory_xact_lock(%s, %s)", (WRITERS_LOCK, number))


@pytest.mark.proves("F58")
async def test_what_came_back_is_asked_about_before_it_is_paid(url: str) -> None:
    """Calls look sent, codes are void, numbers begin a million later; the start after that is as usual."""
    async with opened(url) as store:
        number = await store.write(ALISHER, in_hand)
        with pytest.raises(StoreRefused, match=r"in use by process|stop every node first"):
            put_back(url)
    writers_left(url)
    assert put_back(url) == Restored(calls=5, codes=1, newest_us=payment(6).created_at_us)
    for start in (1, 2):
        async with opened(url) as store:
            calls = [await store.reads.call(each.payment_id, each.kind) for each in CALLS]
            waiting = await store.reads.reference(6)
            assert calls[0] is not None
            assert waiting is not None
            assert calls == [asked_first(each, calls[0].sent_at_us) for each in CALLS]
            assert waiting.code_deadline_us == 1
            assert await store.write("", lambda tx: tx.payments.next_number()) == number + 1_000_000 + start


@pytest.mark.proves("F58")
async def test_a_copy_is_started_so_even_if_it_was_put_in_place_by_hand(tmp_path: Path) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        number = await store.write(ALISHER, in_hand)
        back_up(tmp_path / "smsgw.db", tmp_path / "copy.db", silent)
    async with opened(f"sqlite:///{tmp_path}/copy.db") as store:
        pay = await store.reads.call(1, Kind.PAY)
        assert pay is not None
        assert pay.last_answer == RESTORED
        assert await store.write("", lambda tx: tx.payments.next_number()) == number + 1_000_001


def test_when_the_newest_payment_was_made_is_said_for_people() -> None:
    assert Restored(0, 0, NOW_US).newest == "2027-01-15 08:00:00+00:00"
    assert Restored(0, 0, 0).newest == ""


async def test_a_start_from_a_copy_that_is_cut_short_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        number = await store.write(ALISHER, in_hand)
    stamp(tmp_path / "smsgw.db")

    def killed(_: object) -> None:
        raise LookupError

    with monkeypatch.context() as patched:
        patched.setattr(SqliteConnection, "commit", killed)
        with pytest.raises(LookupError):
            async with opened(f"sqlite:///{tmp_path}/smsgw.db"):
                """Not reached."""
    assert version_of(tmp_path / "smsgw.db") == COPIED
    async with opened(f"sqlite:///{tmp_path}/smsgw.db") as store:
        assert await store.write("", lambda tx: tx.payments.next_number()) == number + 1_000_001


@pytest.mark.postgres
def test_while_a_node_runs_the_tables_of_its_server_stay_as_they_are(postgres_empty_url: str) -> None:
    """It may be of an earlier release: new tables under it would break it."""
    migrate_to(postgres_empty_url, "0001")
    node = PostgresConnection(postgres_empty_url)
    try:
        node.begin()
        node.rollback()
        with pytest.raises(StoreRefused, match="1 writers are connected"):
            mark_server(postgres_empty_url)
        node.begin()
        assert node.execute("SELECT version_num FROM alembic_version", {}).fetchone() == ("0001",)
        node.rollback()
    finally:
        node.close()
    writers_left(postgres_empty_url)
    assert mark_server(postgres_empty_url) == Restored(calls=0, codes=0, newest_us=0)


@pytest.mark.postgres
def test_a_server_out_of_reach_is_not_marked(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        mark_server(f"postgresql://postgres@/smsgw?host={tmp_path}")

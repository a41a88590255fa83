"""What a scenario does to one PDU after another: by number, by chance, by rate and by time, and always again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import accumulate

import pytest
from hypothesis import given, settings, strategies as st

from simulator.faults.fault import HEALTHY, Fault
from simulator.faults.playing import Playing
from simulator.faults.scenario_reading import read_scenario, ready
from simulator.faults.when import CLOCK, Seen
from smsgw.smpp.constants import Command, Status
from smsgw.smpp.pdu import Pdu

SUBMIT = Pdu(Command.SUBMIT_SM, 0, 1, {"destination_addr": b"998901234567"})


def play(rules: str, seed: int = 1, now_s: float = 0.0) -> Playing:
    return Playing(read_scenario(f"title = 'Test'\n{rules}", "test"), seed, now_s)


def rule(words: str) -> Playing:
    """One rule about submit_sm that refuses."""
    return play(f"[[rules]]\npdu = 'submit_sm'\nstatus = 'ESME_RSYSERR'\n{words}")


def submit(session: int = 1, system_id: str = "shop") -> Seen:
    return Seen("submit_sm", session, system_id, SUBMIT)


def hits(playing: Playing, times_s: Iterable[float], seen: Seen | None = None) -> list[int]:
    """The numbers, from 1 on, of those that something happened to."""
    decided = [playing.decide(seen or submit(), time_s) for time_s in times_s]
    return [number for number, fault in enumerate(decided, 1) if fault != HEALTHY]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("nth = 1", [1]),
        ("nth = [3, 7]", [3, 7]),
        ("every = 4", [4, 8]),
        ("share = 0", []),
        ("share = 1", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("every = 2\nshare = 0", []),
        ("when = { destination_addr = '99893.*' }", []),
        ("when = { destination_addr = '99890.*' }", [1, 2, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_a_rule_hits_by_number_and_by_chance(words: str, numbers: list[int]) -> None:
    assert hits(rule(words), [0.0] * 8) == numbers


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_share_is_hit_as_often_as_it_says(share: float) -> None:
    assert len(hits(rule(f"share = {share}"), [0.0] * 4_000)) / 4_000 == pytest.approx(share, abs=0.03)


def test_sessions_are_counted_each_for_itself() -> None:
    playing = rule("nth = 2")
    decided = [playing.decide(submit(session), 0.0).status for session in (1, 2, 1, 2)]
    assert decided == [0, 0, Status.ESME_RSYSERR, Status.ESME_RSYSERR]


@pytest.mark.parametrize("subject", ["connection", "bind_transceiver"])
def test_connections_and_binds_are_counted_over_all_sessions(subject: str) -> None:
    playing = play(f"[[rules]]\npdu = '{subject}'\nevery = 3\ndisconnect_after = true")
    decided = [playing.decide(Seen(subject, session, "shop"), 0.0).disconnect_after for session in range(6)]
    assert decided == [False, False, True, False, False, True]


def test_the_first_rule_that_hits_decides_and_the_others_count_on() -> None:
    playing = play("""
        [[rules]]
        pdu = "submit_sm"
        nth = [2, 3]
        status = 8
        [[rules]]
        pdu = "submit_sm"
        every = 3
        status = 20
        [[rules]]
        pdu = "any"
        delay_s = 1
    """)
    decided = [playing.decide(submit(), 0.0) for _ in range(6)]
    assert [fault.status for fault in decided] == [0, 8, 8, 0, 0, 20]
    assert [fault.delay_s for fault in decided] == [1, 0, 0, 1, 1, 0]
    report = playing.report(0.0)
    assert [(each.rule.label, each.seen, each.hits) for each in report.rules] == [
        ("rule 1", 6, 2),
        ("rule 2", 6, 1),
        ("rule 3", 6, 3),
    ]


def test_a_rule_without_a_deed_spares_what_it_is_about() -> None:
    playing = play("""
        [[rules]]
        pdu = "submit_sm"
        when = { system_id = "vip" }
        [[rules]]
        pdu = "submit_sm"
        no_response = true
    """)
    assert playing.decide(submit(1, "vip"), 0.0) == HEALTHY
    assert playing.decide(submit(2, "shop"), 0.0).no_response


@pytest.mark.parametrize(
    ("words", "times_s", "numbers"),
    [
        ("from_s = 60\nuntil_s = 62", [59.9, 60.0, 61.9, 62.0, 660.0], [2, 3]),
        ("from_s = 60\nuntil_s = 62\nperiod_s = 600", [59.9, 60.0, 61.9, 62.0, 660.0, 662.0], [2, 3, 5]),
        ("from_s = 60\nnth = 1", [1.0, 60.0, 61.0], [2]),
        ("above_per_s = 2", [0.0, 0.0, 0.0, 0.5, 1.0, 1.4], [3, 6]),
        ("above_per_s = 2", [n / 2 for n in range(9)], []),
        ("above_per_s = 2\nthen_for_s = 3", [0.0, 0.0, 0.0, 2.9, 3.0, 3.1], [3, 4]),
        ("nth = 2\nthen_for_s = 3", [0.0, 1.0, 3.9, 4.0, 5.0], [2, 3]),
        ("above_per_s = 1\nevery = 2", [0.0] * 6, [2, 4, 6]),
    ],
)
def test_a_rule_hits_by_time_and_by_rate(words: str, times_s: list[float], numbers: list[int]) -> None:
    assert hits(rule(words), times_s) == numbers


def test_rates_and_what_follows_them_are_those_of_an_account() -> None:
    """Two sessions of one account share its rate; another account has its own."""
    playing = rule("above_per_s = 1\nthen_for_s = 5")
    seen = [submit(1, "shop"), submit(2, "shop"), submit(3, "bank")]
    assert [playing.decide(each, 0.0).status for each in seen] == [0, Status.ESME_RSYSERR, 0]


def test_delays_are_drawn_and_congestion_climbs() -> None:
    playing = play("""
        [[rules]]
        pdu = "submit_sm"
        from_s = 10
        delay_s = { uniform = [1, 2] }
        congestion = { from = 0, to = 100, over_s = 10 }
    """)
    decided = [playing.decide(submit(), time_s) for time_s in (10.0, 15.0, 20.0, 90.0)]
    assert [fault.congestion for fault in decided] == [0, 50, 100, 100]
    assert len({fault.delay_s for fault in decided}) == 4
    assert all(1 <= fault.delay_s <= 2 for fault in decided)


def test_congestion_climbs_with_load() -> None:
    playing = play("[[rules]]\npdu = 'submit_sm'\ncongestion = { full_at_per_s = 10 }")
    decided = [playing.decide(submit(), 0.5).congestion for _ in range(12)]
    assert decided == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 100, 100]


PHASES = """
[[rules]]
pdu = "submit_sm"
nth = 4
status = 20
[[phases]]
name = "healthy"
for_s = 60
[[phases]]
name = "throttled"
for_s = 30
[[phases.rules]]
pdu = "submit_sm"
every = 2
status = "ESME_RTHROTTLED"
"""


def test_phases_follow_each_other_and_each_begins_anew() -> None:
    playing = play(PHASES, now_s=1_000.0)
    times_s = [1_000.0, 1_059.9, 1_060.0, 1_061.0, 1_062.0, 1_090.0, 1_150.0, 1_151.0]
    statuses = [playing.decide(submit(), time_s).status for time_s in times_s]
    throttled = int(Status.ESME_RTHROTTLED)
    assert statuses == [0, 0, 0, throttled, 0, 0, 0, throttled], "the rule for all phases is hit by one before it"
    report = playing.report(1_155.0)
    assert (report.phase, report.phase_passed_s, report.left_s, report.passed_s) == (1, 5.0, 25.0, 155.0)
    assert [(each.rule.label, each.seen, each.hits) for each in report.rules] == [
        ("rule 1", 8, 0),
        ("phase 2, rule 1", 5, 2),
    ]


def test_a_phase_begins_anew_even_if_nobody_spoke_for_a_whole_round() -> None:
    playing = play(PHASES)
    statuses = [playing.decide(submit(), time_s).status for time_s in (60.0, 150.0, 151.0)]
    assert statuses == [0, 0, Status.ESME_RTHROTTLED]
    assert playing.report(151.0).left_s == 29.0


def test_the_clock_rings_once_for_each_beginning_however_late_it_is_looked_at() -> None:
    playing = play("[[rules]]\npdu = 'clock'\nfrom_s = 5\nperiod_s = 10\nunbind_after = true")
    seen = [Seen(CLOCK, 1, "shop"), Seen(CLOCK, 2, "shop")]
    assert playing.clock_due_s() == 5.0
    assert list(playing.ring(seen, 4.9)) == []
    assert [session for session, fault in playing.ring(seen, 5.0) if fault.unbind_after] == [1, 2]
    assert list(playing.ring(seen, 5.0)) == []
    assert playing.clock_due_s() == 15.0
    assert len(list(playing.ring(seen, 99.0))) == 2
    assert playing.clock_due_s() == 105.0


def test_the_clock_of_a_phase_rings_when_the_phase_begins() -> None:
    playing = play("[[phases]]\nfor_s = 7\n[[phases]]\nprofile = 'dead'")
    assert playing.clock_due_s() == 7.0
    ((session, fault),) = playing.ring([Seen(CLOCK, 3, "shop")], 7.0)
    assert (session, fault.disconnect_before, playing.clock_due_s()) == (3, True, math.inf)


@pytest.mark.parametrize(
    ("since_s", "congestion", "status"),
    [(0.0, 0, 0), (30.0, 50, 0), (59.9, 100, 0), (60.0, 100, 88), (89.9, 100, 88), (90.0, 0, 0), (150.0, 100, 88)],
)
def test_the_congested_one_climbs_and_then_throttles(since_s: float, congestion: int, status: int) -> None:
    fault = Playing(ready()["congested"]).decide(submit(), since_s)
    assert (fault.congestion, fault.status) == (congestion, status)


@pytest.mark.parametrize(
    ("since_s", "refused"), [(0.0, False), (59.9, False), (60.0, True), (89.9, True), (90.0, False), (660.0, True)]
)
def test_maintenance_refuses_binds_while_it_lasts(since_s: float, refused: bool) -> None:  # noqa: FBT001 -- a column
    playing = Playing(ready()["maintenance"])
    assert playing.clock_due_s() == 60.0
    assert bool(playing.decide(Seen("bind_receiver", 1, "shop"), since_s).status) is refused


def test_what_nothing_is_asked_about_is_left_alone() -> None:
    playing = play("[[phases]]\nfor_s = 7\n[[phases]]\nprofile = 'mute'")
    assert not Playing().asks(["unbind"], 0.0)
    assert not playing.asks(["unbind", "deliver_sm"], 6.9)
    assert playing.asks(["unbind", "deliver_sm"], 7.0)
    assert not playing.asks(["deliver_sm"], 7.0)


def test_a_session_that_is_gone_leaves_nothing_behind() -> None:
    playing = rule("nth = 1")
    for session in range(50):
        playing.decide(submit(session), 0.0)
        playing.gone(session)
    assert playing._scopes == {}
    assert playing._rules[0]._counts == {}


CHANCY = """
[[rules]]
pdu = "submit_sm"
share = 0.2
status = "ESME_RTHROTTLED"
[[rules]]
pdu = "submit_sm"
every = 7
no_response = true
[[rules]]
pdu = "submit_sm"
share = 0.5
delay_s = { uniform = [0, 3] }
[[rules]]
pdu = "submit_sm"
delay_s = { spike = [0.1, 5, 0.1] }
"""


def decisions(seed: int, order: list[int], pauses_s: list[float]) -> dict[int, list[Fault]]:
    """What each of three sessions meets, however they are mixed and however fast they come."""
    playing = play(CHANCY, seed)
    met: dict[int, list[Fault]] = {0: [], 1: [], 2: []}
    for session in met:  # bound one after another; what follows is mixed
        playing.decide(Seen("bind_transceiver", session, "shop"), 0.0)
    for session, now_s in zip(order, accumulate(pauses_s), strict=True):
        met[session].append(playing.decide(submit(session), now_s))
    return met


ORDERS = st.permutations([0, 1, 2] * 20)
PAUSES = st.lists(st.floats(0.0, 100.0), min_size=60, max_size=60)


@settings(max_examples=50)
@given(seed=st.integers(), one=ORDERS, other=ORDERS, fast=PAUSES, slow=PAUSES)
def test_the_same_seed_meets_each_session_with_the_same_faults(
    seed: int, one: list[int], other: list[int], fast: list[float], slow: list[float]
) -> None:
    """Whatever the clock says, and however the sessions are mixed."""
    assert decisions(seed, one, fast) == decisions(seed, other, slow)


def test_another_seed_another_session_and_another_rule_meet_others() -> None:
    order, pauses_s = [0, 1, 2] * 20, [0.0] * 60
    first = decisions(1, order, pauses_s)
    assert first != decisions(2, order, pauses_s)
    assert first[0] != first[1]
    half, other = "[[rules]]\npdu = 'submit_sm'\nshare = 0.5\nstatus = 8\n", "[[rules]]\npdu = 'unbind'\n"
    assert hits(play(half), [0.0] * 60) != hits(play(other + half), [0.0] * 60)

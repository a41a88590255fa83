"""Metrics: what is counted is on the page, and a store that is away is a value, not an error."""

import re

import pytest

from smsgw.service.exchanges import ProviderVitals
from smsgw.settlement.breaker import Standing
from smsgw.smpp.latency import Latencies
from smsgw.smpp.status import LinkHealth
from smsgw.web.metrics import Sizes, exposition
from smsgw.web.vitals import LinkVitals, SessionVitals

LINK = LinkVitals(
    bound=2,
    health=LinkHealth.DEGRADED,
    sessions=(SessionVitals("bound_trx", 3, 0), SessionVitals("bound_trx", 2, 1)),
    events={"throttled": 4},
    pdus={("received", "deliver_sm", "ESME_ROK"): 7},
    faults={"bad_pdu": 1},
)
SARKOR = ProviderVitals(
    protocol="sarkor",
    standing=Standing.PAUSED,
    in_flight=2,
    answers={("check", "found"): 7, ("pay", "unknown"): 5},
    alarms=1,
)
COMNET = ProviderVitals(protocol="osmp")
SIZES = Sizes(
    {"payments_awaiting_code": 3, "calls_parked": 1, "texts_queued": 5, "actions_proposed": 2}, {"sarkor": 1}, 4096
)


def lines(page: bytes) -> list[str]:
    return [line for line in page.decode().splitlines() if line.startswith("smsgw_")]


def test_the_page_shows_every_count() -> None:
    page = lines(exposition(SIZES, {"operator": LINK}, {"sarkor": SARKOR, "comnet": COMNET}, {"calls": 4}))

    assert [line for line in page if "_seconds" not in line] == [
        "smsgw_store_up 1.0",
        "smsgw_store_wal_octets 4096.0",
        'smsgw_payments{state="awaiting_code"} 3.0',
        'smsgw_provider_calls{state="parked"} 1.0',
        'smsgw_texts{state="queued"} 5.0',
        'smsgw_actions{state="proposed"} 2.0',
        'smsgw_provider_parked{provider="sarkor"} 1.0',
        'smsgw_link_bound_sessions{link="operator"} 2.0',
        'smsgw_link_health{health="ok",link="operator"} 0.0',
        'smsgw_link_health{health="degraded",link="operator"} 1.0',
        'smsgw_link_health{health="down",link="operator"} 0.0',
        'smsgw_link_in_flight{link="operator"} 5.0',
        'smsgw_link_events_total{event="throttled",link="operator"} 4.0',
        'smsgw_link_pdus_total{command="deliver_sm",direction="received",link="operator",status="ESME_ROK"} 7.0',
        'smsgw_link_faults_total{fault="bad_pdu",link="operator"} 1.0',
        'smsgw_provider_paused{provider="sarkor"} 1.0',
        'smsgw_provider_paused{provider="comnet"} 0.0',
        'smsgw_provider_in_flight{provider="sarkor"} 2.0',
        'smsgw_provider_in_flight{provider="comnet"} 0.0',
        'smsgw_provider_alarms_total{provider="sarkor"} 1.0',
        'smsgw_provider_alarms_total{provider="comnet"} 0.0',
        'smsgw_provider_answers_total{answer="found",provider="sarkor",verb="check"} 7.0',
        'smsgw_provider_answers_total{answer="unknown",provider="sarkor",verb="pay"} 5.0',
        'smsgw_waiting{pump="calls"} 4.0',
    ]


def test_latencies_are_histograms_of_a_few_buckets() -> None:
    submits = Latencies()
    for latency_s in (0.002, 0.2, 20.0):
        submits.add(latency_s)
    page = lines(exposition(SIZES, {"operator": LinkVitals(bound=1, submits=submits.histogram())}, {}, {}))

    for line in (
        'smsgw_link_submit_seconds_bucket{le="0.001",link="operator"} 0.0',
        'smsgw_link_submit_seconds_bucket{le="0.0025",link="operator"} 1.0',
        'smsgw_link_submit_seconds_bucket{le="10.0",link="operator"} 2.0',
        'smsgw_link_submit_seconds_bucket{le="+Inf",link="operator"} 3.0',
        'smsgw_link_submit_seconds_count{link="operator"} 3.0',
        'smsgw_link_submit_seconds_sum{link="operator"} 20.202',
        'smsgw_link_deliver_seconds_count{link="operator"} 0.0',
    ):
        assert line in page
    assert sum("smsgw_link_submit_seconds_bucket" in line for line in page) == 14


def test_exchanges_are_timed_by_provider_and_verb() -> None:
    pays = Latencies()
    pays.add(0.2)
    pays.add(60.0)
    sarkor = ProviderVitals(protocol="sarkor", seconds={"pay": pays.histogram()})
    page = lines(exposition(SIZES, {}, {"sarkor": sarkor}, {}))

    for line in (
        'smsgw_provider_seconds_bucket{le="0.25",provider="sarkor",verb="pay"} 1.0',
        'smsgw_provider_seconds_bucket{le="+Inf",provider="sarkor",verb="pay"} 2.0',
        'smsgw_provider_seconds_count{provider="sarkor",verb="pay"} 2.0',
        'smsgw_provider_seconds_sum{provider="sarkor",verb="pay"} 60.2',
    ):
        assert line in page


@pytest.mark.parametrize(("standing", "paused"), [(Standing.OK, 0), (Standing.PAUSED, 1), (Standing.PROBING, 1)])
def test_a_provider_counts_as_paused_until_it_has_answered(standing: Standing, paused: int) -> None:
    page = lines(exposition(SIZES, {}, {"sarkor": ProviderVitals(protocol="sarkor", standing=standing)}, {}))

    assert f'smsgw_provider_paused{{provider="sarkor"}} {paused}.0' in page


def test_a_store_that_is_away_hides_nothing_else() -> None:
    page = lines(exposition(None, {"operator": LINK}, {"sarkor": SARKOR}, {}))

    assert page[0] == "smsgw_store_up 0.0"
    assert 'smsgw_link_bound_sessions{link="operator"} 2.0' in page
    assert 'smsgw_provider_paused{provider="sarkor"} 1.0' in page


def test_the_process_is_on_the_page() -> None:
    assert re.search(rb"^process_cpu_seconds_total ", exposition(Sizes({}, {}), {}, {}, {}), re.MULTILINE)

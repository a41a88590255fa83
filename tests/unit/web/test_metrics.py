"""Metrics: what is counted is on the page, and a store that is away is a value, not an error."""

import re

from smsgw.web.facade import LinkVitals
from smsgw.web.metrics import exposition

LINK = LinkVitals(bound=2, pdus={("received", "deliver_sm", "ESME_ROK"): 7}, faults={"bad_pdu": 1})
COUNTS = {"payments_awaiting_code": 3, "calls_parked": 1, "texts_queued": 5}


def lines(page: bytes) -> list[str]:
    return [line for line in page.decode().splitlines() if line.startswith("smsgw_")]


def test_the_page_shows_every_count() -> None:
    page = lines(exposition(COUNTS, {"operator": LINK}, {"calls": 4}))

    assert page == [
        "smsgw_store_up 1.0",
        'smsgw_payments{state="awaiting_code"} 3.0',
        'smsgw_provider_calls{state="parked"} 1.0',
        'smsgw_texts{state="queued"} 5.0',
        'smsgw_link_bound_sessions{link="operator"} 2.0',
        'smsgw_link_pdus_total{command="deliver_sm",direction="received",link="operator",status="ESME_ROK"} 7.0',
        'smsgw_link_faults_total{fault="bad_pdu",link="operator"} 1.0',
        'smsgw_waiting{pump="calls"} 4.0',
    ]


def test_a_store_that_is_away_hides_nothing_else() -> None:
    page = lines(exposition(None, {"operator": LINK}, {}))

    assert page[0] == "smsgw_store_up 0.0"
    assert 'smsgw_link_bound_sessions{link="operator"} 2.0' in page


def test_the_process_is_on_the_page() -> None:
    assert re.search(rb"^process_cpu_seconds_total ", exposition({}, {}, {}), re.MULTILINE)

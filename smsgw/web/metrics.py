"""Metrics in Prometheus' words. They are collected when somebody asks; nothing is counted for them beforehand.

Rule: every label has few values that we choose (a link, a provider, a state, a command), never a number of a person, an
account or a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from smsgw.service.exchanges import ProviderVitals
from smsgw.settlement.breaker import Standing
from smsgw.smpp.latency import BOUNDS_S, Histogram
from smsgw.smpp.status import LinkHealth
from smsgw.web.vitals import LinkVitals

CONTENT_TYPE: Final = "text/plain; version=0.0.4"
BUCKETS: Final = (*map(str, BOUNDS_S), "+Inf")
# The first word of a count's name, and its metric: `payments_checking` is smsgw_payments{state="checking"}.
COUNTED: Final = {
    "payments": ("smsgw_payments", "Payments that have still to end, by state"),
    "calls": ("smsgw_provider_calls", "Provider calls that are due or parked; a parked one waits for a person"),
    "texts": ("smsgw_texts", "Texts that have still to be sent"),
    "actions": ("smsgw_actions", "What people asked for about money and has still to end, by state"),
}


class Sizes(NamedTuple):
    """What the store counts: `ports.Reads.counts`, and `ports.Reads.parked`; and how large its log is."""

    counts: Mapping[str, int]
    parked: Mapping[str, int]
    wal_octets: int = 0


def exposition(
    sizes: Sizes | None,
    links: Mapping[str, LinkVitals],
    providers: Mapping[str, ProviderVitals],
    waiting: Mapping[str, int],
) -> bytes:
    """The page. *sizes* = None: the store does not answer."""
    registry = CollectorRegistry()
    registry.register(_Families([*_store(sizes), *_links(links), *_providers(providers), _pumps(waiting)]))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return generate_latest(registry)


class _Families(Collector):
    """Hands over what was collected."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _store(sizes: Sizes | None) -> Iterator[Metric]:
    counts, parked, wal_octets = sizes or Sizes({}, {})
    yield GaugeMetricFamily("smsgw_store_up", "1 = the store answers", value=float(sizes is not None))
    yield GaugeMetricFamily("smsgw_store_wal_octets", "Size of SQLite's write-ahead log", value=wal_octets)
    for word, (name, help_) in COUNTED.items():
        family = GaugeMetricFamily(name, help_, labels=["state"])
        for key, count in counts.items():
            kind, _, state = key.partition("_")
            if kind == word:
                family.add_metric([state], count)
        yield family
    family = GaugeMetricFamily("smsgw_provider_parked", "Provider calls that wait for a person", labels=["provider"])
    for provider, count in parked.items():
        family.add_metric([provider], count)
    yield family


def _links(links: Mapping[str, LinkVitals]) -> Iterator[Metric]:
    bound = GaugeMetricFamily("smsgw_link_bound_sessions", "Bound SMPP sessions", labels=["link"])
    health = GaugeMetricFamily("smsgw_link_health", "1 = the link is so: ok, degraded, down", labels=["link", "health"])
    in_flight = GaugeMetricFamily("smsgw_link_in_flight", "Requests that the SMSC has still to answer", labels=["link"])
    for name, link in links.items():
        bound.add_metric([name], link.bound)
        for each in LinkHealth:
            health.add_metric([name, each.value], each is link.health)
        in_flight.add_metric([name], sum(session.in_flight for session in link.sessions))
    yield from (bound, health, in_flight, *_counted(links), *_latencies(links))


def _counted(links: Mapping[str, LinkVitals]) -> Iterator[Metric]:
    events = CounterMetricFamily("smsgw_link_events", "What happened to the link", labels=["link", "event"])
    pdus = CounterMetricFamily(
        "smsgw_link_pdus", "PDUs of all sessions since the start", labels=["link", "direction", "command", "status"]
    )
    faults = CounterMetricFamily("smsgw_link_faults", "How often the peer broke SMPP", labels=["link", "fault"])
    for name, link in links.items():
        for event, count in link.events.items():
            events.add_metric([name, event], count)
        for (direction, command, status), count in link.pdus.items():
            pdus.add_metric([name, direction, command, status], count)
        for fault, count in link.faults.items():
            faults.add_metric([name, fault], count)
    yield from (events, pdus, faults)


def _latencies(links: Mapping[str, LinkVitals]) -> Iterator[Metric]:
    submits = HistogramMetricFamily("smsgw_link_submit_seconds", "From submit_sm to its answer", labels=["link"])
    delivers = HistogramMetricFamily("smsgw_link_deliver_seconds", "From deliver_sm to our answer", labels=["link"])
    for name, link in links.items():
        for family, histogram in ((submits, link.submits), (delivers, link.delivers)):
            _add(family, [name], histogram)
    yield from (submits, delivers)


def _add(family: HistogramMetricFamily, labels: list[str], histogram: Histogram) -> None:
    family.add_metric(labels, list(zip(BUCKETS, histogram.counts, strict=True)), histogram.total_s)


def _providers(providers: Mapping[str, ProviderVitals]) -> Iterator[Metric]:
    paused = GaugeMetricFamily("smsgw_provider_paused", "1 = left alone until it answers a probe", labels=["provider"])
    in_flight = GaugeMetricFamily(
        "smsgw_provider_in_flight", "Exchanges that the provider has still to answer", labels=["provider"]
    )
    alarms = CounterMetricFamily("smsgw_provider_alarms", "Answers that a person should look at", labels=["provider"])
    for name, provider in providers.items():
        paused.add_metric([name], provider.standing is not Standing.OK)
        in_flight.add_metric([name], provider.in_flight)
        alarms.add_metric([name], provider.alarms)
    yield from (paused, in_flight, alarms, *_exchanges(providers))


def _exchanges(providers: Mapping[str, ProviderVitals]) -> Iterator[Metric]:
    answers = CounterMetricFamily(
        "smsgw_provider_answers", "What providers answered", labels=["provider", "verb", "answer"]
    )
    seconds = HistogramMetricFamily(
        "smsgw_provider_seconds", "From the beginning of an exchange to its answer", labels=["provider", "verb"]
    )
    for name, provider in providers.items():
        for (verb, word), count in provider.answers.items():
            answers.add_metric([name, verb, word], count)
        for verb, histogram in provider.seconds.items():
            _add(seconds, [name, verb], histogram)
    yield from (answers, seconds)


def _pumps(waiting: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily("smsgw_waiting", "Rows in memory that nobody handles yet", labels=["pump"])
    for name, count in waiting.items():
        family.add_metric([name], count)
    return family

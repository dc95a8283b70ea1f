"""What is counted and measured, in a registry of our own: a name exists here or nowhere.

Each process answers its own `/metrics`. Labels are closed sets (names of operations, consumers, kinds), never people:
a label with a member in it would grow without end and tell who does what.
"""

from typing import Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

CONTENT_TYPE: Final = prometheus_client.CONTENT_TYPE_LATEST
REGISTRY: Final = CollectorRegistry(auto_describe=False)

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs is untyped
prometheus_client.ProcessCollector(registry=REGISTRY)
prometheus_client.PlatformCollector(registry=REGISTRY)

# Edges at the promises of the house: 2 ms wake-up, 50 ms lag, 100 ms query, 250 ms without Valkey, 500 ms, 2 s answer.
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(name, says, labels, registry=REGISTRY)


def _gauge(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(name, says, labels, registry=REGISTRY)


def _seconds(name: str, says: str, *labels: str) -> Histogram:
    return Histogram(name, says, labels, registry=REGISTRY, buckets=_SECONDS)


operations_total = _counter(
    "operations_total", "Operations by outcome: done, refused, repeated, failed.", "name", "outcome"
)
operation_duration_seconds = _seconds("operation_duration_seconds", "From key to commit.", "name")
operations_running = _gauge("operations_running", "Operations in flight.")

events_announced_total = _counter("events_announced_total", "Facts committed.", "type")
deliveries_done_total = _counter("deliveries_done_total", "Deliveries that took effect.", "consumer")
deliveries_failed_total = _counter("deliveries_failed_total", "Attempts that failed and will be repeated.", "consumer")
deliveries_waiting = _gauge("deliveries_waiting", "Deliveries not yet done.", "consumer")
delivery_lag_seconds = _seconds("delivery_lag_seconds", "From commit of the fact to commit of its effect.", "consumer")
tail_behind = _gauge("tail_behind", "Events that a tail consumer has not read.", "consumer")
dead_letters_total = _counter("dead_letters_total", "Deliveries given up.", "consumer")
dead_letters_waiting = _gauge("dead_letters_waiting", "Dead letters that nobody has dealt with.")
timers_fired_total = _counter("timers_fired_total", "Timers that came due.", "kind")
timer_lateness_seconds = _seconds("timer_lateness_seconds", "How long after its moment a timer was picked up.")

breaker_state = _gauge("breaker_state", "0 closed, 1 half-open, 2 open.", "target")
valkey_call_duration_seconds = _seconds("valkey_call_duration_seconds", "Calls to Valkey that were answered.")
valkey_failures_total = _counter("valkey_failures_total", "Calls to Valkey that got nothing.", "reason")
cache_hits_total = _counter("cache_hits_total", "Reads that the cache answered.", "layer")
cache_misses_total = _counter("cache_misses_total", "Reads that had to be loaded.", "layer")
limits_refused_total = _counter("limits_refused_total", "Acts refused because of their number.", "act")

updates_total = _counter("updates_total", "Telegram updates by kind and what became of them.", "kind", "outcome")
update_duration_seconds = _seconds("update_duration_seconds", "From an update's arrival to the end of its handling.")
sends_total = _counter("sends_total", "Messages to Telegram by outcome.", "outcome")
send_duration_seconds = _seconds("send_duration_seconds", "One call to Telegram.", "method")

modules_up = _gauge("modules_up", "1 while a part of the system is well.", "module")


def show_breaker(target: str, state: int) -> None:
    """For `Breaker(changed=...)`."""
    breaker_state.labels(target).set(state)


def exposition() -> bytes:
    """All of it, as Prometheus reads it (`CONTENT_TYPE`)."""
    return prometheus_client.generate_latest(REGISTRY)

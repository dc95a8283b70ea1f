"""The scrape: what Prometheus reads, and that it stays small and ours."""

import prometheus_client
from prometheus_client.parser import text_string_to_metric_families

from dianabot.kernel import metrics


def scraped() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_what_is_counted_can_be_scraped_under_its_own_name() -> None:
    metrics.operations_total.labels("SOLO_AQUI", "done").inc()
    metrics.operation_duration_seconds.labels("SOLO_AQUI").observe(0.3)
    metrics.deliveries_waiting.labels("probe").set(7)
    metrics.show_breaker("probe", 2)
    seen = scraped()
    assert seen["operations_total", (("name", "SOLO_AQUI"), ("outcome", "done"))] == 1
    assert seen["operation_duration_seconds_bucket", (("le", "0.5"), ("name", "SOLO_AQUI"))] == 1
    assert seen["operation_duration_seconds_bucket", (("le", "0.25"), ("name", "SOLO_AQUI"))] == 0
    assert seen["deliveries_waiting", (("consumer", "probe"),)] == 7
    assert seen["breaker_state", (("target", "probe"),)] == 2


def test_the_memory_of_the_process_is_shown_and_no_time_of_birth_doubles_each_series() -> None:
    names = {name for name, _ in scraped()}
    assert "process_resident_memory_bytes" in names
    assert not [name for name in names if name.endswith("_created")]


def test_nothing_lands_in_the_registry_that_all_libraries_share() -> None:
    shared = prometheus_client.generate_latest(prometheus_client.REGISTRY).decode()
    assert "operations_total" not in shared


def test_every_name_says_what_it_is() -> None:
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        assert family.documentation, family.name

"""How metrics are asked for, and read as Prometheus reads them."""

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

TOKEN = "for-tests-only-abcdefghijklmnopqrstuvwxyz-0123456789"
AUTHORIZATION = f"Bearer {TOKEN}"

Samples = dict[tuple[str, ...], float]


def samples(text: str) -> dict[str, Samples]:
    """Return the numbers of each metric, by the values of its labels in the order of their names."""
    return {
        family.name: {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for sample in family.samples
        }
        for family in text_string_to_metric_families(text)
    }


def scrape(client: Any) -> dict[str, Samples]:
    """Return what a client of Django is told."""
    response = client.get("/metrics", headers={"authorization": AUTHORIZATION})
    assert response.status_code == 200
    return samples(response.content.decode())

"""The bill, worked out by hand."""

import json

import pytest

from bench.cost import PRICES, cost_of_1000

PRICE = {
    "per_gb_second": 0.00002,
    "per_million_executions": 0.5,
    "minimum_seconds": 1.0,
    "rounding_seconds": 0.1,
}


def test_a_lone_quick_request_is_billed_the_minimum() -> None:
    row = cost_of_1000(0.06, 0.07, {"megabytes": 2048, "cores": 1}, PRICE)
    assert row["sparse"] == pytest.approx(1000 * (2 * 1.0 * 0.00002 + 0.5e-6), abs=1e-4)
    assert row["seconds_alone"] == 0.06


def test_a_slow_instance_takes_longer_and_is_billed_in_steps() -> None:
    row = cost_of_1000(0.31, 0.31, {"megabytes": 512, "cores": 0.25}, PRICE)
    assert row["seconds_alone"] == 1.24
    assert row["sparse"] == pytest.approx(1000 * (0.5 * 1.3 * 0.00002 + 0.5e-6), abs=1e-4)


def test_busy_cores_share_the_memory_s_price() -> None:
    one = cost_of_1000(0.04, 0.05, {"megabytes": 2048, "cores": 1}, PRICE)
    two = cost_of_1000(0.04, 0.05, {"megabytes": 4096, "cores": 2}, PRICE)
    assert one["steady"] == two["steady"] == pytest.approx(0.0025, abs=1e-4)
    assert two["requests_per_second"] == 2 * one["requests_per_second"] == 40


def test_prices_say_when_and_where_they_come_from() -> None:
    prices = json.loads(PRICES.read_text())
    assert prices["as_of"].startswith("20")
    assert prices["source"].startswith("https://")
    assert {row["megabytes"] for row in prices["instances"]} == {512, 2048, 4096}

"""The bill, worked out by hand."""

import json
import re
from typing import Any

import pytest

from bench import cost
from bench.cost import PRICES, Work, cost_of_1000, function_price, log_gb, month, options, price
from bench.footprint import footprint
from tests.conftest import PROJECT

SMALL = {"megabytes": 512, "cores": 0.25}
MIDDLE = {"megabytes": 2048, "cores": 1}
LARGE = {"megabytes": 4096, "cores": 2}


def meter(price: float, free: float = 0) -> dict[str, Any]:
    return {"price": price, "free_a_month": free}


PRICE = {
    "billing": {"minimum_seconds": 1.0, "rounding_seconds": 0.1},
    "meters": {
        "gb_second": meter(0.00002, free=100_000),
        "execution": meter(0.0000005, free=250_000),
        "ready_gb_second": meter(0.000004),
        "blob_gb": meter(0.02),
        "blob_read": meter(0.0000004),
        "log_gb": meter(2.0, free=5),
        "log_alert": meter(1.5),
        "explorer": meter(12.0),
        "transfer_gb": meter(0.1, free=100),
        "private_endpoint_hour": meter(0.01),
        "private_zone": meter(0.5),
    },
}


def work(alone: float, load: float) -> Work:
    return Work(alone, load, mask_bytes=20_000, line_bytes=600)


def test_a_lone_quick_request_is_billed_the_minimum() -> None:
    row = cost_of_1000(work(0.06, 0.07), MIDDLE, PRICE)
    assert row["sparse"] == pytest.approx(1000 * (2 * 1.0 * 0.00002 + 0.5e-6), abs=1e-4)
    assert row["seconds_alone"] == 0.06


def test_a_slow_instance_takes_longer_and_is_billed_in_steps() -> None:
    row = cost_of_1000(work(0.31, 0.31), SMALL, PRICE)
    assert row["seconds_alone"] == 1.24
    assert row["sparse"] == pytest.approx(1000 * (0.5 * 1.3 * 0.00002 + 0.5e-6), abs=1e-4)


def test_busy_cores_share_the_memory_s_price() -> None:
    one = cost_of_1000(work(0.04, 0.05), MIDDLE, PRICE)
    two = cost_of_1000(work(0.04, 0.05), LARGE, PRICE)
    assert one["steady"] == two["steady"] == pytest.approx(0.0025, abs=1e-4)
    assert two["requests_per_second"] == 2 * one["requests_per_second"] == 40


def test_the_free_share_is_taken_off_and_never_paid_out() -> None:
    assert price(PRICE, "transfer_gb", 99) == 0
    assert price(PRICE, "transfer_gb", 130) == pytest.approx(3.0)
    assert price(PRICE, "transfer_gb", 130, grants=False) == pytest.approx(13.0)


def test_executions_of_a_month() -> None:
    # Steady 2 GB x 0.05 s: a million is 100,000 GB-s, all free; sparse 2 GB x 1 s: 2,000,000 GB-s.
    # Of the million executions 750,000 are paid: 0.375.
    steady, sparse = function_price(1_000_000, work(0.04, 0.05), MIDDLE, PRICE)
    assert steady == pytest.approx(0.375)
    assert sparse == pytest.approx(1_900_000 * 0.00002 + 0.375)
    without = function_price(1_000_000, work(0.04, 0.05), MIDDLE, PRICE, grants=False)
    assert without == (pytest.approx(2.0 + 0.5), pytest.approx(40.0 + 0.5))


def test_logs_of_a_month() -> None:
    # Three messages: 600 + 2 x 150 + 3 x 500 = 2,400 bytes, and 1,000 of the request.
    # Steady: 20 requests a second are 60 rows, of which a third is kept.
    steady, sparse = log_gb(1_000_000, work(0.04, 0.05), cores=1)
    assert sparse == pytest.approx(1.0 + 2.4)
    assert steady == pytest.approx(1.0 + 0.8)


def test_a_month_s_lines_and_their_sum() -> None:
    lines = month(10_000_000, work(0.04, 0.05), MIDDLE, PRICE)
    # 500 scenes of 2.7 MB with two masks of 20 kB, and 0.2 GB of packages; one read each 30 s of
    # 500,000 busy seconds, or one for each prediction.
    stored = 0.02 * (500 * 2.74 / 1e3 + 0.2)
    assert lines["storage"] == (pytest.approx(stored + 16_666.7 * 4e-7), pytest.approx(stored + 4))
    # Sparse: 34 GB, of which the cap lets 730 / 24 in and 5 are free. Steady: 10 + 24 / 3 GB.
    assert lines["logs"] == (pytest.approx(2 * 13), pytest.approx(2 * (730 / 24 - 5)))
    assert lines["masks sent"] == (pytest.approx(10), pytest.approx(10))
    assert lines["alert rules"] == (9.0, 9.0)
    for end in (0, 1):
        parts = [line[end] for name, line in lines.items() if name != "sum"]
        assert lines["sum"][end] == pytest.approx(sum(parts))


def test_what_can_be_switched_on() -> None:
    extra = options(PRICE, visit_mb=12.0)
    assert extra["one instance always ready, idle"] == pytest.approx(730 * 3600 * 2 * 0.000004)
    assert extra["private network"] == pytest.approx(4 * 7.3 + 2 * 0.5)
    assert extra["1,000 first visits of the static site"] == pytest.approx(1.2)


def test_what_is_assumed_of_azure_is_what_the_templates_say() -> None:
    def bicep(name: str) -> str:
        return (PROJECT / "infra" / "bicep" / name).read_text()

    main = bicep("main.bicep")
    assert f"param instanceMemoryMB int = {cost.DEFAULT_MB}\n" in main
    assert f"param logDailyCapGb int = {cost.DAILY_CAP_GB}\n" in main
    assert "param explorerSku string = 'B1'\n" in main
    rules = re.search(r"^var rules = \[(.*?)^\]", bicep("modules/alerts.bicep"), re.M | re.S)
    assert rules
    assert rules[1].count("threshold:") == cost.ALERT_RULES
    # Else every log line is paid for twice, and `log_gb` is wrong.
    assert "FunctionAppLogs" not in bicep("modules/api.bicep")
    (kinds,) = re.findall(r"^var kinds = \[(.*)\]", bicep("modules/network.bicep"), re.M)
    assert len(kinds.split(",")) == cost.ZONES
    assert main.count("module hostStorage") + main.count("module dataStorage") == 2
    assert cost.ENDPOINTS == 2 * cost.ZONES, "each account has each kind"


def test_the_stored_bill_is_that_of_the_prices() -> None:
    stored = json.loads((PROJECT / "results" / "cost.json").read_text())
    visit = json.loads((PROJECT / "results" / "site_time.json").read_text())["first_visit"]
    prices = json.loads(PRICES.read_text())
    again = cost.document(Work(**stored["work"]), prices, visit["megabytes_sent"])
    assert stored == json.loads(json.dumps(again)), "run: python -m bench.cost"


def test_masks_and_lines_are_about_as_large_as_the_bill_says() -> None:
    measured = footprint(PROJECT / "models" / "lite0-fpn-int8" / "1.0.0")
    billed = json.loads((PROJECT / "results" / "cost.json").read_text())["work"]
    assert measured.mask == pytest.approx(billed["mask_bytes"], rel=0.02)
    assert measured.line == pytest.approx(billed["line_bytes"], rel=0.05)

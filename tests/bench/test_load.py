"""The load measurement with small numbers, against the real service."""

import mmap
import os
import time

import pytest
from azure.storage.blob import BlobServiceClient

from bench import proc
from bench.crowd import crowd
from bench.load import MARKS, measure
from bench.service import running_service


def test_cpu_and_memory_of_this_process() -> None:
    own, all_of_them = proc.cpu_seconds(os.getpid()), proc.machine_cpu_seconds()
    started = time.process_time()
    while time.process_time() < started + 0.2:
        pass
    assert 0.1 < proc.cpu_seconds(os.getpid()) - own < 2
    assert proc.machine_cpu_seconds() - all_of_them > 0.1
    proc.reset_peak(os.getpid())
    before = proc.peak_rss_mb(os.getpid())
    heap = proc.own_heap_mb()
    block = bytearray(50_000_000)
    assert 49 < proc.own_heap_mb() - heap < 52
    with mmap.mmap(-1, 50_000_000) as fresh:  # the block may lie where other tests left room
        fresh.write(block)
        assert proc.peak_rss_mb(os.getpid()) - before > 40
        assert proc.rss_mb(os.getpid()) > 50
    del block
    assert abs(proc.own_heap_mb() - heap) < 1
    assert proc.peak_rss_mb(os.getpid()) - before > 40


@pytest.fixture(scope="module")
def connection(seeded_account: BlobServiceClient, azurite_connection: str) -> str:
    del seeded_account
    return azurite_connection


def test_all_measurements_with_small_numbers(connection: str) -> None:
    result = measure(connection, 16, 8, 50)
    assert result["passed"].keys() == MARKS.keys()
    for row in result["throughput"].values():
        cpu = row["cpu_ms_per_request"]
        assert cpu["service"] > 10 * cpu["caller"] > 0, "callers are cheap"
        assert 0 < row["of_strict"] < row["of_bound"] < 1.5
        assert row["p99_to_p50"] >= 1
        assert row["cores"]["service"] > 0
    assert 100 < result["memory"]["peak_mb"] < 2000
    assert len(result["long_run"]["rss_mb"]) == 50
    assert result["long_run"]["requests"] == 50


def test_answers_that_fail_are_no_measurement(connection: str) -> None:
    with running_service(connection) as service, pytest.raises(RuntimeError, match="not-a-photo"):
        crowd(service, b"no photo", 2, 4)

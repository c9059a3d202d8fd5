"""Callers of the running service, and the CPU time that they and it take."""

import http.client
import threading
import time
from typing import NamedTuple

import numpy as np

from bench.proc import cpu_seconds, machine_cpu_seconds
from bench.service import Service


class Crowd(NamedTuple):
    """What callers saw.

    Attributes:
        latencies: seconds that each answer took.
        seconds: how long all of it took.
        service_cpu: CPU seconds of the service in that time.
        caller_cpu: CPU seconds of the callers.
        other_cpu: CPU seconds of everything else on the machine.
    """

    latencies: tuple[float, ...] = ()
    seconds: float = 0.0
    service_cpu: float = 0.0
    caller_cpu: float = 0.0
    other_cpu: float = 0.0

    def then(self, other: "Crowd") -> "Crowd":
        """Both, one after the other."""
        sums = (mine + theirs for mine, theirs in zip(self[1:], other[1:], strict=True))
        return Crowd(self.latencies + other.latencies, *sums)

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """Latency in milliseconds."""
        return round(float(np.percentile(self.latencies, percent)) * 1000, 1)


def crowd(service: Service, photo: bytes, clients: int, requests: int) -> Crowd:
    """Have `clients` callers send `requests` photos in all, each one after the other.

    Raises:
        RuntimeError: an answer is anything but 200.
    """
    left = iter(range(requests))
    latencies: list[float] = []
    failures: list[str] = []

    def call() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        for _ in left:
            started = time.perf_counter()
            connection.request("POST", "/api/predict", photo)
            response = connection.getresponse()
            body = response.read()
            latencies.append(time.perf_counter() - started)
            if response.status != 200:
                failures.append(f"{response.status}: {body[:300]!r}")
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(clients)]
    before = _clocks(service)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, service_cpu, caller_cpu, all_cpu = (
        after - start for after, start in zip(_clocks(service), before, strict=True)
    )
    if failures or len(latencies) != requests:
        raise RuntimeError(f"{requests - len(latencies)} answers are missing; {failures[:3]}")
    other_cpu = max(0.0, all_cpu - service_cpu - caller_cpu)
    return Crowd(tuple(latencies), seconds, service_cpu, caller_cpu, other_cpu)


def _clocks(service: Service) -> tuple[float, float, float, float]:
    seconds, own = time.perf_counter(), time.process_time()
    return seconds, cpu_seconds(service.pid), own, machine_cpu_seconds()

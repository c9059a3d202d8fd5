"""CPU time and memory of a process."""

import mmap
import os
import time

from bench import proc


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

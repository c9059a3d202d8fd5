"""What a process uses, from Linux' /proc (proc(5)) and glibc (mallinfo(3))."""

import ctypes
import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """CPU time that the process has used so far, in user and kernel mode, all threads."""
    # The name in field 2 may hold spaces; what follows its bracket begins with field 3.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def machine_cpu_seconds() -> float:
    """CPU time that all processes have used so far, that of the hypervisor's other guests too."""
    with Path("/proc/stat").open() as stat:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(
            int, stat.readline().split()[1:9]
        )
    return (user + nice + system + irq + softirq + steal) / _TICKS


def rss_mb(pid: int) -> float:
    """Resident memory now, in 10^6 bytes."""
    return _status(pid, "VmRSS")


def peak_rss_mb(pid: int) -> float:
    """The most resident memory since the process began or `reset_peak`, in 10^6 bytes."""
    return _status(pid, "VmHWM")


def reset_peak(pid: int) -> None:
    """Begin to look for the peak anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


class _Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
        "fordblks", "keepcost",
    )]  # fmt: skip


def own_heap_mb() -> float:
    """What this process has allocated and not freed, in 10^6 bytes, native libraries included.

    Resident memory also counts what glibc has free and keeps, so that it never falls back quite to
    where it was; this does, unless something leaks.
    """
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo2
    info = mallinfo2()
    allocated: int = info.uordblks + info.hblkhd
    return round(allocated / 1e6, 1)


def _status(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith(f"{name}:"))
    return round(int(kilobytes) * 1024 / 1e6, 1)

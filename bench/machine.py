"""What a run was measured on, and how much of it others were using."""

from __future__ import annotations

import os
import platform
import resource
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

_PACKAGES = ("rasa", "rasa-sdk", "tensorflow", "scikit-learn", "spacy", "jieba", "locust")


def describe_machine() -> dict[str, Any]:
    """The processor, the memory and the versions that figures depend on."""
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "versions": {name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its children in megabytes."""
    process = psutil.Process(pid)
    family: list[Any] = [process, *process.children(recursive=True)]
    return round(float(sum(member.memory_info().rss for member in family)) / 1024**2, 1)


def peak_mb() -> float:
    """The most resident memory that this process has had, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its children have used so far."""
    process = psutil.Process(pid)
    family: list[Any] = [process, *process.children(recursive=True)]
    times = [member.cpu_times() for member in family]
    return float(sum(used.user + used.system for used in times))


@dataclass(frozen=True)
class CpuClock:
    """Processor time used so far, by everybody and by this benchmark with all its children."""

    at: float
    everybody: float
    ours: float

    @classmethod
    def read(cls) -> CpuClock:
        """Reads it now."""
        times = psutil.cpu_times()
        # Guests are counted in user already; waiting for a disk keeps nobody from computing.
        everybody = times.user + times.nice + times.system
        everybody += sum(getattr(times, name, 0.0) for name in ("irq", "softirq", "steal"))
        this = psutil.Process()
        ours = 0.0
        for process in (this, *this.children(recursive=True)):
            try:
                used = process.cpu_times()
            except psutil.Error:
                continue  # It has just ended; its parent knows its time by now or soon.
            # Children that have ended are counted by who waited for them.
            ours += used.user + used.system + used.children_user + used.children_system
        return cls(time.monotonic(), everybody, ours)

    def others_percent(self, now: CpuClock) -> float:
        """How much of the machine was used by others since this reading, in percent of all cores."""
        available = (now.at - self.at) * (os.cpu_count() or 1)
        used = (now.everybody - self.everybody) - (now.ours - self.ours)
        return round(max(0.0, min(100.0, 100 * used / available)), 1) if available > 0 else 0.0

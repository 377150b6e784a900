"""What a server's process has cost so far, as the kernel counts it (Linux), and on what machine."""

import os
import platform
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process):
    """Processor time of all its threads, in user and kernel mode."""
    fields = _proc(process, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_megabytes(process):
    """The most memory it ever held."""
    (line,) = (line for line in _proc(process, "status").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _proc(process, name):
    return Path(f"/proc/{process.pid}/{name}").read_text()


def machine():
    """One line that says on what was measured."""
    models = {line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")}
    return f"{os.cpu_count()} cores of {', '.join(models) or platform.machine()}, Python {platform.python_version()}, {platform.system()}"

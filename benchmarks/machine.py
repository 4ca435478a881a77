"""The machine that a benchmark ran on, and how fast it multiplies."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from pathlib import Path

import torch

_REPEATS = 20
_ROWS, _WIDTH, _INNER = 512, 384, 1536


def description() -> str:
    """One line: processor, cores, instruction set, versions."""
    packages = ", ".join(
        f"{p} {importlib.metadata.version(p)}" for p in ("torch", "sentence-transformers", "transformers")
    )
    return f"{processor()}, Python {platform.python_version()}, {packages}"


def processor() -> str:
    """Name, cores and instruction set of the processor."""
    cpu_info = Path("/proc/cpuinfo")
    lines = cpu_info.read_text(encoding="utf-8").splitlines() if cpu_info.is_file() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{name}, {os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}"


def multiply_rate(dtype: torch.dtype) -> float:
    """Best rate of a product of the model's size, in GFLOP/s."""
    left, right = torch.ones(_ROWS, _WIDTH, dtype=dtype), torch.ones(_WIDTH, _INNER, dtype=dtype)
    left @ right
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        for _ in range(5):
            left @ right
        times.append((time.perf_counter() - started) / 5)
    return 2 * _ROWS * _WIDTH * _INNER / min(times) / 1e9

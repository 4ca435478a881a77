"""Seconds and peak memory of the real commands, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import NamedTuple

_MEGABYTE = 1e6
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in the unit of ru_maxrss


class Cost(NamedTuple):
    """What one process needed."""

    seconds: float
    megabytes: float  # peak resident memory


def run_command(*arguments: str) -> Cost:
    """Run the program once.

    Args:
        arguments: What stands after `python -m src.cli`.
    """
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - the project's own program
        [sys.executable, "-m", "src.cli", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    return Cost(time.perf_counter() - started, usage.ru_maxrss * _RSS_UNIT / _MEGABYTE)

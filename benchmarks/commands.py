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


def run_command(*arguments: str, code: int = 0) -> Cost:
    """Run the program once.

    Args:
        arguments: What stands after `python -m src.cli`.
        code: The exit code that it is to end with.
    """
    return run_module("src.cli", *arguments, code=code)


def run_module(name: str, *arguments: str, code: int = 0) -> Cost:
    """Run a module once, in a process of its own.

    Raises:
        RuntimeError: It ended with another exit code.
    """
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - the project's own modules
        [sys.executable, "-m", name, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != code:
        raise RuntimeError(f"{name} {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}, not {code}")
    return Cost(seconds, usage.ru_maxrss * _RSS_UNIT / _MEGABYTE)

"""Seconds and peak memory of the real commands, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

_MEGABYTE = 1e6
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in the unit of ru_maxrss


_BETWEEN = """
import resource, subprocess, sys, time
started = time.perf_counter()
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(code, time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


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
    # a process counts the memory of the one that it was forked from as its own peak; so a small one stands between
    between = [sys.executable, "-I", "-c", _BETWEEN, sys.executable, "-m", name, *arguments]
    found = subprocess.run(between, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)  # noqa: S603 - the project's own modules
    ended, seconds, peak = found.stdout.split()
    if int(ended) != code:
        raise RuntimeError(f"{name} {' '.join(arguments)} ended with {ended}, not {code}")
    return Cost(float(seconds), int(peak) * _RSS_UNIT / _MEGABYTE)

"""A process that has imported what commands need, and forks itself for each one: most of their time is imports.

On Linux alone: elsewhere a process with these libraries cannot be forked safely.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import resource
import runpy
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Never

if TYPE_CHECKING:
    from collections.abc import Mapping

# what commands without a model import, and what the others do; not the compiler, which reads its settings at import
LIGHT = ("src.quality_stage", "src.report.terminal", "src.training_stage", "scipy.stats", "sklearn.linear_model")
HEAVY = (*LIGHT, "src.comparison", "src.report.pages", "src.report_stage", "src.trainer", "src.visualizations", "peft")


class Job(NamedTuple):
    """A command line and what its process is given."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    limits: list[tuple[int, int]]
    out: str
    err: str


class WarmProcess:
    """A server of commands that ends with this process.

    Args:
        modules: What it imports before the first command.
        environment: What it imports them in; each command has its own.

    Attributes:
        is_ready: Whether it takes commands.
    """

    def __init__(self, modules: tuple[str, ...], environment: Mapping[str, str]) -> None:
        program = f"from {__name__} import serve; serve({modules!r})"
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        atexit.register(self._process.kill)
        # nothing comes where the process could not be forked safely, and has ended
        self.is_ready = bool(self._line())

    def run(self, job: Job, timeout: float | None) -> int:
        """The exit code of a command; below 0 it is the signal that ended it.

        Raises:
            subprocess.TimeoutExpired: It did not end in time, and was killed.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        pid, late = self._answer(), threading.Event()

        def end() -> None:
            late.set()
            os.kill(pid, signal.SIGKILL)

        watch = threading.Timer(threading.TIMEOUT_MAX if timeout is None else timeout, end)
        watch.daemon = True
        watch.start()
        code = self._answer()
        watch.cancel()
        if late.is_set():
            raise subprocess.TimeoutExpired(job.arguments, timeout or 0)
        return code

    def _answer(self) -> int:
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@functools.cache
def warm_process(modules: tuple[str, ...]) -> WarmProcess:
    """The server with these modules, started when it is first asked for."""
    places = os.pathsep.join(sys.path)
    # of Arrow's own allocator, which has a thread
    one_thread = {"OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    return WarmProcess(modules, {**os.environ, **one_thread, "PYTHONPATH": places})


def serve(modules: tuple[str, ...]) -> None:
    """Import, then start a command for each line of the input; answer with its process and its exit code."""
    from src.embedding.loading import go_offline
    from src.workflow.code_version import code_version

    go_offline()
    for module in modules:
        importlib.import_module(module)
    code_version("cli")  # reads and parses every file of the program, as each command would
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        sys.exit("a process with several threads cannot be forked safely")
    gc.freeze()
    _tell(os.getpid())
    for line in sys.stdin:
        job = Job(*json.loads(line))
        if (pid := os.fork()) == 0:
            _become(job)
        _tell(pid)
        _tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _become(job: Job) -> Never:
    """Do in this process, a copy of the server, what the interpreter does for a command."""
    os.environ.clear()
    os.environ.update(job.environment)
    os.chdir(job.folder)
    for stream, file in enumerate((os.devnull, job.out, job.err)):
        os.dup2(os.open(file, os.O_WRONLY if stream else os.O_RDONLY), stream)
    for limit, value in job.limits:
        resource.setrlimit(limit, (value, value))
    sys.argv[:] = ["src.cli", *job.arguments]
    sys.path.insert(0, job.folder)
    importlib.import_module("tests.support.guards.sitecustomize")
    code: object = 1
    try:
        runpy.run_module("src.cli", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as done:
        code = done.code
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)

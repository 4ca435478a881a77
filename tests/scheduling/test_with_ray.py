from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError, UserInputError
from src.scheduling.tasks import Needs, Task
from src.scheduling.with_ray import LOCAL, RETRIES, check_address, with_ray

if TYPE_CHECKING:
    from pathlib import Path


def nothing() -> None:
    """Prepares a worker for nothing."""


def process() -> int:
    return os.getpid()


def fails() -> None:
    raise UserInputError("it is wrong")


def surprises() -> None:
    raise KeyError("x")


class DiesAtFirst:
    """A worker that is killed until its task was tried so often."""

    def __init__(self, folder: Path, times: int) -> None:
        self.folder, self.times = folder, times

    def __call__(self) -> int:
        tried = len(list(self.folder.iterdir()))
        (self.folder / str(time.time_ns())).touch()
        if tried < self.times:
            os.kill(os.getpid(), signal.SIGKILL)
        return tried


@pytest.mark.parametrize("address", [LOCAL, "127.0.0.1:6379", "head.example:6379", "[::1]:6379"])
def test_an_address_is_local_or_a_host_and_a_port(address: str) -> None:
    assert check_address(address) == address


@pytest.mark.parametrize("address", ["", "auto", "ray://x:1", "x:", "x:123456", "x y:1", "x:1\n", "a" * 300 + ":1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UserInputError, match=r"--ray .*: local or HOST:PORT is expected"):
        check_address(address)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_tasks_on_this_machine(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """All of it in one test: a cluster takes seconds to start."""
    (tmp_path / "once").mkdir()
    (tmp_path / "always").mkdir()
    tasks = [
        Task("own", process),
        Task("wrong", fails),
        Task("odd", surprises),
        Task("once", DiesAtFirst(tmp_path / "once", 1)),
        Task("always", DiesAtFirst(tmp_path / "always", 99)),
    ]

    with with_ray(LOCAL, nothing) as scheduler:
        found = {outcome.name: outcome for outcome in scheduler.run(tasks)}
        with pytest.raises(PipelineError, match="no machine has 1 processors and 64 GPUs for a task"):
            list(scheduler.run([Task("large", process, Needs(gpus=64))]))
        import ray

        assert {node["NodeManagerAddress"] for node in ray.nodes()} == {"127.0.0.1"}

    assert found["own"].value not in (None, os.getpid())
    assert found["wrong"].reason == "it is wrong"
    assert found["odd"].reason == "unexpected KeyError: 'x'"
    assert found["once"].value == 1
    assert found["always"].reason.startswith(f"its worker was lost {RETRIES + 1} times: ")
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("", "")

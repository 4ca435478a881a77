"""A command in a copy of a warm process, as most tests run it, beside one in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.data_files import write_data
from tests.support.real_command import DONE, REPOSITORY, Place
from tests.support.warm_process import WarmProcess

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux alone")


@pytest.fixture
def place(tmp_path: Path, tiny_model: Path) -> Place:
    write_data(tmp_path / "data")
    (tmp_path / "root").mkdir()
    return Place(tmp_path / "root", tmp_path / "data", tiny_model)


def nothing() -> None:
    """Called before the command, so that it gets a process of its own."""


@pytest.mark.parametrize(
    "command", [("status",), ("evaluate-data",), ("train", "--epochs", "no"), ("score", "a"), ("train", "--help")]
)
def test_a_copy_says_and_does_what_a_process_of_its_own_does(place: Place, command: tuple[str, ...]) -> None:
    copied = place.run(*command, NO_TORCH="1")
    files = place.hashes().keys()

    assert copied == place.run(*command, before=nothing, NO_TORCH="1")
    assert place.hashes().keys() == files


def test_a_server_that_cannot_start_takes_no_commands(capfd: pytest.CaptureFixture[str]) -> None:
    """Then commands have processes of their own."""
    assert not WarmProcess(("no_such_module",), {**os.environ, "PYTHONPATH": str(REPOSITORY)}).is_ready
    assert "No module named 'no_such_module'" in capfd.readouterr().err


def test_a_command_that_hangs_is_ended(place: Place) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        place.run("evaluate-data", timeout=2, NO_TORCH="1", STOP_BELOW=str(place.root), STOP_AT="3", STOP_BY="SIGSTOP")

    assert place.run("status", NO_TORCH="1").code == DONE

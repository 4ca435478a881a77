"""The whole pipeline twice, once in this process and once in one of its own without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.data_files import write_data
from tests.support.finished_run import copy_finished_run
from tests.support.real_command import DONE, REPOSITORY, Place, without_provenance

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext

WHOLE_RUN = """
import sys
from src import pipeline
from src.cli import entry
from tests.support.finished_run import quick_trainings

pipeline.trainings_of_run = quick_trainings
shared = sys.argv[1:]
exported = ["export", "--name", "lora", "--format", "int8", "--tolerance", "1", "--output", sys.argv[2] + "-int8"]
for command in (["run"], ["status", "--verify"], ["score", "boy: i love tea", "girl: no tea for me"], exported):
    sys.argv[1:] = [*shared, *command]
    try:
        entry()
    except SystemExit as ended:
        assert not ended.code, (command, ended.code)
"""


@pytest.fixture(scope="module")
def offline_run(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> tuple[Path, str]:
    """The root of a whole run for which every use of a socket was an error, and what it printed."""
    folder = tmp_path_factory.mktemp("offline")
    write_data(folder / "data")
    shared = ["--root", folder / "root", "--data-dir", folder / "data", "--base-model", tiny_model, "--device", "cpu"]
    environment = Place.environment()
    # as many threads as this process has: sums of another order differ in their last bits
    environment.pop("OMP_NUM_THREADS")
    environment |= {name: os.environ[name] for name in ("OMP_NUM_THREADS",) if name in os.environ}
    ended = subprocess.run(
        [*without_network(), sys.executable, "-c", WHOLE_RUN, *map(str, shared), "-q"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (DONE, "")
    return folder / "root", ended.stdout


def without_network() -> tuple[str, ...]:
    """A command that takes the network away from what follows it, where this process may do so."""
    command = ("unshare", "--net")
    if shutil.which(command[0]) is None:
        return ()
    return command if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0 else ()


def files(root: Path, suffix: str) -> dict[str, Path]:
    return {path.relative_to(root).as_posix(): path for path in root.rglob(f"*{suffix}")}


@pytest.mark.timeout(600)
def test_every_command_of_a_whole_run_opens_no_socket(offline_run: tuple[Path, str]) -> None:
    _, out = offline_run

    assert out.count(" fresh") == 12
    assert "compatible (threshold " in out
    assert "lora as int8" in out


@pytest.mark.timeout(600)
def test_the_same_data_recipe_and_seed_give_the_same_json_apart_from_the_provenance(
    context: RunContext, offline_run: tuple[Path, str]
) -> None:
    copy_finished_run(context)
    first, second = files(context.paths.root, ".json"), files(offline_run[0], ".json")

    assert sorted(first) == sorted(second)
    assert len(first) > 20
    for name, path in first.items():
        one, other = (without_provenance(json.loads(p.read_text(encoding="utf-8"))) for p in (path, second[name]))
        assert one == other, name


@pytest.mark.timeout(600)
@pytest.mark.parametrize("suffix", [".npy", ".safetensors", ".png"])
def test_the_same_data_recipe_and_seed_give_the_same_bytes(
    context: RunContext, offline_run: tuple[Path, str], suffix: str
) -> None:
    copy_finished_run(context)
    first, second = files(context.paths.root, suffix), files(offline_run[0], suffix)

    assert sorted(first) == sorted(second)
    assert [name for name, path in first.items() if path.read_bytes() != second[name].read_bytes()] == []

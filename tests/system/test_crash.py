"""The real command, killed by SIGKILL before a random change of a file, at moments drawn with a seed.

Moments are counted in changes of files and not in seconds: every moment between two changes is the same to the disk.
"""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from src.core.paths import ProjectPaths
from src.models import TrainingInfo
from src.storage.files import read_json
from tests.support import aged_stage
from tests.support.data_files import write_data
from tests.support.finished_run import copy_finished_run
from tests.support.real_command import DONE, QUICK, Place, leftovers, without_provenance

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext

pytestmark = pytest.mark.slow  # what is killed at every change of a file stands in tests/storage/test_transaction.py
KILLED = -signal.SIGKILL


class Stage(NamedTuple):
    """One stage as a command, and the records that it writes."""

    command: tuple[str, ...]
    records: tuple[str, ...]


STAGES = {
    "evaluate-data": Stage(("evaluate-data",), ("evaluate-data",)),
    "baseline": Stage(("baseline",), ("embeddings-baseline", "baseline")),
    "standard": Stage(("train", "--mode", "standard", *QUICK, "--resume"), ("train-standard",)),
    "lora": Stage(("train", "--mode", "lora", *QUICK, "--resume"), ("train-lora",)),
    "evaluate": Stage(("evaluate", "--name", "lora"), ("embeddings-lora", "evaluate-lora")),
    "compare": Stage(("compare",), ("compare",)),
}


@pytest.fixture
def place(tmp_path: Path, tiny_model: Path) -> Place:
    """An empty root beside a data folder."""
    write_data(tmp_path / "data")
    (tmp_path / "root").mkdir()
    return Place(tmp_path / "root", tmp_path / "data", tiny_model)


@pytest.fixture
def finished(place: Place, context: RunContext) -> Place:
    place.root.rmdir()
    copy_finished_run(context)
    return place


def run(place: Place, stage: Stage, at: int = 0, count_to: Path | None = None) -> int:
    """Run a stage, killed before the given change of a file; without the compiler, which costs half a minute."""
    counting = {} if count_to is None else {"COUNT_TO": str(count_to)}
    ended = place.run(*stage.command, NUMBA_DISABLE_JIT="1", STOP_BELOW=str(place.root), STOP_AT=str(at), **counting)
    assert ended.code in (DONE, KILLED), ended.err
    return ended.code


def age(place: Place, stage: Stage) -> dict[str, str]:
    """Make the results of a stage old; see `tests/support/aged_stage.py`."""
    return aged_stage.age(ProjectPaths(place.root, place.data), stage.records)


def check_old_or_new(place: Place, stage: Stage, aged: dict[str, str]) -> None:
    """After the next command, which reads, the files of a stage are the old ones exactly when its record is."""
    assert place.run("status", NO_TORCH="1").code == DONE
    aged_stage.check_old_or_new(ProjectPaths(place.root, place.data), stage.records, aged)
    assert [path for path in leftovers(place.root) if path.name.startswith("ready-")] == []


def info(place: Place, name: str) -> TrainingInfo:
    return read_json(ProjectPaths(place.root, place.data).training_info(name), TrainingInfo)


@pytest.mark.parametrize(("name", "seed"), [("evaluate-data", 1), ("compare", 2), ("baseline", 4)])
def test_a_stage_killed_at_a_random_moment_leaves_old_or_new_and_the_next_run_needs_no_cleaning(
    finished: Place, name: str, seed: int
) -> None:
    stage = STAGES[name]
    aged = age(finished, stage)
    at = int(np.random.default_rng(seed).integers(8, 30))

    assert run(finished, stage, at) == KILLED
    check_old_or_new(finished, stage, aged)

    assert run(finished, stage) == DONE
    check_old_or_new(finished, stage, aged)
    assert leftovers(finished.root) == []
    assert f"{name:<22} fresh" in finished.run("status", "--verify").out


@pytest.mark.parametrize("seed", [3])
def test_a_training_killed_at_a_random_moment_is_resumed_to_the_same_metrics_as_an_uninterrupted_one(
    place: Place, tmp_path: Path, seed: int
) -> None:
    stage = STAGES["standard"]
    assert run(place, stage, count_to=tmp_path / "count") == DONE
    changes, whole = int((tmp_path / "count").read_text()), info(place, "standard")
    aged = age(place, stage)

    # after the first checkpoint and before the results are in their places
    moment = int(np.random.default_rng(seed).integers(changes // 5, changes // 2))
    assert run(place, stage, moment) == KILLED
    check_old_or_new(place, stage, aged)

    assert run(place, stage) == DONE
    check_old_or_new(place, stage, aged)
    resumed = info(place, "standard")
    assert resumed.resumed_from_step is not None
    assert (resumed.history, resumed.weights_sha256) == (whole.history, whole.weights_sha256)
    assert leftovers(place.root) == []
    assert not ProjectPaths(place.root, place.data).checkpoints("standard").exists()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", STAGES)
def test_a_stage_killed_twenty_times_in_a_row_leaves_old_or_new_every_time(
    finished: Place, tmp_path: Path, name: str
) -> None:
    """Each run starts from what the killed one before it left."""
    stage, rng = STAGES[name], np.random.default_rng([4, *name.encode()])
    aged = age(finished, stage)
    assert run(finished, stage, count_to=tmp_path / "count") == DONE
    changes = int((tmp_path / "count").read_text())
    whole = info(finished, name) if name in ("standard", "lora") else None
    killed = 0
    while killed < 20:
        aged = age(finished, stage)
        killed += run(finished, stage, int(rng.integers(1, changes + 1))) == KILLED
        check_old_or_new(finished, stage, aged)

    assert run(finished, stage) == DONE
    check_old_or_new(finished, stage, aged)
    assert leftovers(finished.root) == []
    if whole is not None:
        last = info(finished, name)
        assert (last.history, last.weights_sha256) == (whole.history, whole.weights_sha256)


@pytest.mark.timeout(3600)
def test_a_run_of_several_seeds_that_is_killed_loses_the_training_under_way_alone_and_ends_with_the_same_numbers(
    place: Place, tmp_path: Path
) -> None:
    stage, rng = Stage(("run", "--seeds", "42,43", "--fail-on", "never"), ()), np.random.default_rng(5)
    whole = place._replace(root=tmp_path / "whole")
    assert run(whole, stage, count_to=tmp_path / "count") == DONE
    changes, names = int((tmp_path / "count").read_text()), [path.name for path in infos(whole)]
    finished: dict[str, bytes] = {}
    n_killed = 0
    # each command has less to do than the one before, so that a late moment may never come
    while run(place, stage, int(rng.integers(changes // 12, changes // 4))) == KILLED:
        n_killed += 1
        assert place.run("status", NO_TORCH="1").code == DONE  # moves what was finished to its place
        now = {path.name: path.read_bytes() for path in infos(place)}
        assert finished.items() <= now.items()  # no training was done again
        finished = now

    assert n_killed > 2
    assert finished.items() <= {path.name: path.read_bytes() for path in infos(place)}.items()
    assert [path.name for path in infos(place)] == names
    assert len(names) == 6
    for file in [*infos(whole), ProjectPaths(whole.root, whole.data).comparison_result]:
        mine = place.root / file.relative_to(whole.root)
        one, other = (without_provenance(json.loads(path.read_text(encoding="utf-8"))) for path in (file, mine))
        assert one == other, file.name
    assert leftovers(place.root) == []


def infos(place: Place) -> list[Path]:
    """The trainings that were finished."""
    return sorted((place.root / "training").glob("*_training_info.json"))


def test_what_a_killed_library_left_of_a_checkpoint_is_not_resumed_from(place: Place) -> None:
    """The library writes weights and optimizer by itself: between first byte and last no change of a file is seen."""
    folder = place.root / "training" / "checkpoints" / "standard" / "checkpoint-2"
    folder.mkdir(parents=True)
    for name in ("model.safetensors", "optimizer.pt", "trainer_state.json"):
        (folder / name).write_bytes(b"half of it")

    assert run(place, STAGES["standard"]) == DONE

    assert info(place, "standard").resumed_from_step is None
    assert not folder.exists()

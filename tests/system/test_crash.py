"""The real command, killed by SIGKILL before a random change of a file, at moments drawn with a seed.

Moments are counted in changes of files and not in seconds: every moment between two changes is the same to the disk.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from src.core.paths import ProjectPaths
from src.models import OutputFile, StageRecord, TrainingInfo
from src.storage.files import read_json, sha256_file, write_json
from src.storage.manifest import damage_of, output_file
from tests.support.data_files import write_data
from tests.support.finished_run import copy_finished_run
from tests.support.real_command import DONE, QUICK, Place, leftovers

if TYPE_CHECKING:
    from pathlib import Path

    from src.workflow.context import RunContext

KILLED = -signal.SIGKILL
OLDER = "older"


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


def records_of(place: Place, stage: Stage) -> list[tuple[StageRecord, list[OutputFile]]]:
    """Each record of a stage with its own files: without those of a record before it, which must stand for it too."""
    paths, found, others = ProjectPaths(place.root, place.data), [], set()
    for name in stage.records:
        record = read_json(paths.stage_record(name), StageRecord)
        found.append((record, [output for output in record.provenance.outputs if output.path not in others]))
        others |= {output.path for output in record.provenance.outputs}
    return found


def age(place: Place, stage: Stage) -> dict[str, str]:
    """Make the results of a stage old: it has to be run again, and until it has, its files are the old ones.

    A byte of every file becomes another one than a run writes, and the record believes that it was always so; what is
    old already stays as it is.

    Returns:
        Path of each file to the hash that says that it is the old one.
    """
    aged: dict[str, str] = {}
    for record, own in records_of(place, stage):
        if record.inputs["code"] != OLDER:
            changed = {output.path: with_another_end(place.root / output.path, place.root) for output in own}
            outputs = tuple(changed.get(output.path, output) for output in record.provenance.outputs)
            provenance = record.provenance.model_copy(update={"outputs": outputs})
            old = record.model_copy(update={"inputs": record.inputs | {"code": OLDER}, "provenance": provenance})
            write_json(ProjectPaths(place.root, place.data).stage_record(record.stage), old)
        aged |= {output.path: sha256_file(place.root / output.path) for output in own}
    return aged


def with_another_end(file: Path, root: Path) -> OutputFile:
    """Change the last byte of a file; JSON of ours, which ends in a line feed, can be read as before."""
    content = file.read_bytes()
    file.write_bytes(content[:-1] + (b" " if content.endswith(b"\n") else bytes([content[-1] ^ 1])))
    return output_file(file, root)


def check_old_or_new(place: Place, stage: Stage, aged: dict[str, str]) -> None:
    """The files of a stage are the old ones exactly when its record is, and every stage's files are as recorded."""
    assert place.run("status", NO_TORCH="1").code == DONE
    outputs = [output for _, own in records_of(place, stage) for output in own]
    for file in (place.root / ".pipeline").glob("*.json"):
        if file.stem not in stage.records:
            outputs.extend(read_json(file, StageRecord).provenance.outputs)
    assert [damage for output in outputs if (damage := damage_of(output, place.root, verify=True))] == []
    for record, own in records_of(place, stage):
        are_old = {sha256_file(place.root / output.path) == aged.get(output.path) for output in own}
        assert are_old == {record.inputs["code"] == OLDER}, record.stage
    assert [path for path in leftovers(place.root) if path.name.startswith("ready-")] == []


def info(place: Place, name: str) -> TrainingInfo:
    return read_json(ProjectPaths(place.root, place.data).training_info(name), TrainingInfo)


@pytest.mark.parametrize(("name", "seed"), [("evaluate-data", 1), ("compare", 2)])
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


@pytest.mark.slow
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


def test_what_a_killed_library_left_of_a_checkpoint_is_not_resumed_from(place: Place) -> None:
    """The library writes weights and optimizer by itself: between first byte and last no change of a file is seen."""
    folder = place.root / "training" / "checkpoints" / "standard" / "checkpoint-2"
    folder.mkdir(parents=True)
    for name in ("model.safetensors", "optimizer.pt", "trainer_state.json"):
        (folder / name).write_bytes(b"half of it")

    assert run(place, STAGES["standard"]) == DONE

    assert info(place, "standard").resumed_from_step is None
    assert not folder.exists()

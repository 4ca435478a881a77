"""Attacks on a root, in this process; `attacks_on_roots.py` has the cases."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Never

import pytest
from click.testing import CliRunner

from src import quality_stage
from src.cli import main
from src.core.errors import InUseError, PipelineError
from src.core.paths import ProjectPaths
from src.models import DataQualityReport, TrainConfig, TrainingMode
from src.storage.files import is_folder, read_json, write_json
from src.storage.lock import RunLock
from src.trainer import StandardTrainer
from src.training.checkpoints import checkpoint_folder, seal
from src.training.hf_trainer import PairTrainer
from src.training_stage import run_training
from tests.support.finished_run import Listener, copy_finished_run
from tests.support.finished_run import recipe as quick_recipe
from tests.support.real_command import REPOSITORY
from tests.system.attacks_on_roots import (
    DAMAGES,
    DONE,
    FAILED,
    IN_THE_DATA,
    LOCK_TEXTS,
    LOCKS,
    MARKS,
    NO_FOLDER,
    NO_TRAININGS,
    OTHERS,
    STRAYS,
    WRONG,
    Damage,
    InTheData,
    Other,
    Stray,
    fifo,
    file,
    folder,
    link_to,
    link_to_itself,
    unix_socket,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from click.testing import Result

    from src.models import TrainingInfo
    from src.workflow.context import RunContext

# what is opened without a look may wait for ever
patient = pytest.mark.timeout(60)


@pytest.fixture
def command(context: RunContext, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command line in this process."""
    monkeypatch.setenv("COLUMNS", "1000")
    paths = context.paths
    places = ("--root", paths.root, "--data-dir", paths.data_dir, "--base-model", context.base_model, "--device", "cpu")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*map(str, places), *arguments])

    before = signal.getsignal(signal.SIGXFSZ)
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "TOKENIZERS_PARALLELISM"):
        monkeypatch.setenv(name, os.environ.get(name, "1"))
    signal.signal(signal.SIGXFSZ, before)
    return run


def tree(folder: Path) -> dict[str, tuple[object, ...]]:
    """What stands below a folder, and each regular file's content."""
    found = [folder, *folder.rglob("*")] if is_folder(folder) else [folder]
    return {
        str(path): (
            path.lstat().st_mode,
            path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes(),
        )
        for path in found
        if os.path.lexists(path)
    }


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def one_line_of_error(ended: Result) -> bool:
    errors = [line for line in ended.stderr.splitlines() if line.startswith("Error: ")]
    return len(errors) == 1 and "unexpected" not in ended.stderr and "make room" not in ended.stderr


# --- 7: strays ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reports() -> list[DataQualityReport]:
    """The report on the data of every test, once one has made it."""
    return []


@pytest.fixture
def _made_once(reports: list[DataQualityReport], monkeypatch: pytest.MonkeyPatch) -> None:
    """The data is the same in each test, and evaluated once."""
    make = quality_stage._make

    def copied(context: RunContext, paths: ProjectPaths, fingerprint: str) -> None:
        if reports:
            write_json(paths.quality_report, reports[0])
        else:
            make(context, paths, fingerprint)
            reports.append(read_json(paths.quality_report, DataQualityReport))

    monkeypatch.setattr(quality_stage, "_make", copied)


@patient
@pytest.mark.usefixtures("_made_once")
@pytest.mark.parametrize("stray", STRAYS, ids=lambda stray: f"{stray.what.__name__} {stray.where}")
def test_what_no_stage_made_is_told_once_and_left_alone(
    context: RunContext, command: Callable[..., Result], stray: Stray
) -> None:
    path = context.paths.root / stray.where
    path.parent.mkdir(parents=True)
    stray.what(path)
    before, around = tree(path), tree(context.paths.root.parent / "outside")

    ended = command("evaluate-data")

    assert ended.exit_code == stray.code, ended.stderr
    assert ended.exit_code == DONE or one_line_of_error(ended), ended.stderr
    assert ended.stderr.count(f"{path}: ") == (1 if stray.told else 0), ended.stderr
    assert stray.told in ended.stderr
    assert (tree(path) == before) == stray.stays
    assert tree(context.paths.root.parent / "outside") == around
    assert not (context.paths.root / "letter.txt").exists()
    assert context.paths.quality_report.is_file() == (stray.code == DONE)
    assert command("status").exit_code == (FAILED if stray.told == NO_FOLDER else DONE)
    if "not made" in stray.told:
        assert sorted(p.name for p in context.paths.lock.parent.glob("*-evaluate-data*")) == [
            path.name
        ] * path.name.endswith("evaluate-data")


@pytest.mark.parametrize("what", [fifo, unix_socket, link_to_itself, link_to("/dev/zero"), file, folder])
def test_what_is_no_training_is_told_once_by_each_command_that_looks_for_trainings(
    finished: RunContext, command: Callable[..., Result], what: Callable[[Path], None]
) -> None:
    paths = [finished.paths.root / name for name in NO_TRAININGS]
    for path in paths:
        what(path)
    before = [tree(path) for path in paths]

    for name in ("evaluate", "status"):
        ended = command(name)
        assert ended.exit_code == DONE, ended.stderr
        assert [ended.stderr.count(f"{path}: not made by a stage; left alone") for path in paths] == [1] * len(paths)
    assert [tree(path) for path in paths] == before


def test_a_folder_of_others_that_may_not_be_written_stops_nobody(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = context.paths.root / "eval" / "theirs"
    theirs.mkdir(parents=True)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != theirs and access(path, mode))

    with context.writing():
        assert theirs.is_dir()


def test_a_working_folder_that_was_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    ended = CliRunner().invoke(main, ["status"])

    assert ended.exit_code == WRONG
    assert ended.stderr == "Error: --root .: cannot be found: No such file or directory; name another folder\n"


@patient
@pytest.mark.parametrize("case", IN_THE_DATA, ids=lambda case: f"{case.where} {case.told}")
@pytest.mark.parametrize("name", ["evaluate-data", "train"])
def test_what_is_no_data_file_is_never_opened(
    context: RunContext, command: Callable[..., Result], case: InTheData, name: str
) -> None:
    path = context.paths.data_dir.parent / case.where
    if is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink()
    case.what(path)

    ended = command(name, *(["--mode", "lora"] if name == "train" else []))

    assert ended.exit_code == WRONG, ended.stderr
    assert one_line_of_error(ended), ended.stderr
    assert case.told in ended.stderr
    assert not context.paths.root.exists()


@pytest.mark.parametrize("name", ["evaluate-data", "status"])
def test_a_root_that_is_a_link_to_itself_is_refused(
    context: RunContext, command: Callable[..., Result], name: str
) -> None:
    context.paths.root.symlink_to("root")

    ended = command(name)

    assert ended.exit_code == FAILED
    assert one_line_of_error(ended), ended.stderr


# --- 11: the lock ---------------------------------------------------------------------------------------


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    places = ProjectPaths(root=tmp_path / "root", data_dir=tmp_path / "data")
    places.lock.parent.mkdir(parents=True)
    return places


@patient
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_is_no_file_of_its_own_is_refused_and_not_written_through(paths: ProjectPaths, name: str) -> None:
    (paths.root / "notes.txt").write_text("mine")
    LOCKS[name](paths.lock)
    before = tree(paths.root)

    with (
        pytest.raises(PipelineError, match=r"lock: cannot be locked: .*remove it and run again"),
        RunLock(paths, "mine").held(),
    ):
        pass

    assert tree(paths.root) == before


@pytest.mark.parametrize("content", LOCK_TEXTS, ids=len)
def test_a_lock_file_that_was_left_is_locked_and_kept(paths: ProjectPaths, content: bytes) -> None:
    paths.lock.write_bytes(content)
    before = paths.lock.stat().st_ino

    with RunLock(paths, "mine").held() as first:
        assert first
        assert paths.lock.read_text().startswith(f"process {os.getpid()} on ")
    assert (paths.lock.stat().st_ino, paths.lock.read_bytes()) == (before, b"")


def test_of_many_threads_one_holds_the_lock_and_the_others_are_told_that_it_is_in_use(paths: ProjectPaths) -> None:
    shutil.rmtree(paths.root)
    holders: list[int] = []
    others: list[str] = []
    overlaps: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            try:
                with RunLock(paths, "mine").held():
                    holders.append(number)
                    overlaps.append(len(holders) - len(ended))
                    ended.append(number)
            except InUseError as error:
                others.append(str(error))

    ended: list[int] = []
    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(holders) + len(others) == 16 * 20
    assert set(overlaps) == {1}
    assert all(re.search("in use by .*; wait until it has ended", text) for text in others)


_CROWD = """
import os, sys
from pathlib import Path
from src.core.errors import InUseError
from src.core.paths import ProjectPaths
from src.storage.lock import RunLock

root = Path(sys.argv[1])
paths = ProjectPaths(root, root / "data" / "raw")
start, go = os.pipe()

def child():
    os.close(go)
    os.read(start, 1)  # until the parent lets all of them go
    for _ in range(40):
        try:
            with RunLock(paths, "mine").held():
                os.close(os.open(root / "held", os.O_CREAT | os.O_EXCL))
                (root / "held").unlink()
        except InUseError:
            pass

for _ in range(12):
    if os.fork() == 0:
        try:
            child()
        except BaseException as error:
            print(type(error).__name__, error, flush=True)
            os._exit(1)
        os._exit(0)
os.close(go)
sys.exit(any(os.wait()[1] for _ in range(12)))
"""


def test_of_many_processes_one_holds_the_lock_and_none_meets_another_error(tmp_path: Path) -> None:
    """They begin at once, in a root that is not there."""
    ended = subprocess.run(
        [sys.executable, "-c", _CROWD, str(tmp_path / "root")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


# --- 13: checkpoints of another recipe ------------------------------------------------------------------


@pytest.fixture
def unfinished(context: RunContext) -> Path:
    """A checkpoint of a training by the default recipe that was cut off."""
    return leave_unfinished(context)


def leave_unfinished(context: RunContext) -> Path:
    checkpoint = checkpoint_folder(context.paths.checkpoints("standard"), 2)
    checkpoint.mkdir(parents=True)
    (checkpoint / "model.safetensors").write_text("weights")
    default = TrainConfig(name="standard", mode=TrainingMode.STANDARD)
    seal(checkpoint, 2, "its own", 2, default.model_dump_json())
    return checkpoint


@pytest.fixture
def _no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused is refused before a model is loaded."""
    monkeypatch.delattr(StandardTrainer, "_train_from")


@pytest.mark.usefixtures("_no_training")
@pytest.mark.parametrize("case", OTHERS, ids=lambda case: " ".join(case.options))
def test_checkpoints_of_another_recipe_are_kept_and_the_message_names_the_difference(
    unfinished: Path, command: Callable[..., Result], case: Other
) -> None:
    before = tree(unfinished.parent)

    ended = command("train", "--mode", "standard", *case.options)

    assert ended.exit_code == WRONG, ended.stderr
    assert one_line_of_error(ended), ended.stderr
    assert re.search(rf"{case.told} stand; give the same, another --name, or --discard", ended.stderr), ended.stderr
    assert "train --mode standard --resume` to finish that training" in ended.stderr
    assert tree(unfinished.parent) == before


@pytest.mark.usefixtures("_no_training")
@pytest.mark.parametrize("change", MARKS, ids=lambda change: change.__name__)
def test_checkpoints_of_other_data_or_another_version_are_kept(
    unfinished: Path, command: Callable[..., Result], change: Callable[[dict[str, object]], None]
) -> None:
    mark = unfinished / "complete.json"
    known = json.loads(mark.read_text())
    change(known)
    mark.write_text(json.dumps(known))
    before = tree(unfinished.parent)

    ended = command("train", "--mode", "standard", "--resume")

    assert (ended.exit_code, one_line_of_error(ended)) == (WRONG, True), ended.stderr
    assert MARKS[change] in ended.stderr
    assert "--discard" in ended.stderr
    assert tree(unfinished.parent) == before


@pytest.mark.usefixtures("_no_training", "_made_once")
def test_a_run_that_finds_them_names_what_to_type(
    context: RunContext, unfinished: Path, command: Callable[..., Result]
) -> None:
    changed = TrainConfig(name="standard", mode=TrainingMode.STANDARD, epochs=9)
    seal(unfinished, 2, "its own", 2, changed.model_dump_json())
    before = tree(unfinished.parent)

    ended = command("-q", "run")

    assert (ended.exit_code, one_line_of_error(ended)) == (WRONG, True), ended.stderr
    assert "another recipe (epochs 9) stand; " in ended.stderr
    assert "--discard" in ended.stderr
    assert f"--root {context.paths.root}" in ended.stderr
    assert "train --mode standard --epochs 9 --resume` to finish that training" in ended.stderr
    assert tree(unfinished.parent) == before


@pytest.mark.parametrize("resume", [False, True])
def test_they_are_removed_when_that_is_asked_for(
    context: RunContext, unfinished: Path, monkeypatch: pytest.MonkeyPatch, resume: bool
) -> None:
    steps = first_step(monkeypatch)

    with pytest.raises(KeyboardInterrupt):
        run_training(context, CONFIG, resume=resume, discard=True)

    assert steps == [0]
    assert not unfinished.exists()


def test_a_training_that_is_up_to_date_leaves_checkpoints_of_others_alone(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_finished_run(context)
    monkeypatch.delattr(StandardTrainer, "_train_from")
    theirs = leave_unfinished(context)

    run_training(context, quick_recipe("standard"))

    assert theirs.is_dir()


# --- 13: damaged checkpoints ----------------------------------------------------------------------------

CONFIG = quick_recipe("standard", eval_steps=2)


@pytest.fixture(scope="module")
def cut_off() -> Iterator[list[Path]]:
    """Holds the checkpoints of one training that was cut off, once a test has made them."""
    kept: list[Path] = []
    yield kept
    for made in kept:
        shutil.rmtree(made)


@pytest.fixture
def checkpoints(
    context: RunContext, cut_off: list[Path], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Checkpoints of steps 2 and 4; both are whole."""
    own = context.paths.checkpoints("standard")
    if not cut_off:
        step = PairTrainer.training_step

        def until_the_fifth(self: PairTrainer, *arguments: object) -> object:
            if self.state.global_step == 4:
                raise KeyboardInterrupt
            return step(self, *arguments)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(PairTrainer, "training_step", until_the_fifth)
            StandardTrainer(context, CONFIG).train("f")
        kept = tmp_path_factory.mktemp("cut_off") / "standard"
        own.rename(kept)
        cut_off.append(kept)
    own.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(cut_off[0], own)
    assert sorted(path.name for path in own.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]
    return own


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage[0])
def test_a_damaged_checkpoint_is_ignored_in_words_and_the_one_before_it_taken(
    context: RunContext, checkpoints: Path, monkeypatch: pytest.MonkeyPatch, damage: Damage
) -> None:
    newest, (name, harm) = checkpoints / "checkpoint-4", damage
    best = json.loads((newest / "complete.json").read_text())["best_step"]
    harm(newest / name)
    seal(newest, 4, "f", best, CONFIG.model_dump_json())
    listener, train = Listener(), StandardTrainer._train_from

    def until_the_one_before(self: StandardTrainer, checkpoint: Path | None, *rest: object) -> TrainingInfo:
        if checkpoint == checkpoints / "checkpoint-2":
            raise KeyboardInterrupt
        assert checkpoint == newest
        return train(self, checkpoint, *rest)  # type: ignore[arg-type]

    first_step(monkeypatch)
    monkeypatch.setattr(StandardTrainer, "_train_from", until_the_one_before)
    with pytest.raises(KeyboardInterrupt):
        StandardTrainer(dataclasses.replace(context, reporter=listener), CONFIG).train("f", resume=True)

    assert any("ignored checkpoint-4: incomplete, damaged or of another" in line for line in listener.said)


def first_step(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Trainings end before their first step, and leave here after how many steps that was."""
    steps: list[int] = []

    def stop(self: PairTrainer, *_: object) -> Never:
        steps.append(self.state.global_step)
        raise KeyboardInterrupt

    monkeypatch.setattr(PairTrainer, "training_step", stop)
    return steps

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError, UserInputError
from src.core.paths import ProjectPaths
from src.storage import lock as run_lock
from src.storage.lock import RunLock, check_places, refuse_links
from tests.support.real_command import REPOSITORY, another_writer

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    return ProjectPaths(root=tmp_path / "root", data_dir=tmp_path / "data")


def hold(paths: ProjectPaths) -> None:
    with RunLock(paths, "mine").held():
        pass


def test_a_root_in_use_is_refused_and_says_by_whom_since_when_and_for_what(paths: ProjectPaths) -> None:
    with another_writer(paths) as process:
        with pytest.raises(PipelineError) as caught:
            hold(paths)
        before = paths.lock.read_text()
    hold(paths)

    message = str(caught.value)
    assert message.startswith(f"{paths.root}: in use by process {process.pid} on {platform.node()} since 20")
    assert message.endswith(" UTC (`python -m src.cli run`); wait until it has ended")
    assert before in message
    assert process.returncode == 0


def test_the_lock_ends_with_a_process_that_is_killed_and_needs_no_cleaning(paths: ProjectPaths) -> None:
    with another_writer(paths) as process:
        process.send_signal(signal.SIGKILL)
    assert paths.lock.read_text()

    hold(paths)

    assert paths.lock.read_text() == ""


def test_of_a_lock_under_which_nothing_was_written_an_empty_file_stays(paths: ProjectPaths) -> None:
    with pytest.raises(ZeroDivisionError), RunLock(paths, "mine").held():
        raise ZeroDivisionError

    assert [path for path in paths.root.rglob("*") if path.is_file()] == [paths.lock]
    assert paths.lock.read_bytes() == b""


def test_a_lock_is_held_once_however_often_it_is_asked_for(paths: ProjectPaths) -> None:
    lock = RunLock(paths, "mine")

    with lock.held() as first, lock.held() as second:
        assert (first, second) == (True, False)
        lock.check()
    with lock.held() as third:
        assert third


def test_two_locks_of_one_process_exclude_each_other(paths: ProjectPaths) -> None:
    with RunLock(paths, "mine").held(), pytest.raises(PipelineError, match=r"in use by process|cannot be locked"):
        hold(paths)


_HOLD_AND_CHECK = """
import sys
from pathlib import Path
from src.core.paths import ProjectPaths
from src.storage.lock import RunLock

lock = RunLock(ProjectPaths(Path(sys.argv[1]), Path(sys.argv[2])), "mine")
with lock.held():
    lock.check()
    assert lock._descriptor == 0, lock._descriptor
"""


def test_a_lock_holds_in_a_process_whose_standard_input_is_closed(paths: ProjectPaths) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _HOLD_AND_CHECK, str(paths.root), str(paths.data_dir)],
        cwd=REPOSITORY,
        preexec_fn=lambda: os.close(0),  # the lock file then gets the descriptor 0
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("replaced", [False, True])
def test_a_root_that_is_gone_guards_nothing_any_more(paths: ProjectPaths, replaced: bool) -> None:
    lock = RunLock(paths, "mine")

    with pytest.raises(PipelineError, match="was removed or replaced during the run"), lock.held():
        shutil.rmtree(paths.root)
        if replaced:
            paths.lock.parent.mkdir(parents=True)
            paths.lock.write_text("another's")
        lock.check()

    assert paths.lock.exists() == replaced
    assert paths.root.exists() == replaced


def link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


@pytest.mark.parametrize("place", [Path.mkdir, link_to("/etc/hostname"), link_to("nowhere"), os.mkfifo])
def test_something_else_in_the_place_of_the_lock_is_refused_and_not_touched(
    paths: ProjectPaths, place: Callable[[Path], None]
) -> None:
    paths.lock.parent.mkdir(parents=True)
    place(paths.lock)
    before = paths.lock.lstat()

    with pytest.raises(PipelineError, match="lock: cannot be locked"):
        hold(paths)

    assert paths.lock.lstat() == before
    assert not (paths.lock.parent / "nowhere").exists()


FOLDERS = ("eval", "eval/visualizations", "training", "training/model", "training/checkpoints", "data")
MORE_FOLDERS = ("data/evaluation", "data/embeddings", ".pipeline")


@pytest.mark.parametrize("check", [check_places, refuse_links, hold])
@pytest.mark.parametrize("name", [*FOLDERS, *MORE_FOLDERS])
def test_a_folder_that_leads_out_of_the_root_is_refused(
    paths: ProjectPaths, tmp_path: Path, name: str, check: Callable[[ProjectPaths], None]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = paths.root / name
    folder.parent.mkdir(parents=True)
    folder.symlink_to(outside)

    with pytest.raises(PipelineError, match=f"{name}: no folder, or a link to one"):
        check(paths)
    assert list(outside.iterdir()) == []


def test_a_folder_that_leads_out_of_the_root_since_the_work_began_is_found(paths: ProjectPaths, tmp_path: Path) -> None:
    lock = RunLock(paths, "mine")

    with pytest.raises(PipelineError, match="eval: no folder, or a link to one"), lock.held():
        (paths.root / "eval").symlink_to(tmp_path)
        lock.check()


def test_a_file_in_the_place_of_a_folder_is_refused(paths: ProjectPaths) -> None:
    paths.root.mkdir()
    (paths.root / "eval").touch()

    with pytest.raises(PipelineError, match="eval: no folder"):
        hold(paths)


@pytest.mark.parametrize("name", [".", "eval", "eval/mine", "training/model/x", "data/evaluation", ".pipeline"])
def test_data_where_results_are_written_is_refused(paths: ProjectPaths, name: str) -> None:
    places = ProjectPaths(root=paths.root, data_dir=paths.root / name)

    with pytest.raises(UserInputError, match="results are written there; keep the data in a folder of its own"):
        hold(places)
    assert not paths.root.exists()


@pytest.mark.parametrize("name", ["data", "data/raw", "mine", "../data"])
def test_data_elsewhere_below_the_root_is_welcome(paths: ProjectPaths, name: str) -> None:
    check_places(ProjectPaths(root=paths.root, data_dir=paths.root / name))


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no second disk that every machine has")  # noqa: S108
def test_a_root_on_two_disks_is_refused_before_any_work(paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.root.mkdir()
    monkeypatch.setattr(run_lock, "_folders", lambda _: (paths.root, Path("/dev/shm")))  # noqa: S108

    with pytest.raises(PipelineError, match="its folders lie on different disks"):
        hold(paths)

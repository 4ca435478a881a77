from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from src.core.paths import ProjectPaths
from tests.support.real_command import (
    DONE,
    FAILED,
    WRONG,
    Ended,
    Place,
    another_writer,
    is_one_line_of_error,
    leftovers,
)
from tests.system.acceptance.bad_inputs import AUDIT, SCORE, TRAIN, eval_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner") if os.geteuid() == 0 else ()


needs_rights = pytest.mark.skipif(
    bool(WITHOUT_RIGHTS) and shutil.which("setpriv") is None,
    reason="root may write anywhere, and nothing stops it here",
)


@needs_rights
@pytest.mark.parametrize(
    "name",
    [".", "training", ".pipeline", "training/model/standard_model", "training/model/standard_model/1_Pooling"],
)
def test_a_folder_that_may_not_be_written_is_told_before_a_model_is_loaded(audited: Place, name: str) -> None:
    """E03."""
    folder = audited.root / name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o555)
    before = audited.hashes()

    ended = audited.run(*TRAIN, wrapper=WITHOUT_RIGHTS, NO_TORCH="1")
    after = audited.hashes()
    folder.chmod(0o755)

    assert ended.code == FAILED
    assert is_one_line_of_error(ended.err)
    assert "cannot be written" in ended.err
    assert after == before


@needs_rights
def test_a_lock_file_that_may_not_be_written_is_told_and_stays(audited: Place) -> None:
    """H07."""
    lock = audited.root / ".pipeline" / "lock"
    lock.write_text("left by another")
    lock.chmod(0o444)
    before = audited.hashes()

    ended = audited.run(*AUDIT, wrapper=WITHOUT_RIGHTS, NO_TORCH="1")

    assert (ended.code, ended.out) == (FAILED, "")
    assert is_one_line_of_error(ended.err), ended.err
    assert "lock: cannot be locked: Permission denied" in ended.err
    assert audited.hashes() == before


@needs_rights
@pytest.mark.parametrize(
    ("command", "stage"),
    [("baseline", "baseline"), pytest.param("compare", "report-comparison", marks=pytest.mark.slow)],
)
def test_a_home_that_may_not_be_written_is_not_needed_and_is_not_complained_about(
    finished: Place, tmp_path: Path, command: str, stage: str
) -> None:
    """Where the libraries that draw and compile would keep what they found out."""
    home, fonts = tmp_path / "home", tmp_path / "fonts.conf"
    home.mkdir(mode=0o555)
    fonts.write_text(f'<fontconfig><dir>{home}</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>')
    places = {"HOME": home, "XDG_CACHE_HOME": home / ".cache", "MPLCONFIGDIR": "", "FONTCONFIG_FILE": fonts}
    (finished.root / ".pipeline" / f"{stage}.json").unlink()

    ended = finished.run(command, wrapper=WITHOUT_RIGHTS, **{name: str(place) for name, place in places.items()})

    assert (ended.code, ended.err) == (DONE, "")
    assert list(home.iterdir()) == []


# --- faults ---------------------------------------------------------------------------------------------


def test_a_file_that_changes_while_it_is_read_is_told(audited: Place) -> None:
    """A21."""
    ended = audited.run(*AUDIT, CHANGE_WHEN_OPENED=str(eval_file(audited)))

    assert (ended.code, ended.out) == (FAILED, "")
    assert ended.err == f"Error: {eval_file(audited)}: changed while it was read; try again\n"
    assert leftovers(audited.root) == []


def test_a_second_run_in_one_root_ends_at_once_and_the_first_is_unharmed(audited: Place) -> None:
    """H05."""
    with another_writer(ProjectPaths(audited.root, audited.data)) as process:
        before = audited.hashes()
        outcomes = [audited.run(*command, NO_TORCH="1") for command in (AUDIT, TRAIN)]
        readers = [audited.run("status", NO_TORCH="1"), audited.run(*SCORE, NO_TORCH="1")]
        assert audited.hashes() == before

    for ended in outcomes:
        assert (ended.code, ended.out) == (FAILED, "")
        assert is_one_line_of_error(ended.err)
        assert f"in use by process {process.pid} on {socket.gethostname()} since " in ended.err
        assert "(`python -m src.cli run`)" in ended.err
    assert [ended.code for ended in readers] == [DONE, WRONG]
    assert process.returncode == DONE
    assert audited.run(*AUDIT).code == DONE


def limited_files(size: int) -> Callable[[], None]:
    # in a process of its own: what a copy prints goes to files too
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize(
    ("command", "size"),
    [(AUDIT, 0), (AUDIT, 4096), (("compare",), 100_000), pytest.param(TRAIN, 150_000, marks=pytest.mark.slow)],
)
def test_a_disk_that_is_full_costs_one_line_and_nothing_else(
    finished: Place, command: tuple[str, ...], size: int
) -> None:
    """E15: a quota, met at any file: the lock, a result, the weights of a checkpoint, its optimizer."""
    for stage in ("evaluate-data", "compare", "train-standard")[: 2 if command == ("compare",) else 3]:
        (finished.root / ".pipeline" / f"{stage}.json").unlink()
    before = finished.hashes()

    ended = finished.run(*command, before=limited_files(size))

    assert (ended.code, ended.out) == (FAILED, ""), ended.err
    assert is_one_line_of_error(ended.err), ended.err
    assert re.search("cannot be (written|locked)", ended.err), ended.err
    assert finished.hashes() == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterable[Path]:
    """A disk of 200 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", folder]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a disk here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
def test_a_small_disk_that_fills_up_costs_one_line_and_no_earlier_result(audited: Place, small_disk: Path) -> None:
    small = audited._replace(root=small_disk / "root")
    shutil.copytree(audited.root, small.root)
    before = small.hashes()

    ended = small.run(*TRAIN)

    assert ended.code == FAILED
    assert is_one_line_of_error(ended.err), ended.err
    assert "No space left on device" in ended.err or "cannot be written" in ended.err
    after = small.hashes()
    assert before.items() <= after.items()
    assert {what for path, what in after.items() if path not in before} <= {"folder"}


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
def test_too_little_memory_is_told_in_one_line(audited: Place) -> None:
    """H11."""
    (audited.root / ".pipeline" / "evaluate-data.json").unlink()
    before = audited.hashes()

    ended = audited.run(*AUDIT, before=lambda: resource.setrlimit(resource.RLIMIT_AS, (250_000_000, 250_000_000)))

    assert (ended.code, ended.out) == (FAILED, "")
    assert is_one_line_of_error(ended.err)
    assert "out of memory" in ended.err
    assert audited.hashes() == before


def test_an_interrupt_leaves_what_was_and_no_trace(audited: Place) -> None:
    (audited.root / ".pipeline" / "evaluate-data.json").unlink()
    before = audited.hashes()

    ended = audited.run(*AUDIT, STOP_BELOW=str(audited.root), STOP_AT="9", STOP_BY="SIGINT")

    assert ended == Ended(128 + signal.SIGINT, "", "Interrupted.\n")
    assert audited.hashes() == before


def test_an_interrupted_training_keeps_its_last_checkpoint_and_nothing_half_written(place: Place) -> None:
    ended = place.run(*TRAIN, STOP_BELOW=str(place.root), STOP_AT="60", STOP_BY="SIGINT")

    assert ended == Ended(128 + signal.SIGINT, "", "Interrupted.\n")
    checkpoints = sorted((place.root / "training" / "checkpoints" / "standard").glob("checkpoint-*"))
    assert checkpoints
    assert all((checkpoint / "complete.json").is_file() for checkpoint in checkpoints)
    assert leftovers(place.root) == []
    assert not (place.root / "training" / "model" / "standard_model").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("at", "replaced"), [(16, True), (62, False)])
def test_a_training_whose_root_is_taken_away_ends_at_its_next_checkpoint_and_leaves_nothing(
    place: Place, at: int, replaced: bool
) -> None:
    """The process is stopped by a signal, its root removed, or another put there, and the process set going again."""
    guards = {"STOP_BELOW": str(place.root), "STOP_AT": str(at), "STOP_BY": "SIGSTOP"}
    with subprocess.Popen(
        place.command_line(*TRAIN),
        env=place.environment(**guards),
        cwd=place.root.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as training:
        os.waitid(os.P_PID, training.pid, os.WSTOPPED)
        shutil.rmtree(place.root)
        if replaced:
            theirs = place.root / "training" / "checkpoints" / "standard" / "checkpoint-99"
            theirs.mkdir(parents=True)
            (theirs / "half").write_text("theirs")
            (place.root / ".pipeline").mkdir()
            (place.root / ".pipeline" / "lock").write_text("theirs")
        before = place.hashes()
        training.send_signal(signal.SIGCONT)
        out, err = training.communicate()

    assert (training.returncode, out) == (FAILED, ""), err
    assert is_one_line_of_error(err), err
    assert "was removed or replaced during the run; run the command again" in err
    assert place.hashes() == before

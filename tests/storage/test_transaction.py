from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Never

import pytest

from src.core.errors import InUseError, PipelineError
from src.core.paths import ProjectPaths
from src.storage import transaction as publication
from src.storage.files import write_text
from src.storage.transaction import consistent_read, recover, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[2]
STAGE = "cook"
FILES = ("eval/a.txt", "eval/visualizations/cook/1.png", "training/model/m_model/w", "training/model/m_model/deep/c")
OLD_ONLY, NEW_ONLY = "training/model/m_model/gone", "training/model/m_model/more"


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    places = ProjectPaths(root=tmp_path / "root", data_dir=tmp_path / "data")
    places.lock.parent.mkdir(parents=True)
    return places


def fine() -> None:
    """Nobody has taken the root away."""


def publish(paths: ProjectPaths, text: str, *more: str) -> None:
    with transaction(paths, STAGE, fine) as places:
        for name in (*FILES, *more, ".pipeline/cook.json"):
            write_text(places.root / name, text)


def contents(paths: ProjectPaths) -> dict[str, str]:
    return {
        path.relative_to(paths.root).as_posix(): path.read_text()
        for path in paths.root.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def expected(text: str, *more: str) -> dict[str, str]:
    return dict.fromkeys((*FILES, *more, ".pipeline/cook.json"), text)


def test_files_appear_together_in_their_places(paths: ProjectPaths) -> None:
    publish(paths, "old", OLD_ONLY)

    assert contents(paths) == expected("old", OLD_ONLY)


def test_a_folder_of_one_stage_is_replaced_as_a_whole_and_a_shared_one_is_not(paths: ProjectPaths) -> None:
    write_text(paths.root / "eval/other.txt", "other")
    publish(paths, "old", OLD_ONLY)
    publish(paths, "new", NEW_ONLY)

    assert contents(paths) == expected("new", NEW_ONLY) | {"eval/other.txt": "other"}
    assert [path.name for path in paths.lock.parent.iterdir()] == ["cook.json"]


def test_an_error_in_the_block_leaves_everything_as_it_was(paths: ProjectPaths) -> None:
    publish(paths, "old")

    with pytest.raises(ZeroDivisionError), transaction(paths, STAGE, fine) as places:
        write_text(places.root / FILES[0], "new")
        raise ZeroDivisionError

    assert contents(paths) == expected("old")
    assert [path.name for path in paths.lock.parent.iterdir()] == ["cook.json"]


def test_a_process_that_lost_its_root_replaces_nothing(paths: ProjectPaths) -> None:
    publish(paths, "old")

    def lost() -> Never:
        raise PipelineError("gone")

    with pytest.raises(PipelineError, match="gone"), transaction(paths, STAGE, lost) as places:
        write_text(places.root / FILES[0], "new")

    assert contents(paths) == expected("old")


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_that_the_umask_says_whatever_a_library_gave_it(paths: ProjectPaths, mask: int) -> None:
    before = os.umask(mask)
    try:
        with transaction(paths, STAGE, fine) as places:
            for name in FILES:
                write_text(places.root / name, "new")
                (places.root / name).chmod(0o600)
    finally:
        os.umask(before)

    modes = {stat.S_IMODE((paths.root / name).stat().st_mode) for name in FILES}
    assert modes == {0o666 & ~mask}


@pytest.mark.parametrize("name", FILES)
def test_the_mode_of_a_replaced_file_is_kept(paths: ProjectPaths, name: str) -> None:
    publish(paths, "old")
    (paths.root / name).chmod(0o640)

    publish(paths, "new")

    assert stat.S_IMODE((paths.root / name).stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["training/model/m_model", "training/model/m_model/deep", "eval/visualizations/cook"])
def test_the_mode_of_a_replaced_folder_is_kept(paths: ProjectPaths, name: str) -> None:
    publish(paths, "old")
    (paths.root / name).chmod(0o750)

    publish(paths, "new")

    assert stat.S_IMODE((paths.root / name).stat().st_mode) == 0o750


def test_every_folder_that_is_made_on_the_way_is_seen_on_disk(
    paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, sync = [], publication.sync_folder
    monkeypatch.setattr(publication, "sync_folder", lambda folder: synced.append(folder) or sync(folder))

    publish(paths, "new")

    assert {paths.root, paths.root / "eval", paths.root / "training"} <= set(synced)


@pytest.mark.parametrize("name", ["eval/a.txt", "eval/visualizations/cook", "training/model/m_model"])
@pytest.mark.parametrize("kind", ["file", "folder", "nothing"])
def test_a_link_in_the_way_is_replaced_and_what_it_leads_to_left_alone(
    paths: ProjectPaths, tmp_path: Path, name: str, kind: str
) -> None:
    outside = tmp_path / "outside"
    if kind == "file":
        outside.write_text("mine")
    elif kind == "folder":
        outside.mkdir()
    link = paths.root / name
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)

    publish(paths, "new")

    assert contents(paths) == expected("new")
    assert not link.is_symlink()
    assert outside.exists() == (kind != "nothing")
    assert outside.read_text() == "mine" if kind == "file" else not outside.exists() or not list(outside.iterdir())


def test_a_folder_in_the_way_of_a_file_is_told_before_anything_is_replaced(paths: ProjectPaths) -> None:
    (paths.root / FILES[0] / "of the user").mkdir(parents=True)

    with pytest.raises(PipelineError, match=r"eval/a\.txt: a folder is in the way of a file; move it away"):
        publish(paths, "new")

    assert contents(paths) == {}


def test_an_interrupt_while_files_move_is_raised_when_all_have_moved(
    paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(paths, "old")
    moved = publication._move
    monkeypatch.setattr(publication, "_move", interrupt_once(moved))

    with pytest.raises(KeyboardInterrupt):
        publish(paths, "new")

    assert contents(paths) == expected("new")


def interrupt_once(function: Callable[..., None]) -> Callable[..., None]:
    calls = iter(range(1000))

    def call(*args) -> None:
        if next(calls) == 1:
            raise KeyboardInterrupt
        function(*args)

    return call


def test_what_a_killed_process_left_half_made_is_removed(paths: ProjectPaths) -> None:
    write_text(paths.being_made(STAGE) / "eval/a.txt", "half")
    write_text(paths.replaced(STAGE) / "training/model/m_model/w", "older")

    recover(paths)

    assert list(paths.lock.parent.iterdir()) == []


def test_an_interrupt_as_soon_as_the_new_files_count_is_raised_when_all_have_moved(
    paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(paths, "old")
    sync, presses = publication.sync_folder, iter([KeyboardInterrupt()])

    def interrupted(folder: Path) -> None:
        if folder == paths.lock.parent and (press := next(presses, None)):
            raise press
        sync(folder)

    with monkeypatch.context() as patch:
        patch.setattr(publication, "sync_folder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            publish(paths, "new")

    assert contents(paths) == expected("new")
    assert [path.name for path in paths.lock.parent.iterdir()] == ["cook.json"]


# --- killed at every change of a file -------------------------------------------------------------------


class Stopped(BaseException):
    """The process is no more: from now on it changes nothing."""


def crash_everywhere(root: Path) -> None:
    """Stop a publication before each change of a file, and its recovery too; every time, old or new must stand."""
    from tests.support.guards.sitecustomize import Changes

    changes = Changes(str(root), stop)
    sys.addaudithook(changes.hook)
    paths, old, new = ProjectPaths(root, root), expected("old", OLD_ONLY), expected("new", NEW_ONLY)

    def stopped(at: int, work: Callable[[], None]) -> bool:
        changes.at, changes.seen = at, 0
        try:
            work()
        except Stopped:
            return True
        finally:
            changes.at = 0
        return False

    paths.lock.parent.mkdir(parents=True)
    at, seen = 0, set()
    while True:
        at += 1
        publish(paths, "old", OLD_ONLY)
        if not stopped(at, lambda: publish(paths, "new", NEW_ONLY)):
            break
        if at % 2:
            stopped(1 + at % 7, lambda: recover(paths))
        recover(paths)
        found = contents(paths)
        assert found in (old, new), (at, found)
        seen.add(found == new)
        assert [path.name for path in paths.lock.parent.iterdir()] == ["cook.json"], at
    assert at > 30
    assert seen == {True, False}


def stop() -> Never:
    raise Stopped


def interrupt_everywhere(root: Path) -> None:
    """Press Ctrl-C once before each change of a file; every time old or new must stand, and nothing beside them."""
    from tests.support.guards.sitecustomize import Changes

    def interrupt() -> Never:
        changes.at = 0
        raise KeyboardInterrupt

    changes = Changes(str(root), interrupt)
    sys.addaudithook(changes.hook)
    paths, old, new = ProjectPaths(root, root), expected("old", OLD_ONLY), expected("new", NEW_ONLY)
    paths.lock.parent.mkdir(parents=True)
    at, seen = 0, set()
    while True:
        at += 1
        publish(paths, "old", OLD_ONLY)
        changes.at, changes.seen = at, 0
        try:
            publish(paths, "new", NEW_ONLY)
        except KeyboardInterrupt:
            found = contents(paths)
            assert found in (old, new), (at, found)
            assert [path.name for path in paths.lock.parent.iterdir()] == ["cook.json"], at
            seen.add(found == new)
        else:
            break
    assert at > 30
    assert seen == {True, False}


@pytest.mark.parametrize("everywhere", [crash_everywhere, interrupt_everywhere])
def test_a_publication_killed_at_any_change_of_a_file_leaves_the_old_files_or_the_new(
    tmp_path: Path, everywhere: Callable[[Path], None]
) -> None:
    """Killed, and interrupted."""
    code = f"""
import sys
from pathlib import Path
from tests.storage.test_transaction import {everywhere.__name__} as everywhere
everywhere(Path(sys.argv[1]))
"""

    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "root")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")


# --- reading --------------------------------------------------------------------------------------------


def read_all(paths: ProjectPaths) -> set[str]:
    return set(contents(paths).values())


def test_reading_without_a_writer_reads_once(paths: ProjectPaths) -> None:
    publish(paths, "old")
    reads = []

    consistent_read(paths, fine, lambda: reads.append(1))

    assert reads == [1]


def test_a_reader_whose_files_were_replaced_meanwhile_reads_again(paths: ProjectPaths) -> None:
    publish(paths, "old")
    versions = iter(["new", "newer"])

    def read() -> set[str]:
        first = (paths.root / FILES[0]).read_text()
        if version := next(versions, None):
            publish(paths, version)
        return {first, (paths.root / FILES[1]).read_text()}

    assert consistent_read(paths, fine, read) == {"newer"}


def test_a_reader_that_met_an_error_because_files_were_replaced_reads_again(paths: ProjectPaths) -> None:
    publish(paths, "old")
    versions = iter(["new"])

    def read() -> set[str]:
        if version := next(versions, None):
            publish(paths, version)
            raise PipelineError("the hash is another")
        return read_all(paths)

    assert consistent_read(paths, fine, read) == {"new"}


@pytest.mark.parametrize("error", [FileNotFoundError("gone"), NotADirectoryError("gone")])
def test_a_reader_whose_file_was_moved_between_two_looks_at_it_reads_again(paths: ProjectPaths, error: OSError) -> None:
    publish(paths, "old")
    versions = iter(["new"])

    def read() -> set[str]:
        if version := next(versions, None):
            publish(paths, version)
            raise error
        return read_all(paths)

    assert consistent_read(paths, fine, read) == {"new"}


def test_a_readers_own_error_is_told(paths: ProjectPaths) -> None:
    def fail() -> Never:
        raise PipelineError("damaged")

    with pytest.raises(PipelineError, match="damaged"):
        consistent_read(paths, fine, fail)


def test_a_reader_moves_in_what_a_killed_process_had_completed(
    paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(paths, "old")
    with monkeypatch.context() as patch:
        patch.setattr(publication, "commit", lambda *_: None)
        publish(paths, "new")
    assert paths.complete(STAGE).is_dir()

    assert consistent_read(paths, lambda: recover(paths), lambda: read_all(paths)) == {"new"}


def test_a_reader_gives_up_on_a_writer_that_never_ends(paths: ProjectPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "_WAIT_SECONDS", 0)
    paths.complete(STAGE).mkdir()

    def in_use() -> Never:
        raise InUseError("in use by process 7")

    with pytest.raises(PipelineError, match="in use by process 7"):
        consistent_read(paths, in_use, lambda: read_all(paths))


def test_a_reader_that_cannot_move_complete_files_in_says_why_at_once(paths: ProjectPaths) -> None:
    paths.complete(STAGE).mkdir()
    tries = []

    def fail() -> Never:
        tries.append(1)
        raise PipelineError("model: cannot be written")

    with pytest.raises(PipelineError, match="model: cannot be written"):
        consistent_read(paths, fail, lambda: read_all(paths))
    assert tries == [1]


def test_a_reader_gives_up_on_files_that_change_all_the_time(paths: ProjectPaths) -> None:
    versions = iter(range(1000))

    with pytest.raises(PipelineError, match="results are being written by another process; try again"):
        consistent_read(paths, fine, lambda: write_text(paths.stage_record(STAGE), "x" * next(versions)))

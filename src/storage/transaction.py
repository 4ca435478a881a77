"""Transactions: the files of a stage appear all at once or not at all, even if the process or the machine stops.

A stage writes into the staging directory `.pipeline/new-STAGE`, laid out as the root. When every byte is on disk, that
directory is renamed to `ready-STAGE`. This rename commits the transaction: the next command that holds the lock moves
the files that are not in their places yet, the stage's record last. Folders that they take the place of wait in
`old-STAGE`. Where something else stands under one of these names, it is left alone and `new-STAGE.1` is taken.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import stat
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..core.errors import MAKE_ROOM, InUseError, PipelineError
from ..core.paths import COMPLETE, ENCODING, MAKING, REPLACED, ProjectPaths, is_stage
from .files import free_name, is_file, is_folder, mode_of, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ResultT = TypeVar("ResultT")

_MODE_OF_NEW_FILES = 0o666
_WAIT_SECONDS = 0.05
_TRIES = 200


# --- writing --------------------------------------------------------------------------------------------


@contextmanager
def transaction(paths: ProjectPaths, stage: str, check: Callable[[], None]) -> Iterator[ProjectPaths]:
    """Yield the paths of an empty staging directory; commit on success, discard on error.

    Args:
        paths: The project's paths.
        stage: Name of the stage.
        check: Called before anything is replaced; raises when this process may no longer write.

    Raises:
        PipelineError: A folder cannot be written, or the disk is full; no result was changed.
    """
    new = _usable(paths, paths.being_made(stage))
    with _told(new):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
    try:
        yield dataclasses.replace(paths, root=new)
        check()
        with _told(paths.root):
            _settle(new, paths.root)
        _publish(paths, stage, new)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _publish(paths: ProjectPaths, stage: str, new: Path) -> None:
    """Commit the staging directory; an interrupt after the rename is raised once all files are in their places."""
    complete = _usable(paths, paths.complete(stage))
    replaced = _usable(paths, paths.replaced(stage))
    try:
        with _told(paths.root):
            new.rename(complete)
            sync_folder(new.parent)
        commit(paths, complete)
    except KeyboardInterrupt:
        if complete.exists():
            commit(paths, complete)
        shutil.rmtree(replaced, ignore_errors=True)
        raise


def files_below(folder: Path) -> list[Path]:
    """Every file of a folder and of the folders in it, in order."""
    return sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


def _settle(new: Path, root: Path) -> None:
    """Set the final modes of files and folders and flush them to disk; the libraries' writers do neither."""
    plain = _MODE_OF_NEW_FILES & ~_umask()
    for file in files_below(new):
        target = root / file.relative_to(new)
        _refuse_folder(target)
        kept = mode_of(target)
        file.chmod(plain if kept is None else kept)
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    for folder in (new, *filter(Path.is_dir, new.rglob("*"))):
        target = root / folder.relative_to(new)
        if is_folder(target):
            folder.chmod(stat.S_IMODE(target.stat().st_mode))
        sync_folder(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refuse_folder(target: Path) -> None:
    if is_folder(target):
        raise PipelineError(f"{target}: a folder is in the way of a file; move it away")


def commit(paths: ProjectPaths, complete: Path) -> None:
    """Move the committed files of a stage to their places. It can be repeated after an interruption at any point.

    Args:
        paths: The project's paths.
        complete: The folder with the committed files, one of `ready-STAGE`.

    Raises:
        PipelineError: A folder cannot be written; the next command that writes continues here.
    """
    replaced = _usable(paths, paths.replaced(_stage_of(complete)))
    with _told(paths.root):
        replaced.mkdir(exist_ok=True)
        for source in _units(paths, complete):
            place = source.relative_to(complete)
            _move(source, paths.root / place, replaced / place)
        shutil.rmtree(complete)
        shutil.rmtree(replaced)


def _units(paths: ProjectPaths, complete: Path) -> list[Path]:
    """What is moved as one piece: files in folders that stages share, and folders that belong to this stage alone."""
    shared = {complete / folder.relative_to(paths.root) for folder in paths.folders_of_results()}
    shared |= {parent for folder in shared for parent in folder.parents}
    units = [path for path in complete.rglob("*") if path not in shared and path.parent in shared]
    # the record last: it says to the end that the folder is ours
    return sorted(units, key=lambda path: path == _record_in(complete))


def _move(source: Path, target: Path, replaced: Path) -> None:
    made = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in made:
        sync_folder(folder.parent)
    if not source.is_dir():
        _refuse_folder(target)
    elif is_folder(target):
        replaced.parent.mkdir(parents=True, exist_ok=True)
        target.rename(replaced)
    elif os.path.lexists(target):
        target.unlink()
    source.replace(target)
    sync_folder(target.parent)


def recover(paths: ProjectPaths) -> list[Path]:
    """Recover from a killed process: move committed files to their places and remove staging directories.

    Returns:
        What has a name like theirs and was not made by a stage; it is left alone.

    Raises:
        PipelineError: A folder cannot be written.
    """
    own = paths.lock.parent
    found = [path for prefix in (COMPLETE, MAKING, REPLACED) for path in sorted(own.glob(f"{prefix}*"))]
    ours = [path for path in found if _is_ours(paths, path)]
    for path in ours:
        if path.name.startswith(COMPLETE):
            commit(paths, path)
        else:
            shutil.rmtree(path, ignore_errors=True)
    encodings = [path for path in sorted(own.glob(f"{ENCODING}*")) if not is_folder(path)]
    return [*(path for path in found if path not in ours), *encodings]


def _usable(paths: ProjectPaths, folder: Path) -> Path:
    return free_name(folder, lambda name: _is_ours(paths, name))


def _is_ours(paths: ProjectPaths, folder: Path) -> bool:
    """Whether a stage made this folder: it is laid out as the root, with results alone, and a record if complete."""
    name, _, number = folder.name.partition(".")
    if not is_folder(folder) or not is_stage(name.partition("-")[2]) or not (number.isdecimal() or name == folder.name):
        return False
    content = list(folder.rglob("*"))
    if not all(_may_be_ours(paths, folder, path) for path in content):
        return False
    complete = folder.name.startswith(COMPLETE)
    return not complete or is_file(_record_in(folder)) or all(map(is_folder, content))


def _may_be_ours(paths: ProjectPaths, folder: Path, path: Path) -> bool:
    place = paths.root / path.relative_to(folder)
    results = paths.folders_of_results()
    if any(shared.is_relative_to(place) for shared in results):
        return is_folder(path)
    return any(map(place.is_relative_to, results))


def _stage_of(folder: Path) -> str:
    return folder.name.partition("-")[2].partition(".")[0]


def _record_in(complete: Path) -> Path:
    return complete / ".pipeline" / f"{_stage_of(complete)}.json"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where, why = error.filename or path, error.strerror or error
        raise PipelineError(f"{where}: cannot be written: {why}; {MAKE_ROOM}") from None


# --- reading --------------------------------------------------------------------------------------------


def consistent_read(paths: ProjectPaths, finish: Callable[[], None], read: Callable[[], ResultT]) -> ResultT:
    """Read several files without a lock, all from before a commit or all from after it.

    Args:
        paths: The project's paths.
        finish: Called when a killed process left committed files; takes the lock and moves them to their places.
        read: Reads the files; called again when a stage was committed meanwhile.

    Raises:
        PipelineError: Other processes keep committing, or the committed files cannot be moved.
    """
    busy: PipelineError | None = None
    for _ in range(_TRIES):
        before = _records(paths)
        if any(_is_ours(paths, paths.lock.with_name(name)) for name, *_ in before if name.startswith(COMPLETE)):
            try:
                finish()
            except InUseError as error:
                # the process that holds the lock is moving them
                busy = error
            time.sleep(_WAIT_SECONDS)
            continue
        try:
            result = read()
        except (PipelineError, OSError):
            if _records(paths) == before:
                raise
            continue
        if _records(paths) == before:
            return result
    raise busy or PipelineError(f"{paths.root}: results are being written by another process; try again")


def _records(paths: ProjectPaths) -> list[tuple[str, int, int, int]]:
    """Name, inode, time of change and size of every stage record; they change with every commit."""
    found = []
    with suppress(OSError), os.scandir(paths.lock.parent) as entries:
        for entry in entries:
            if entry.name.endswith(".json") or entry.name.startswith(COMPLETE):
                known = entry.stat(follow_symlinks=False)
                found.append((entry.name, known.st_ino, known.st_mtime_ns, known.st_size))
    return sorted(found)

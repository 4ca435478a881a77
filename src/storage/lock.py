"""One writer per root: a lock of the operating system, released when its process ends.

The lock's file is never removed: a process that had opened it before would lock a file that no other process sees.
While the lock is held, the file names the holder; otherwise it is empty.
"""

from __future__ import annotations

import os
import platform
import stat
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import MAKE_ROOM, InUseError, PipelineError, UserInputError, printable
from .files import is_file, is_folder, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..core.paths import ProjectPaths

_HOLDER_LIMIT = 200
# 0 would not do: with a closed standard input it is the descriptor of the first file that is opened
_NOT_OPEN = -1


class RunLock:
    """The write lock of one root, held by at most one process."""

    def __init__(self, paths: ProjectPaths, command: str) -> None:
        """Prepare the lock of a root for a command; nothing is written yet."""
        from filelock import FileLock  # noqa: PLC0415 - slow to import; `status` takes no lock

        self._paths = paths
        self._command = command
        self._descriptor = _NOT_OPEN
        # a soft lock outlives a killed process and would have to be removed by hand
        self._lock = FileLock(paths.lock, blocking=False, fallback_to_soft=False, on_acquired=self._sign)

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; yields False if this process holds it already.

        Raises:
            UserInputError: The data lies where results are written.
            PipelineError: Another process holds it, or the root cannot be written.
        """
        if self._lock.is_locked:
            yield False
            return
        _refuse_data_among_results(self._paths)
        refuse_links(self._paths)
        self._make_folder()
        self._acquire()
        try:
            # under the lock: before, another process may remove a folder while it is looked at
            check_places(self._paths)
            yield True
        finally:
            self._release()

    def check(self) -> None:
        """Check that the locked root is still in place and that results can be written there.

        Raises:
            PipelineError: The root, or a folder in it, was removed or replaced while this process worked in it.
        """
        if self.lost():
            raise PipelineError(f"{self._paths.root}: was removed or replaced during the run; run the command again")
        check_places(self._paths)

    def lost(self) -> bool:
        """Whether the locked root was removed or replaced."""
        return self._lock.is_locked and not self._guards()

    def _make_folder(self) -> None:
        folder = self._paths.lock.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PipelineError(f"{folder}: cannot be written: {error.strerror or error}; {MAKE_ROOM}") from None

    def _acquire(self) -> None:
        from filelock import Timeout  # noqa: PLC0415 - as above

        if os.path.lexists(self._paths.lock) and not is_file(self._paths.lock):
            raise self._no_lock_file()
        try:
            self._lock.acquire()
        except Timeout:
            raise InUseError(
                f"{self._paths.root}: in use by {_holder(self._paths.lock)}; wait until it has ended"
            ) from None
        except OSError as error:
            raise PipelineError(
                f"{self._paths.lock}: cannot be locked: {error.strerror or error}; {MAKE_ROOM}"
            ) from None

    def _release(self) -> None:
        with suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        if not os.path.lexists(self._paths.lock):
            # the root was removed: remove the empty folders that this process made in its place
            for folder in sorted(_folders(self._paths), reverse=True):
                with suppress(OSError):
                    folder.rmdir()
        self._descriptor = _NOT_OPEN
        self._lock.release()

    def _guards(self) -> bool:
        try:
            there, ours = self._paths.lock.lstat(), os.fstat(self._descriptor)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)

    def _sign(self, descriptor: int) -> None:
        """Write into the lock file who holds it, once it is sure that no other name leads to that file."""
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise self._no_lock_file()
        self._descriptor = descriptor
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        holder = f"process {os.getpid()} on {platform.node()} since {since} (`{self._command}`)"
        # on a full disk the name is missing, but the lock works
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, holder.encode("utf-8", "backslashreplace"))

    def _no_lock_file(self) -> PipelineError:
        return PipelineError(
            f"{self._paths.lock}: cannot be locked: it is no file, or a file with another name (a link); "
            "remove it and run again"
        )


def _holder(lock: Path) -> str:
    try:
        with open_regular(lock) as file:
            text = file.read(_HOLDER_LIMIT).decode("utf-8", "replace")
    except OSError:
        text = ""
    return printable(text) or "another process"


def check_places(paths: ProjectPaths) -> None:
    """Refuse a root in which results cannot be kept, before any work is done.

    Raises:
        UserInputError: The data lies where results are written and replaced.
        PipelineError: A folder for results is a link, is no folder, cannot be written, or lies on another disk.
    """
    _refuse_data_among_results(paths)
    refuse_links(paths)
    disks = set()
    for folder in (*filter(Path.is_dir, _folders(paths)), *_folders_of_stages(paths)):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PipelineError(f"{folder}: cannot be written; mend its permissions or choose another --root")
        disks.add(folder.stat().st_dev)
    if len(disks) > 1:
        raise PipelineError(f"{paths.root}: its folders lie on different disks; results are moved as one within one")


def _refuse_data_among_results(paths: ProjectPaths) -> None:
    if paths.data_dir == paths.root or any(map(paths.data_dir.is_relative_to, paths.folders_of_results())):
        raise UserInputError(
            f"--data-dir {paths.data_dir}: results are written there; keep the data in a folder of its own"
        )


def refuse_links(paths: ProjectPaths) -> None:
    """Refuse a root whose folders lead out of it.

    Raises:
        PipelineError: One of them is a link, or no folder.
    """
    for folder in _folders(paths):
        if os.path.lexists(folder) and not is_folder(folder):
            raise PipelineError(
                f"{folder}: no folder, or a link to one; move it away, results are kept below the root alone"
            )


def _folders(paths: ProjectPaths) -> tuple[Path, ...]:
    return (paths.root, paths.root / "data", *paths.folders_of_results())


def _folders_of_stages(paths: ProjectPaths) -> Iterator[Path]:
    """The folders of stages with all folders in them, which are replaced or removed; those of others are left alone."""
    for own in filter(is_folder, paths.folders_of_stages()):
        yield own
        for parent, names, _ in os.walk(own):
            yield from filter(is_folder, (Path(parent, name) for name in names))

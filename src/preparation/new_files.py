"""Files that are written at the user's request, outside of the root."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.errors import MAKE_ROOM, PipelineError, UserInputError
from ..storage.files import is_folder, remove_if_empty, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def refuse_to_replace(path: Path, *, force: bool) -> None:
    """Refuse to write where something stands, a dangling link too, unless that is wanted.

    Raises:
        UserInputError: It is not wanted.
    """
    if os.path.lexists(path) and not force:
        raise UserInputError(f"{path}: is there already; --force replaces it, or choose another --out")


def refuse_taken_folder(option: str, path: Path, mark: str, *, force: bool) -> None:
    """Refuse a folder that holds something, unless it was made by this program and may be replaced.

    Args:
        option: That names the folder, for the message.
        path: The folder that is to be written; nothing or an empty folder may stand there.
        mark: A file that every folder of this kind holds.
        force: Whether such a folder may be replaced.

    Raises:
        UserInputError: It may not be written.
    """
    if not os.path.lexists(path):
        return
    if not is_folder(path):
        raise UserInputError(f"{option} {path}: is no folder; choose another {option}")
    if not any(path.iterdir()):
        return
    if not (path / mark).is_file():
        raise UserInputError(f"{option} {path}: holds other files, which are never replaced; choose another {option}")
    if not force:
        raise UserInputError(f"{option} {path}: is there already; --force replaces it, or choose another {option}")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` that takes its place when the block ends without an error, and leaves no trace otherwise.

    Args:
        path: What stands there is replaced.

    Raises:
        PipelineError: The folder cannot be written, or the disk is full.
    """
    unique = f"{os.getpid()}-{secrets.token_hex(4)}"
    temporary, replaced = (path.with_name(f".{path.name}.{kind}-{unique}") for kind in ("tmp", "old"))
    made = [parent for parent in path.parents if not parent.exists()]
    try:
        temporary.mkdir(parents=True)
        yield temporary
        _put(temporary, path, replaced)
        sync_folder(path.parent)
    except OSError as error:
        raise PipelineError(f"{path}: cannot be written: {error.strerror or error}; {MAKE_ROOM}") from None
    finally:
        for folder in (temporary, replaced):
            shutil.rmtree(folder, ignore_errors=True)
        for parent in made:
            remove_if_empty(parent)


def _put(folder: Path, path: Path, replaced: Path) -> None:
    """Move a folder to its place, and what stood there aside; it comes back where the place cannot be taken."""
    if os.path.lexists(path):
        path.rename(replaced)
    try:
        folder.rename(path)
    except BaseException:
        if replaced.exists():
            replaced.rename(path)
        raise

"""Files as they were recorded, what is wrong with them now, and files that no record names."""

from __future__ import annotations

import stat
from functools import lru_cache
from typing import TYPE_CHECKING

from ..core.errors import ArtifactError, printable
from ..models import OutputFile
from .files import SYSTEM_FILES, sha256_file

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path


_LARGE = 1 << 20
_NAME_LIMIT = 200


def output_file(path: Path, folder: Path) -> OutputFile:
    """Size and hash of a file, named from a folder above it.

    Raises:
        ArtifactError: It cannot be read.
    """
    return OutputFile(path=path.relative_to(folder).as_posix(), size=path.stat().st_size, sha256=sha256_file(path))


def damage_of(output: OutputFile, folder: Path, *, verify: bool) -> str:
    """What is wrong with a file that was recorded, empty when nothing is.

    Args:
        output: The file as it was.
        folder: What its path is relative to.
        verify: Hash it instead of looking at its size only.
    """
    path = folder / output.path
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return f"{output.path} is gone"
    except (OSError, ValueError) as error:
        # a record that was edited can name what no file system takes
        why = (isinstance(error, OSError) and error.strerror) or error
        return f"{printable(output.path, _NAME_LIMIT)} cannot be read: {why}"
    if not stat.S_ISREG(found.st_mode):
        return f"{output.path} is {'a link' if stat.S_ISLNK(found.st_mode) else 'gone'}"
    if found.st_size != output.size:
        return f"{output.path} has {found.st_size} bytes instead of {output.size}"
    try:
        changed = verify and _hash(path, found) != output.sha256
    except ArtifactError:
        return f"{output.path} cannot be read"
    return f"{output.path} was changed since it was written" if changed else ""


def stray_file(outputs: Iterable[OutputFile], folder: Path, shared: Iterable[Path]) -> str:
    """The first file that was put among those of a stage and that its record does not name; empty where there is none.

    Args:
        outputs: The files that the record names.
        folder: What their paths are relative to.
        shared: The folders that several stages write to; a folder in one of them belongs to one stage alone.
    """
    known = {folder / output.path for output in outputs}
    several = {parent for place in shared for parent in (place, *place.parents)}
    own = {place for path in known for place in path.parents if place not in several and place.parent in several}
    found = (path for place in sorted(own) for path in sorted(place.rglob("*")))
    strays = (path for path in found if path not in known and path.name not in SYSTEM_FILES and not _is_folder(path))
    return next((path.relative_to(folder).as_posix() for path in strays), "")


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _hash(path: Path, known: os.stat_result) -> str:
    if known.st_size < _LARGE:
        return sha256_file(path)
    return _hash_of_large(path, known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns)


@lru_cache(maxsize=256)
def _hash_of_large(path: Path, *_unchanged: int) -> str:
    """Several stages of one command read the same weights and embeddings; they are hashed once."""
    return sha256_file(path)

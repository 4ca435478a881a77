"""Files as they were recorded, and what is wrong with them now."""

from __future__ import annotations

import stat
from functools import lru_cache
from typing import TYPE_CHECKING

from ..core.errors import ArtifactError, printable
from ..models import OutputFile
from .files import sha256_file

if TYPE_CHECKING:
    import os
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


def _hash(path: Path, known: os.stat_result) -> str:
    if known.st_size < _LARGE:
        return sha256_file(path)
    return _hash_of_large(path, known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns)


@lru_cache(maxsize=256)
def _hash_of_large(path: Path, *_unchanged: int) -> str:
    """Several stages of one command read the same weights and embeddings; they are hashed once."""
    return sha256_file(path)

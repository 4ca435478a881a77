"""The one atomic writer and one reader for each kind of file; knows files, not their meaning.

A reader looks at a file before it allocates for it, follows no link and never unpickles.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import math
import os
import secrets
import stat
import sys
import warnings
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from ..core.errors import MAKE_ROOM, ArtifactError, MissingStageError, PipelineError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

ModelT = TypeVar("ModelT", bound=BaseModel)

_FLOAT32 = "<f4"
_TEMPORARY = ".tmp-"
_QUOTE_LIMIT = 200
# what a file manager leaves where it was looked at
SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db"})
TEXT_LIMIT = 256_000_000  # bytes of a file that is held in memory


# --- writing --------------------------------------------------------------------------------------------


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that replaces `path` when the block ends without an error, and leaves no trace otherwise.

    The new file is complete on disk before it gets its name; an old file's mode is kept; a link at `path` is
    replaced, not followed.

    Raises:
        PipelineError: The folder cannot be written, or the disk is full.
    """
    temporary = path.with_name(f".{path.name}{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if (mode := mode_of(path)) is not None:
            temporary.chmod(mode)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise PipelineError(f"{path}: cannot be written: {error.strerror or error}; {MAKE_ROOM}") from None
    finally:
        # where there is no folder there is nothing left to take away, and the error above is the one to tell
        with suppress(OSError):
            temporary.unlink()


def mode_of(path: Path) -> int | None:
    """Permission bits of the file that stands at `path`; None where there is none, or a link or something else."""
    try:
        found = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    return stat.S_IMODE(found) if stat.S_ISREG(found) else None


def sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can open folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes atomically."""
    with atomic_file(path) as file:
        file.write(data)


def write_json(path: Path, value: BaseModel) -> None:
    """Write a value as indented JSON, atomically; NaN and infinity cannot occur in a value."""
    text = json.dumps(value.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False)
    write_text(path, text + "\n")


def npy_header(shape: tuple[int, ...]) -> bytes:
    """What stands before the values of a float32 `.npy` of this shape."""
    header = io.BytesIO()
    fields = {"descr": _FLOAT32, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, fields)
    return header.getvalue()


# --- looking --------------------------------------------------------------------------------------------


def is_file(path: Path) -> bool:
    """Whether a regular file stands there: no link, pipe, socket or device."""
    return stat.S_ISREG(_mode(path))


def is_folder(path: Path) -> bool:
    """Whether a folder stands there, and no link to one."""
    return stat.S_ISDIR(_mode(path))


def free_name(path: Path, is_ours: Callable[[Path], bool]) -> Path:
    """The path, or `PATH.1` and so on where something stands that is not ours."""
    names = chain([path], (path.with_name(f"{path.name}.{i}") for i in count(1)))
    return next(name for name in names if not os.path.lexists(name) or is_ours(name))


def remove_if_empty(folder: Path) -> None:
    """Remove a folder in which nothing is left."""
    with suppress(OSError):
        folder.rmdir()


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


# --- reading --------------------------------------------------------------------------------------------


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """A file that the pipeline wrote, opened for reading: a regular file, no link, no pipe.

    Args:
        path: The file.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: It cannot be read, or is no regular file.
    """
    try:
        with open_regular(path) as file:
            yield file
    except FileNotFoundError:
        raise MissingStageError(f"{path}: missing") from None
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from None


def real_path(path: Path) -> Path:
    """Where a path leads once every link is followed.

    Raises:
        OSError: It leads nowhere, or in a circle.
    """
    return Path(os.path.realpath(path, strict=True))


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file for reading.

    Raises:
        OSError: There is none, or it is a link, a pipe or a folder.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link, which is not followed")
    return _open_checked(path, getattr(os, "O_NOFOLLOW", 0))


def _open_checked(path: Path, more_flags: int = 0) -> io.BufferedReader:
    # a pipe in the place of a file would keep the reader waiting for ever
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | more_flags
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file")
    return file


def whole(file: IO[bytes]) -> bytes:
    """All bytes of a file of text that is held in memory.

    Raises:
        OSError: It is larger than any that belongs here; nothing of it was read.
    """
    size = os.fstat(file.fileno()).st_size
    if size > TEXT_LIMIT:
        raise OSError(errno.EFBIG, f"it has {size} bytes, at most {TEXT_LIMIT} are expected")
    return file.read()


def read_text(path: Path) -> str:
    """UTF-8 text that the pipeline wrote; other bytes become the replacement character.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: It is no regular file, or too large.
    """
    with opened(path) as file:
        return whole(file).decode("utf-8", errors="replace")


def read_json(path: Path, model: type[ModelT]) -> ModelT:
    """Read a value that the pipeline wrote; nothing in it is converted or guessed.

    Args:
        path: The file.
        model: Which value it holds.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: It is damaged, edited or of another version.
    """
    with opened(path) as file:
        data = whole(file)
    try:
        value = model.model_validate_json(data, strict=True)
        json.loads(data, object_pairs_hook=_no_key_twice)
    except ValidationError as error:
        first = error.errors()[0]
        where = printable(".".join(map(str, first["loc"])), _QUOTE_LIMIT)
        fault = f"{where}: {printable(first['msg'], _QUOTE_LIMIT)}"
    except (ValueError, RecursionError) as error:
        fault = printable(str(error), _QUOTE_LIMIT)
    else:
        return value
    raise ArtifactError(f"{path}: damaged or of another version ({fault})")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key stands twice")


def read_array(path: Path, shape: tuple[int | None, ...]) -> NDArray[np.float32]:
    """Memory-map an array that the pipeline wrote; header and size are checked before anything is allocated.

    Args:
        path: The file.
        shape: What is expected; None stands for any length.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: Not a float32 `.npy` of this shape and exactly this size.
    """
    with opened(path) as file:
        found = _npy_shape(path, file)
        offset = file.tell()
        _check_shape(path, found, shape, os.fstat(file.fileno()).st_size - offset)
        if 0 in found:
            return np.empty(found, dtype=np.float32)
        return np.memmap(file, dtype=np.float32, mode="r", offset=offset, shape=found)


def _npy_shape(path: Path, file: IO[bytes]) -> tuple[int, ...]:
    """Shape by the header, up to which the file is read."""
    try:
        with warnings.catch_warnings(action="error"):
            np.lib.format.read_magic(file)
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=1_000)
    except Exception:  # noqa: BLE001 - NumPy has no error of its own for a header that it cannot read
        raise ArtifactError(f"{path}: damaged, no array of this pipeline") from None
    if dtype != np.dtype(_FLOAT32) or fortran_order:
        order = " in Fortran order" if fortran_order else ""
        raise ArtifactError(f"{path}: values of type {dtype.str!r}{order}, {_FLOAT32!r} expected")
    return tuple(map(int, shape))


def _check_shape(path: Path, found: tuple[int, ...], expected: tuple[int | None, ...], size: int) -> None:
    fits = len(found) == len(expected) and all(e in (None, f) for e, f in zip(expected, found, strict=True))
    if not fits or min(found) < 0:
        raise ArtifactError(f"{path}: shape {found}, expected {expected}")
    wanted = 4 * math.prod(found)
    if size != wanted:
        raise ArtifactError(f"{path}: damaged, {size} bytes of data instead of {wanted}")


# --- fingerprints ---------------------------------------------------------------------------------------


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits; a link is followed."""
    try:
        with _open_checked(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}; mend that and run again") from None


def fingerprint(inputs: Mapping[str, str]) -> str:
    """One hash over named inputs, whatever their order."""
    return hashlib.sha256(json.dumps(dict(inputs), sort_keys=True).encode()).hexdigest()

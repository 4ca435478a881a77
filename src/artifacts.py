"""The one atomic writer, the readers, fingerprints, stage records and the lock; knows files, not their meaning."""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
import shutil
import sys
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from src.errors import ArtifactError, MissingStageError, PipelineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

ModelT = TypeVar("ModelT", bound=BaseModel)

_NPY_VERSION = (1, 0)
_TEMPORARY = ".tmp-"


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
        if path.is_file() and not path.is_symlink():
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise PipelineError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        # where there is no folder there is nothing left to take away, and the error above is the one to tell
        with suppress(OSError):
            temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can open folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `path` when the block ends without an error.

    Between the two renames there is an instant without `path`; a stage record tells a half-done change.

    Raises:
        PipelineError: The folder cannot be written, or the disk is full.
    """
    stamp = f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}"
    temporary, old = (path.with_name(f".{path.name}{stamp}{suffix}") for suffix in ("", "-old"))
    try:
        temporary.mkdir(parents=True)
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            path.rename(old)
        temporary.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise PipelineError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


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


def write_array(path: Path, array: NDArray[np.float32]) -> None:
    """Write an array as `.npy`, atomically, without pickle."""
    with atomic_file(path) as file:
        np.lib.format.write_array(file, np.ascontiguousarray(array), version=_NPY_VERSION, allow_pickle=False)


# --- reading --------------------------------------------------------------------------------------------


def read_json(path: Path, model: type[ModelT], remake: str) -> ModelT:
    """Read a value that the pipeline wrote.

    Args:
        path: The file.
        model: Which value it holds.
        remake: The command that makes it, for the message.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: It is damaged, edited or of another version.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise MissingStageError(f"{path}: missing; run `{remake}` first") from None
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ArtifactError(
            f"{path}: damaged or of another version ({where}: {first['msg']}); run `{remake}`"
        ) from None


def read_array(path: Path, shape: tuple[int | None, ...], remake: str) -> NDArray[np.float32]:
    """Memory-map an array that the pipeline wrote; the file's size is checked before anything is allocated.

    Args:
        path: The file.
        shape: What is expected; None stands for any length.
        remake: The command that makes it, for the message.

    Raises:
        MissingStageError: There is no such file.
        ArtifactError: Not a float32 `.npy` of this shape and exactly this size.
    """
    try:
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            found, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
            offset = file.tell()
            size = os.fstat(file.fileno()).st_size - offset
        if dtype != np.dtype(np.float32) or fortran_order:
            raise ArtifactError(f"{path}: {dtype} values, float32 expected; run `{remake}`")
        _check_shape(path, found, shape, size, remake)
        return np.memmap(path, dtype=np.float32, mode="r", offset=offset, shape=found)
    except FileNotFoundError:
        raise MissingStageError(f"{path}: missing; run `{remake}` first") from None
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, EOFError) as error:
        raise ArtifactError(f"{path}: damaged ({error}); run `{remake}`") from None


def _check_shape(path: Path, found: tuple[int, ...], expected: tuple[int | None, ...], size: int, remake: str) -> None:
    fits = len(found) == len(expected) and all(e in (None, f) for e, f in zip(expected, found, strict=True))
    if not fits:
        raise ArtifactError(f"{path}: shape {found}, expected {expected}; run `{remake}`")
    wanted = 4 * math.prod(found)
    if size != wanted:
        raise ArtifactError(f"{path}: damaged, {size} bytes of data instead of {wanted}; run `{remake}`")


# --- fingerprints ---------------------------------------------------------------------------------------


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror}") from None


def fingerprint(inputs: Mapping[str, str]) -> str:
    """One hash over named inputs, whatever their order."""
    return hashlib.sha256(json.dumps(dict(inputs), sort_keys=True).encode()).hexdigest()

"""A data file opened once: checked, hashed while it is read, unpacked where it is gzip data, and read line by line."""

from __future__ import annotations

import gzip
import hashlib
import io
import stat
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from ...core.errors import DataFileError, PipelineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer

MAX_LINE_BYTES = 1 << 20
GZIP_ENDING = ".gz"
_BUFFER = 1 << 17


class Source:
    """An opened data file."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._hashed = _HashedFile(file)

    @property
    def sha256(self) -> str:
        """Of the bytes as they lie on disk; complete once the file was read to its end."""
        while self._hashed.read(_BUFFER):
            pass
        return self._hashed.digest.hexdigest()

    def text(self) -> IO[bytes]:
        """The bytes of a text file, unpacked where its name ends in .gz."""
        buffered = io.BufferedReader(self._hashed, _BUFFER)
        return cast("IO[bytes]", gzip.GzipFile(fileobj=buffered) if is_gzip(self.path) else buffered)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each line with its number, from 1.

        Raises:
            DataFileError: A line is too long, or the gzip data is damaged.
        """
        file, number = self.text(), 0
        with readable(self.path):
            while raw := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(raw) > MAX_LINE_BYTES:
                    raise DataFileError(
                        f"{self.path}:{number}: line longer than {MAX_LINE_BYTES} bytes; one record a line is expected"
                    )
                yield number, raw


def is_gzip(path: Path) -> bool:
    """Whether a name says that the file is gzip data."""
    return path.suffix.lower() == GZIP_ENDING


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what gzip says of damaged data into a DataFileError."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        what = "ends too early" if isinstance(error, EOFError) else "is damaged, or the file is no gzip data"
        raise DataFileError(f"{path}: the gzip data {what}; make the file again") from None


class _HashedFile(io.RawIOBase):
    """A raw file that hashes what is read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        data = self._file.read(len(view))
        self.digest.update(data)
        view[: len(data)] = data
        return len(data)


@contextmanager
def opened(path: Path, remedy: str, expected: str = "a data file is") -> Iterator[Source]:
    """A data file, opened for reading.

    Args:
        path: The file.
        remedy: What to do where there is no such file.
        expected: What should be there in place of a folder or a pipe, with `is` or `are`.

    Raises:
        DataFileError: There is no such file, or it cannot be read.
        PipelineError: The file changed in the block.
    """
    try:
        before = path.stat()
        if not stat.S_ISREG(before.st_mode):
            raise DataFileError(f"{path}: no regular file; {expected} expected")
        with path.open("rb", buffering=0) as file:
            yield Source(path, file)
        after = path.stat()
    except FileNotFoundError:
        raise DataFileError(f"{path}: no such file; {remedy}") from None
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read: {error.strerror}; mend that and run again") from None
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
        raise PipelineError(f"{path}: changed while it was read; try again")

"""Parquet, through pyarrow."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from ...core.errors import DataFileError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .source import Source

_ROWS = 10_000


def parquet_columns(path: Path) -> list[str]:
    """The names of the columns.

    Raises:
        DataFileError: The file is damaged.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy; other formats need none of it

    try:
        return [str(name) for name in pq.read_schema(path).names]
    except (OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from None


def read_parquet(source: Source, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with its number, from 1; only these columns are read.

    Raises:
        DataFileError: The file is damaged, or a column stands twice in it.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy; other formats need none of it

    number = count(1)
    try:
        with pq.ParquetFile(source.path, memory_map=False, pre_buffer=False) as file:
            for batch in file.iter_batches(_ROWS, columns=list(columns), use_threads=False):
                values = [column.to_pylist() for column in batch.columns]
                for row in zip(*values, strict=True):
                    yield next(number), dict(zip(batch.schema.names, row, strict=True))
    except (OSError, ValueError, NotImplementedError) as error:
        raise _damaged(source.path, error) from None


def _damaged(path: Path, error: Exception) -> DataFileError:
    return DataFileError(f"{path}: not readable as Parquet: {first_line(error)}; make the file again")

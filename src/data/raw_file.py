"""A data file as it lies: every record with all of its columns, before anything is mapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.errors import DataFileError
from .formats.faults import Faults
from .formats.json_array import read_json_array
from .formats.jsonl import read_jsonl
from .formats.parquet import parquet_columns, read_parquet
from .formats.recognise import Format, head_of, recognise
from .formats.source import opened
from .formats.table import header_of, read_table, recognise_dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from .formats.source import Source
    from .formats.table import Dialect
    from .options import DataOptions

    Row = Mapping[str, Any]


@dataclass(frozen=True)
class RawFile:
    """A data file: how it is written, and the names of its columns."""

    path: Path
    format: Format
    dialect: Dialect | None  # of a table
    columns: tuple[str, ...]  # of the first record, where records may have others

    def rows(self, source: Source, faults: Faults, wanted: Sequence[str] = ()) -> Iterator[tuple[int, Row]]:
        """Each record with its line or row; a faulty one is noted and left out.

        Args:
            source: The opened file.
            faults: Where a fault is noted.
            wanted: Columns that are read from Parquet; all where none is named. Other formats give whole records.
        """
        if self.format is Format.PARQUET:
            return read_parquet(source, wanted or self.columns)
        if self.dialect is not None:
            return read_table(source, self.dialect, faults)
        return _read_json(self.format, source, faults)


def raw_file(path: Path, options: DataOptions, remedy: str) -> RawFile:
    """Recognise a data file.

    Args:
        path: The file.
        options: How a table is written, as far as that is given.
        remedy: What to do where there is no such file.

    Raises:
        DataFileError: It is missing, of no known format, or holds no record.
    """
    head = head_of(path, remedy)
    kind = recognise(path, head)
    dialect = None
    if kind is Format.TABLE:
        dialect = recognise_dialect(head, delimiter=options.delimiter, quoted=options.quoted, header=options.header)
        columns = header_of(head, dialect)
    elif kind is Format.PARQUET:
        columns = parquet_columns(path)
    else:
        columns = _first_keys(path, kind)
    if not columns:
        raise DataFileError(f"{path}: no records; expected one labelled pair a record")
    return RawFile(path, kind, dialect, tuple(columns))


def _first_keys(path: Path, kind: Format) -> list[str]:
    faults = Faults(path)
    with opened(path, "") as source:
        first = next(iter(_read_json(kind, source, faults)), None)
    if first is None:
        faults.tell()
    return [] if first is None else list(first[1])


def _read_json(kind: Format, source: Source, faults: Faults) -> Iterator[tuple[int, dict[str, Any]]]:
    return (read_json_array if kind is Format.JSON_ARRAY else read_jsonl)(source, faults)

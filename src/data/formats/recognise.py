"""Which format a data file has: by its ending, checked against its first bytes; by these alone where it has none."""

from __future__ import annotations

import codecs
from enum import StrEnum
from typing import TYPE_CHECKING

from ...core.errors import DataFileError
from .source import GZIP_ENDING, opened, readable

if TYPE_CHECKING:
    from pathlib import Path

HEAD_BYTES = 1 << 20
_MIN_SEPARATORS = 2


class Format(StrEnum):
    """A format that data files may have."""

    JSON_LINES = "JSON Lines"
    JSON_ARRAY = "a JSON array"
    TABLE = "a table as CSV or TSV"
    PARQUET = "Parquet"


_BY_ENDING = {
    ".jsonl": (Format.JSON_LINES,),
    ".ndjson": (Format.JSON_LINES,),
    ".json": (Format.JSON_ARRAY, Format.JSON_LINES),
    ".csv": (Format.TABLE,),
    ".tsv": (Format.TABLE,),
    ".parquet": (Format.PARQUET,),
}
ENDINGS = (*_BY_ENDING, ".txt")
_USUAL_ENDING = {
    Format.JSON_LINES: ".jsonl",
    Format.JSON_ARRAY: ".json",
    Format.TABLE: ".csv",
    Format.PARQUET: ".parquet",
}
_EXCEL = "an Excel workbook; save the sheet as CSV"
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_FOREIGN = {
    _GZIP: "gzip data; decompress it first, or end its name in .gz",
    b"\xd0\xcf\x11\xe0": _EXCEL,
    b"version https://git-lfs": "a Git LFS pointer and not the data; run `git lfs pull` where it comes from",
    codecs.BOM_UTF16_LE: "UTF-16; convert it to UTF-8",
    codecs.BOM_UTF16_BE: "UTF-16; convert it to UTF-8",
    b"BZh": "bzip2 data; decompress it first",
    b"\xfd7zXZ": "xz data; decompress it first",
    b"\x28\xb5\x2f\xfd": "zstd data; decompress it first",
}
_SPACE_AND_MARKS = b" \t\r\n" + codecs.BOM_UTF8
_MARKUP = (b"<!doctype", b"<!--", b"<html", b"<head", b"<body", b"<?xml")


def has_data_ending(path: Path) -> bool:
    """Whether a name ends as those of data files do."""
    return _ending(path) in ENDINGS


def head_of(path: Path, remedy: str) -> bytes:
    """The first MiB of a file, unpacked where its name ends in .gz, without a byte-order mark of UTF-8.

    Raises:
        DataFileError: There is no such file, or it cannot be read.
    """
    with opened(path, remedy) as source, readable(path):
        return source.text().read(HEAD_BYTES).removeprefix(codecs.BOM_UTF8)


def recognise(path: Path, head: bytes, wanted: Format | None = None) -> Format:
    """The format of a file.

    Args:
        path: The file; of its name only the ending counts.
        head: Its first bytes, see `head_of`.
        wanted: The one that the file must have, whatever its ending; None where any will do.

    Raises:
        DataFileError: The content is of another format than the ending or `wanted` says, or of none that can be read.
    """
    allowed = (wanted,) if wanted else _BY_ENDING.get(_ending(path), tuple(Format))
    _refuse_foreign(path, head)
    found = _content(head, allowed)
    if found in allowed:
        return found
    if wanted:
        raise _fault(path, f"this is {found}; {_expected(wanted)} is expected")
    raise _fault(path, f"this is {found} and not {allowed[0]}; let its name end in {_USUAL_ENDING[found]}")


def _content(head: bytes, allowed: tuple[Format, ...]) -> Format:
    # a stray byte-order mark is told by the reader, with its line
    head = head.lstrip(_SPACE_AND_MARKS)
    if head.startswith(_PARQUET):
        return Format.PARQUET
    if _opens(head, b"{", (b'"', b"'", b"}")):
        return Format.JSON_LINES
    if _opens(head, b"[", (b"[", b"{", b"]")):
        return Format.JSON_ARRAY
    if Format.TABLE in allowed or allowed == (Format.PARQUET,) or _looks_like_table(head):
        return Format.TABLE
    # what is no table at first sight is read as what it should be, and its lines are told to be faulty
    return Format.JSON_LINES


def _looks_like_table(head: bytes) -> bool:
    first = head.lstrip().partition(b"\n")[0]
    return first[:1] not in b"{[" and any(first.count(sign) >= _MIN_SEPARATORS for sign in (b"\t", b",", b";"))


def _opens(head: bytes, bracket: bytes, inside: tuple[bytes, ...]) -> bool:
    """Whether the content begins with a bracket and, after any space, with one of these."""
    text = head.lstrip()
    return text.startswith(bracket) and text[1:].lstrip().startswith(inside)


def _refuse_foreign(path: Path, head: bytes) -> None:
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise _fault(path, f"this is {what}")
    if head.startswith(b"PK\x03\x04"):
        excel = path.suffix.lower().startswith(".xls") or b"xl/" in head or b"[Content_Types].xml" in head
        raise _fault(path, f"this is {_EXCEL if excel else 'a zip archive; unpack it first'}")
    if head.lstrip().lower().startswith(_MARKUP):
        raise _fault(path, "this looks like HTML or XML; download the data itself")


def _expected(wanted: Format) -> str:
    return "one JSON object a line" if wanted is Format.JSON_LINES else wanted.value


def _ending(path: Path) -> str:
    name = path.with_suffix("") if path.suffix.lower() == GZIP_ENDING else path
    return name.suffix.lower()


def _fault(path: Path, what: str) -> DataFileError:
    return DataFileError(f"{path}:1: {what}")

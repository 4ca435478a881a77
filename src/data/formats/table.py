"""A table as text, with commas, tabs or semicolons between its fields: CSV and TSV."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .faults import RowFaultError
from .jsonl import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .faults import Faults
    from .source import Source

QUOTE = '"'
DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}
_ROWS_LOOKED_AT = 1_000
_LEAST_FIELDS = 2
_EXCEL_LINE = "sep="
_SAME = 0.9  # share of the rows that have as many fields as most rows


@dataclass(frozen=True)
class Dialect:
    """How a table is written."""

    delimiter: str
    quoted: bool  # whether a field in double quotes may hold delimiters and line ends
    header: bool  # whether the first row names the columns

    def __str__(self) -> str:
        """The dialect in words, for a message."""
        between = DELIMITERS.get(self.delimiter, repr(self.delimiter))
        return f"{between} between fields, {'double quotes' if self.quoted else 'no quoting'}"

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The rows of a table; csv.Error where the quoting is faulty."""
        if self.quoted:
            return csv.reader(lines, delimiter=self.delimiter, quotechar=QUOTE, strict=True)
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)


def recognise_dialect(
    head: bytes, *, delimiter: str | None = None, quoted: bool | None = None, header: bool = True
) -> Dialect:
    """How a table is written: what gives most of its first rows the same number of fields.

    A first line of Excel's, such as `sep=;`, tells the delimiter. Quotes are taken for quoting where a field begins and
    ends with one and the rows fit then; with commas and semicolons also where there is none.

    Args:
        head: The first bytes of the table.
        delimiter: The one that is known; None where it has to be recognised.
        quoted: Whether fields are quoted; None where that has to be recognised.
        header: Whether the first row names the columns.
    """
    lines, told = _lines_of(head)
    # the last line may be cut off
    lines = lines[: 10 * _ROWS_LOOKED_AT][:-1] or lines
    delimiter = delimiter or told
    best: tuple[tuple[bool, float, int], Dialect] | None = None
    for sign in [delimiter] if delimiter else DELIMITERS:
        dialect = Dialect(sign, _is_quoted(lines, sign) if quoted is None else quoted, header)
        fit = _fit(dialect, lines)
        if best is None or fit > best[0]:
            best = fit, dialect
    assert best is not None  # noqa: S101 - there is always a delimiter to try
    return best[1]


def told_delimiter(line: str) -> str:
    """The delimiter in Excel's first line `sep=;`; empty where the line is any other."""
    told = line.rstrip("\r\n")
    return told[-1] if len(told) == len(_EXCEL_LINE) + 1 and told.lower().startswith(_EXCEL_LINE) else ""


def _lines_of(head: bytes) -> tuple[list[str], str]:
    """The first lines of a table without Excel's, and the delimiter that this one tells."""
    lines = head.decode("utf-8", "replace").splitlines(keepends=True)
    told = told_delimiter(lines[0]) if lines else ""
    return (lines[1:], told) if told else (lines, "")


def _is_quoted(lines: list[str], delimiter: str) -> bool:
    with_quotes, without = (Dialect(delimiter, quoted=quoted, header=True) for quoted in (True, False))
    if not any(QUOTE in line for line in lines):
        return delimiter != "\t"
    fit = _fit(with_quotes, lines)
    return fit[0] and fit >= _fit(without, lines) and (delimiter != "\t" or _holds_quoted_field(lines, delimiter))


def _holds_quoted_field(lines: list[str], delimiter: str) -> bool:
    """Whether each field that begins with a quote also ends with one, and there is such a field."""
    quoted = [field for line in lines for field in line.rstrip("\r\n").split(delimiter) if field.startswith(QUOTE)]
    return bool(quoted) and all(field.endswith(QUOTE) and len(field) > 1 for field in quoted)


def _fit(dialect: Dialect, lines: list[str]) -> tuple[bool, float, int]:
    """Whether most rows have the same number of fields, above one; the share that does; and that number."""
    sizes = Counter[int]()
    try:
        for row, _ in zip(dialect.rows(lines), range(_ROWS_LOOKED_AT), strict=False):
            if row:
                sizes[len(row)] += 1
    except csv.Error as error:
        # the last row of the sample may be cut off within quotes
        if "unexpected end of data" not in str(error):
            return False, 0.0, 0
    if not sizes:
        return False, 0.0, 0
    [(fields, rows)] = sizes.most_common(1)
    share = rows / sizes.total()
    return fields >= _LEAST_FIELDS and share >= _SAME, share if fields >= _LEAST_FIELDS else 0.0, fields


def header_of(head: bytes, dialect: Dialect) -> list[str]:
    """The names of the columns: those of the first row, or the numbers of its fields where there is no header."""
    lines, _ = _lines_of(head)
    try:
        first = next((row for row in dialect.rows(lines) if any(row)), [])
    except csv.Error:
        first = []
    return first if dialect.header else [str(place) for place in range(1, len(first) + 1)]


def read_table(source: Source, dialect: Dialect, faults: Faults) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each record with the line where it begins; blank lines are skipped.

    Where the first row names the columns, a row with another number of fields is a fault. Without such a row the
    columns are called 1, 2, 3, and rows may differ.

    Args:
        source: UTF-8; a byte-order mark is dropped.
        dialect: How the table is written.
        faults: Where faults are noted.
    """
    lines = _Lines(source, faults)
    rows = dialect.rows(lines)
    names: list[str] | None = None
    while True:
        begin = lines.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            faults.add(begin, f": {_fault(error)}")
            continue
        if not row or (len(row) == 1 and not row[0].strip()):
            continue
        if not dialect.header:
            yield begin, {str(place): field for place, field in enumerate(row, 1)}
        elif names is None:
            names = row
        elif len(row) != len(names):
            faults.add(begin, f": {_other_size(len(row), len(names), dialect)}")
        else:
            yield begin, dict(zip(names, row, strict=True))


def _fault(error: csv.Error) -> str:
    if "new-line character" in str(error):
        return "lines end in a bare carriage return; convert the line ends to \\n"
    if "field limit" in str(error):
        most = csv.field_size_limit()
        return f"a field of more than {most} characters; shorten it, or close the double quote that opens it"
    if "unexpected end of data" in str(error):
        return "a double quote opens a field here and is not closed; close it, or give --quote-char none"
    return "a quoted field goes on after its closing quote; double the quotes inside, or give --quote-char none"


def _other_size(found: int, expected: int, dialect: Dialect) -> str:
    between = DELIMITERS.get(dialect.delimiter, repr(dialect.delimiter))
    return (
        f"{found} fields, the first row has {expected}; put a field that holds a {between} in double quotes, "
        "or see --delimiter and --quote-char"
    )


class _Lines:
    """The decoded lines of a table; one that is not UTF-8 is noted.

    An empty line stands in its place, and in that of Excel's first line.
    """

    def __init__(self, source: Source, faults: Faults) -> None:
        self.number = 0  # of the line that was read last
        self._lines = source.lines()
        self._faults = faults

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number, raw = next(self._lines)
        try:
            if self.number > 1:
                return decoded(raw)
            first = decoded(raw.removeprefix(codecs.BOM_UTF8))
            return "\n" if told_delimiter(first) else first
        except RowFaultError as fault:
            self._faults.add(self.number, fault)
            return "\n"

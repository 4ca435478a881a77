"""Files of labelled pairs that are damaged, of another format, or not clear, and what has to come of each: a table.

J01 another format than the name says, J03 quoting and lines, J04 a row of another size, J05 cut files, J06 many faults,
J07 several candidates, J08 columns, J09 labels.
"""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMES = ("sentence1", "sentence2", "label")
ROWS = [dict(zip(NAMES, (f"first {i}", f"second, {i}", i % 2), strict=True)) for i in range(8)]


class FormatCase(NamedTuple):
    """A train file beside a good test file, and what has to come of it."""

    name: str
    message: str  # pattern of stderr
    file: str
    content: bytes
    options: tuple[str, ...] = ()
    lines: int = 1  # of stderr
    beside: str = ""  # another file of the same content


def csv_of(rows: Iterable[dict[str, object]] = ROWS, names: Iterable[str] = NAMES) -> bytes:
    """Rows below a header, every value in double quotes."""
    lines = [names, *(row.values() for row in rows)]
    return "".join(",".join(f'"{value}"' for value in line) + "\n" for line in lines).encode()


def jsonl_of(rows: Iterable[dict[str, object]] = ROWS) -> bytes:
    """One object a line."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def array_of(rows: Iterable[dict[str, object]] = ROWS) -> bytes:
    """One array of objects."""
    return json.dumps(list(rows)).encode()


def parquet_of(rows: Iterable[dict[str, object]] = ROWS) -> bytes:
    """A Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()


def of_labels(*labels: object) -> bytes:
    """JSON Lines with these labels."""
    return jsonl_of(
        {"sentence1": f"first {i}", "sentence2": "second", "label": label} for i, label in enumerate(labels)
    )


def mixed_faults() -> bytes:
    """80 rows, of which 60 have a fault of one of two kinds."""
    bad = [("" if i % 2 else "a", "b", 9 if i % 4 == 0 else 1) for i in range(80)]
    return parquet_of(dict(zip(NAMES, row, strict=True)) for row in bad)


def format_cases() -> Iterable[FormatCase]:
    """The table."""
    yield from (
        FormatCase("J01 CSV", "this is a table as CSV or TSV and not JSON Lines; .* in .csv", "train.jsonl", csv_of()),
        FormatCase("J01 JSON Lines", "this is JSON Lines and not a table as CSV or TSV", "train.csv", jsonl_of()),
        FormatCase("J01 JSON array", "this is a JSON array and not JSON Lines; .* in .json", "train.jsonl", array_of()),
        FormatCase("J01 Parquet", "this is Parquet and not a table", "train.csv", parquet_of()),
        FormatCase("J01 Excel", "Excel workbook; save the sheet as CSV", "train.csv", b"PK\x03\x04 xl/workbook.xml"),
        FormatCase("J01 old Excel", "an Excel workbook; save", "train.csv", b"\xd0\xcf\x11\xe0"),
        FormatCase("J01 zip", "this is a zip archive; unpack", "train.csv", b"PK\x03\x04 else"),
        FormatCase("J01 Git LFS", "Git LFS pointer", "train.parquet", b"version https://git-lfs.github.com/spec/v1\no"),
        FormatCase("J01 gzip", "gzip data; decompress it first", "train.csv", gzip.compress(csv_of(), mtime=0)),
        FormatCase("J01 UTF-16", "UTF-16; convert", "train.csv", csv_of().decode().encode("utf-16")),
        FormatCase("J01 HTML", "looks like HTML", "train.csv", b"<!DOCTYPE html><html>"),
        FormatCase("J01 no gzip", "no gzip data; make the file again", "train.csv.gz", csv_of()),
        FormatCase("J01 nothing", "no records", "train.csv", b""),
        FormatCase("J01 a header alone", "no records", "train.csv", csv_of([])),
        FormatCase("J01 an empty array", "no records", "train.json", b"[]"),
    )
    yield from (
        FormatCase(
            "J03 unclosed quote",
            r"csv:10: a double quote opens a field here and is not closed; .* --quote-char none",
            "train.csv",
            csv_of() + b'"a,b,1\nc,d,0\n',
        ),
        FormatCase(
            "J03 a long field",
            r"csv:10: a field of more than 131072 characters; shorten it",
            "train.csv",
            csv_of() + b"a" * 140_000 + b",b,1\n",
        ),
        FormatCase(
            "J03 bare carriage returns",
            r"csv:1: lines end in a bare carriage return; convert",
            "train.csv",
            csv_of().replace(b"\n", b"\r"),
        ),
        FormatCase(
            "J04 a row of another size",
            r"csv:10: 4 fields, the first row has 3; put a field that holds a comma in double quotes",
            "train.csv",
            csv_of() + b"a,b,c,1\n",
        ),
        FormatCase("J05 Parquet cut", "not readable as Parquet: .*; make", "train.parquet", parquet_of()[:-9]),
        FormatCase(
            "J05 gzip cut", "the gzip data ends too early", "train.csv.gz", gzip.compress(csv_of(), mtime=0)[:-12]
        ),
        FormatCase("J05 array cut", "json:8: the object is not finished.*truncated", "train.json", array_of()[:-9]),
        FormatCase(
            "J05 array cut between",
            "where ']' is expected; is it truncated",
            "train.json",
            array_of()[:-1],
        ),
        FormatCase("J05 a key twice", "'label' stands twice", "train.json", b'[{"label": 1, "label": 2}]'),
        FormatCase(
            "J06 60 mixed faults",
            r"^Error: .*parquet:1: label is '9'.*\n.*parquet:2: sentence1 is ''(.*\n)*.*parquet:26: .*\n"
            r"40 more; 60 faulty lines in all$",
            "train.parquet",
            mixed_faults(),
            ("--label-kind", "binary"),
            lines=21,
        ),
    )
    yield from (
        FormatCase(
            "J07 texts",
            r"several columns could be the texts; choose with --columns text_1=text1,text_2=text2 or text_1=query,",
            "train.csv",
            csv_of([], ("text1", "text2", "query", "answer", "label")),
        ),
        FormatCase(
            "J07 label",
            "several columns could be the label; choose with --columns label=label or label=score",
            "train.csv",
            csv_of([], ("text1", "text2", "label", "score")),
        ),
        FormatCase(
            "J07 file",
            r"several files could be train: train\.csv, train2\.csv; choose with --train-file",
            "train.csv",
            csv_of(),
            beside="train2.csv",
        ),
        FormatCase(
            "J08 the wrong way round",
            "the other way round, text_1=sentence1",
            "train.csv",
            csv_of(),
            ("--columns", "sentence1=text_1,sentence2=text_2"),
        ),
        FormatCase(
            "J08 misspelt",
            "there is no column 'sentense1'; 'sentence1' is meant.; --columns is written OURS=THEIRS.*its columns are ",
            "train.csv",
            csv_of(),
            ("--columns", "text_1=sentense1,text_2=sentence2"),
        ),
        FormatCase("J09 grades", "the labels are 0, 1, 2; grades or classes", "train.jsonl", of_labels(0, 1, 2)),
        FormatCase("J09 words", "as in --label-map no=1,yes=0", "train.jsonl", of_labels("yes", "no")),
    )


FORMAT_CASES = {case.name: case for case in format_cases()}

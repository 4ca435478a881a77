"""Records as a file has them, whatever its format."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from src.core.errors import DataFileError
from src.data.formats.faults import Faults
from src.data.formats.recognise import Format
from src.data.formats.source import opened
from src.data.options import DataOptions
from src.data.raw_file import raw_file

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [{"a": "x, y", "b": "1"}, {"a": 'say "z"', "b": ""}]


def written(folder: Path, name: str) -> Path:
    """ROWS as a file of the format that its name says."""
    file = folder / name
    if name.startswith("pairs.parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(ROWS), file)
        return file
    table = 'a,b\n"x, y",1\n"say ""z""",\n'
    text = {"json": json.dumps(ROWS), "jsonl": "\n".join(map(json.dumps, ROWS)), "csv": table}[name.split(".")[1]]
    file.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return file


@pytest.mark.parametrize("name", ["pairs.json", "pairs.jsonl", "pairs.csv", "pairs.csv.gz", "pairs.parquet"])
def test_every_format_gives_every_record_with_all_its_columns(tmp_path: Path, name: str) -> None:
    file = raw_file(written(tmp_path, name), DataOptions(), "name it")

    assert file.columns == ("a", "b")
    assert (file.dialect is not None) == (file.format is Format.TABLE)
    with opened(file.path, "") as source:
        assert [dict(row) for _, row in file.rows(source, Faults(file.path))] == ROWS


def test_a_table_without_a_header_has_numbers_for_names(tmp_path: Path) -> None:
    assert raw_file(written(tmp_path, "pairs.csv"), DataOptions(header=False), "").columns == ("1", "2")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "no records; expected one labelled pair a record"),
        ("a.jsonl", "", "no records; "),
        ("a.jsonl", "{]", ":1:2: not JSON"),
        ("a.json", "[]", "no records; "),
    ],
)
def test_a_file_without_a_record_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(DataFileError) as refused:
        raw_file(tmp_path / name, DataOptions(), "")
    assert message in refused.value.args[0]

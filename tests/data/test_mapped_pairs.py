from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.core.errors import DataFileError, PipelineError
from src.data import mapped_pairs
from src.data.mapped_pairs import load_mapped_texts
from src.data.options import DataOptions
from tests.support.pair_files import read, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = [{"sentence1": f"first {i}", "sentence2": f'second, "{i}"\nnew line', "label": i % 2} for i in range(6)]
EXPECTED = [(row["sentence1"], row["sentence2"], row["label"]) for row in ROWS]


def quoted(value: object) -> str:
    return '"' + str(value).replace('"', '""') + '"'


def table(delimiter: str = ",", records: list[dict[str, Any]] = ROWS, end: str = "\n") -> str:
    lines = [list(records[0]), *([str(value) for value in row.values()] for row in records)]
    return end.join(delimiter.join(map(quoted, line)) for line in lines) + end


def parquet(path: Path, records: list[dict[str, Any]] = ROWS) -> Path:
    pq.write_table(pa.Table.from_pylist(records), path)
    return path


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines_of(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in records)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.csv", lambda path: text(path, table())),
        ("a.csv", lambda path: text(path, "\ufeff" + table(";", end="\r\n"))),
        ("a.csv", lambda path: text(path, "\ufeffsep=#\r\n" + table("#", end="\r\n"))),
        ("a.txt", lambda path: text(path, "SEP=;\n" + table(";"))),
        ("a.tsv", lambda path: text(path, table("\t"))),
        ("a.csv.gz", lambda path: text(path, gzip.compress(table().encode(), mtime=0))),
        ("a.jsonl", lambda path: text(path, lines_of(ROWS))),
        ("a.jsonl.gz", lambda path: text(path, gzip.compress(lines_of(ROWS).encode()))),
        ("a.json", lambda path: text(path, json.dumps(ROWS))),
        ("a.json", lambda path: text(path, json.dumps(ROWS, indent=2))),
        ("a.json", lambda path: text(path, lines_of(ROWS))),
        ("a.parquet", parquet),
        ("a.txt", lambda path: text(path, table("\t"))),
        ("a.data", parquet),
        ("a", lambda path: text(path, lines_of(ROWS))),
    ],
)
def test_every_format_gives_the_same_pairs(tmp_path: Path, name: str, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / name)

    pairs = read(path)

    windows = [tuple(x.replace("\r\n", "\n") if isinstance(x, str) else x for x in row) for row in rows(pairs)]
    assert windows == EXPECTED
    assert pairs.grades is None


def test_a_table_without_header_calls_its_columns_by_numbers_and_may_be_ragged(tmp_path: Path) -> None:
    path = text(tmp_path / "a.txt", '1\tone "x\ttwo\textra\n0\t"three" he said.\tfour\n')
    said: list[str] = []

    pairs = read(path, said, header=False, columns={"text_1": "2", "text_2": "3", "label": "1"})

    assert rows(pairs) == [('one "x', "two", 1), ('"three" he said.', "four", 0)]
    assert said[0] == "a.txt: read as a table, tab between fields, no quoting"
    assert "not used: 4" in said[1]


def test_a_record_of_several_lines_is_named_by_its_first_line(tmp_path: Path) -> None:
    assert read(text(tmp_path / "a.csv", table())).lines.tolist() == [2, 4, 6, 8, 10, 12]


def test_all_faults_of_a_table_are_told_with_their_lines(tmp_path: Path) -> None:
    good = "a,b,1\n"
    path = text(
        tmp_path / "a.csv", f"sentence1,sentence2,label\n{good}a,,1\na,b\n{good}a,b,7\n".encode() + b"a,\xe9,1\n"
    )

    with pytest.raises(DataFileError) as caught:
        read(path, label_kind="binary")

    told = str(caught.value).splitlines()
    assert [line.removeprefix(f"{path}:").partition(":")[0] for line in told] == ["3", "4", "6", "7"]
    assert "words are expected" in told[0]
    assert "2 fields, the first row has 3" in told[1]
    assert "label is '7'; 0 or 1" in told[2]
    assert "not UTF-8 at byte 3" in told[3]


def test_pairs_without_a_label_are_left_out_counted_and_told(tmp_path: Path) -> None:
    labels = ["entailment", "-", "contradiction", "neutral", "", "-1"]
    records = [{"premise": f"p {i}", "hypothesis": "h", "gold_label": label} for i, label in enumerate(labels)]
    said: list[str] = []

    found = read(
        text(tmp_path / "a.jsonl", lines_of(records)),
        said,
        label_map={"entailment": 1.0, "contradiction": 0.0, "neutral": None},
    )

    assert rows(found) == [("p 0", "h", 1), ("p 2", "h", 0)]
    assert found.lines.tolist() == [1, 3]
    assert said == ["a.jsonl: 4 of 6 pairs left out by their label: 1 empty, 1 '-', 1 '-1', 1 'neutral'"]
    assert (found.words.positive, found.words.negative) == ("entailment", "contradiction")


def test_grades_are_kept_beside_the_labels_that_a_cut_makes(tmp_path: Path) -> None:
    records = [{"sentence1": "a", "sentence2": "b", "score": score} for score in (0.0, 3.9, 4, 5.0)]

    pairs = read(
        parquet(tmp_path / "a.parquet", [row | {"score": float(row["score"])} for row in records]),
        label_range=(0.0, 5.0),
        positive_at=4.0,
    )

    assert pairs.labels.tolist() == [0, 0, 1, 1]
    assert pairs.grades is not None
    assert pairs.grades.tolist() == [0.0, 3.9, 4.0, 5.0]
    assert pairs.targets.tolist() == [0.0, 0.78, 0.8, 1.0]


def test_another_mapping_of_the_same_file_is_other_data(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", [row | {"other": f"other {i}"} for i, row in enumerate(ROWS)])
    plain = read(path)
    others = [
        read(path, columns={"text_1": "sentence2", "text_2": "sentence1"}),
        read(path, columns={"text_1": "sentence1", "text_2": "other"}),
        read(path, label_map={"1": 0.0, "0": 1.0}),
        read(path, slices=("other",)),
        read(path, columns={"group": "other"}),
        read(path, columns={"id": "other"}),
    ]

    assert len({pairs.content_sha256 for pairs in [plain, *others]}) == 7
    assert {pairs.sha256 for pairs in others} == {plain.sha256}
    assert read(path).content_sha256 == plain.content_sha256


def test_a_pair_has_the_group_and_the_id_that_the_file_gives_it(tmp_path: Path) -> None:
    records = [row | {"qid": i // 2, "pair": f"p\x1b{i}" if i else ""} for i, row in enumerate(ROWS)]
    columns = {"group": "qid", "id": "pair"}

    pairs = [
        read(path, columns=columns)
        for path in (parquet(tmp_path / "a.parquet", records), text(tmp_path / "a.csv", table(records=records)))
    ]

    assert [one.groups for one in pairs] == [["0", "0", "1", "1", "2", "2"]] * 2
    assert pairs[0].place(0) == "a.parquet:1"
    assert pairs[1].place(1) == "a.csv:4 (p\\x1b1)"
    taken = pairs[0].take(np.array([3]))
    assert (taken.groups, taken.place(0)) == (["1"], "a.parquet:4 (p\\x1b3)")


def test_a_pair_without_a_group_is_a_fault(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", [row | {"qid": None if i == 3 else i} for i, row in enumerate(ROWS)])

    with pytest.raises(DataFileError, match="parquet:4: qid is empty; each pair needs a group"):
        read(path, columns={"group": "qid"})


def test_two_columns_are_enough_where_no_label_is_read(tmp_path: Path) -> None:
    path = text(tmp_path / "a.txt", "one\ttwo\nthree\tfour\n")
    options = DataOptions(header=False, columns={"text_1": "1", "text_2": "2", "label": "3"})

    assert load_mapped_texts(path, options, "", lambda _: None) == [("one", "two"), ("three", "four")]


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.data import mapped_pairs

    path, known = text(tmp_path / "a.csv", table()), mapped_pairs.label_token

    def grow(value: object) -> str:
        with path.open("a") as file:
            file.write(" ")
        return known(value)

    monkeypatch.setattr(mapped_pairs, "label_token", grow)

    with pytest.raises(PipelineError, match="changed while it was read"):
        read(path)


@pytest.mark.parametrize("at_once", [1, 4, 10_000])
def test_the_hash_of_the_mapped_pairs_does_not_know_how_many_values_are_hashed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    file = text(tmp_path / "a.csv", table())
    whole = read(file).content_sha256
    monkeypatch.setattr(mapped_pairs, "_HASHED_AT_ONCE", at_once)

    assert read(file).content_sha256 == whole

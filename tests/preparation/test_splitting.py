"""One file divided into parts that share no text."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from src.core.errors import DataFileError, PipelineError, UserInputError
from src.data.files import find_files
from src.data.mapped_pairs import load_mapped_pairs
from src.data.normalisation import normalise
from src.data.options import DataOptions
from src.preparation import splitting
from src.preparation.splitting import Part, assign, parse_shares, split_file, split_table
from tests.support.data_files import write_jsonl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

SHARES = (0.8, 0.1, 0.1)
LABELS = {
    "binary": lambda i: i % 2,
    "graded": lambda i: (i * 7 % 50) / 10,
    "classes": lambda i: ("entailment", "neutral", "contradiction", "-")[i % 4],
}


def pairs(n: int, kind: str = "binary", texts: int = 3) -> list[dict[str, Any]]:
    """N pairs in components of a few pairs each; case and a full stop do not make another text."""
    return [
        {
            "premise": f"Text {i // texts}, of many" + "." * (i % 2),
            "hypothesis": f"other text {i}",
            "label": LABELS[kind](i),
            "topic": f"t{i % 40}",
            "number": i / 3,
        }
        for i in range(n)
    ]


def split(rows: Iterable[dict[str, Any]], folder: Path, **options: Any) -> list[Part]:  # noqa: ANN401
    """Divide these pairs, written as JSON Lines, into `folder`/out."""
    file = write_jsonl(folder / "pairs.jsonl", rows)
    given = {"shares": SHARES, "group": None, "seed": 42} | options
    return split_file(file, given.pop("data", DataOptions()), folder / "out", **given)


def rows_of(part: Part) -> list[dict[str, Any]]:
    return [json.loads(line) for line in part.path.read_text().splitlines()]


def shared(parts: Sequence[Part], *columns: str) -> set[str]:
    """Normalised values that stand in more than one part."""
    found = Counter(
        value
        for part in parts
        for value in {normalise(str(row[column]), has_speaker=False) for row in rows_of(part) for column in columns}
    )
    return {value for value, n in found.items() if n > 1}


@pytest.mark.parametrize("kind", LABELS)
def test_the_parts_share_no_text_and_hold_every_record_as_it_was(tmp_path: Path, kind: str) -> None:
    rows = pairs(300, kind)

    parts = split(rows, tmp_path)

    assert [part.path.name for part in parts] == ["train.jsonl", "validation.jsonl", "test.jsonl"]
    assert shared(parts, "premise", "hypothesis") == set()
    assert sorted((row for part in parts for row in rows_of(part)), key=lambda row: row["number"]) == rows
    assert [len(rows_of(part)) for part in parts] == [part.n for part in parts]


@pytest.mark.parametrize("kind", LABELS)
def test_each_part_has_its_share_of_pairs_and_of_each_label(tmp_path: Path, kind: str) -> None:
    parts = split(pairs(600, kind), tmp_path)

    assert [part.n for part in parts] == pytest.approx([480, 60, 60], abs=3)
    assert len(parts[0].by_label) == {"binary": 2, "graded": 5, "classes": 4}[kind]
    for label in parts[0].by_label:
        n = [part.by_label[label] for part in parts]
        assert n == pytest.approx([share * sum(n) for share in SHARES], abs=4)


def test_the_same_seed_gives_the_same_parts_and_another_one_others(tmp_path: Path) -> None:
    rows = pairs(300)
    texts = [
        [sorted(row["number"] for row in rows_of(part)) for part in split(order, tmp_path / name, seed=seed)]
        for name, order, seed in (("a", rows, 42), ("b", rows[::-1], 42), ("c", rows, 43))
    ]

    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


@pytest.mark.parametrize("group", ["text_1", "premise"])
def test_one_side_may_hold_pairs_together(tmp_path: Path, group: str) -> None:
    rows = [row | {"hypothesis": f"the same {i % 5}"} for i, row in enumerate(pairs(300))]

    parts = split(rows, tmp_path, group=group)

    assert shared(parts, "premise") == set()
    assert len(shared(parts, "hypothesis")) == 5


def test_pairs_of_one_value_of_a_column_stay_together_and_one_without_a_value_stands_alone(tmp_path: Path) -> None:
    rows = pairs(300) + [row | {"topic": None, "number": -1} for row in pairs(100)]

    parts = split(rows, tmp_path, group="topic")

    assert shared(parts, "topic") == {"none"}
    assert sum(part.groups for part in parts) == 40 + 100


def test_a_component_that_is_too_large_is_told_with_what_to_do_and_nothing_is_written(tmp_path: Path) -> None:
    rows = [row | {"hypothesis": "always this"} for row in pairs(200)]

    with pytest.raises(UserInputError) as refused:
        split(rows, tmp_path)

    [message] = refused.value.args
    assert message == (
        f"{tmp_path / 'pairs.jsonl'}: shared texts join 200 of 200 pairs (100.0 %), so that the shares cannot be had; "
        "--group text_1 keeps pairs of one text_1 together and lets texts of the other side repeat in other parts"
    )
    assert not (tmp_path / "out").exists()
    assert len(split(rows, tmp_path, group="text_1")) == 3


def test_a_value_that_holds_nearly_all_pairs_is_told(tmp_path: Path) -> None:
    rows = [row | {"topic": "all"} for row in pairs(200)]

    with pytest.raises(UserInputError, match=r"one value of topic holds 200 of 200 pairs .* choose another column"):
        split(rows, tmp_path, group="topic")


def test_too_few_pairs_for_the_shares_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        UserInputError, match="3 pairs are too few for these shares; give more pairs, or other --shares"
    ):
        split(pairs(3), tmp_path)


def test_a_table_of_a_header_alone_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text_1,text_2,label\n")

    with pytest.raises(DataFileError, match="no records; expected one labelled pair a record"):
        split_file(file, DataOptions(), tmp_path / "out", shares=SHARES, group=None, seed=1)


def test_a_part_without_a_share_is_not_written(tmp_path: Path) -> None:
    parts = split(pairs(200), tmp_path, shares=(0.75, 0.0, 0.25))

    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == ["test.jsonl", "train.jsonl"]
    assert [part.n for part in parts] == pytest.approx([150, 50], abs=3)


@pytest.mark.parametrize(
    ("name", "delimiter", "quoted"), [("a.csv", ",", True), ("a.csv", ";", True), ("a.tsv", "\t", False)]
)
@pytest.mark.parametrize("header", [True, False])
def test_a_table_stays_a_table_and_is_found_and_read_as_the_whole_one_was(
    tmp_path: Path, name: str, delimiter: str, quoted: bool, header: bool
) -> None:
    odd = ['say "hi"', "a,b;c"] if quoted else ['5" wide', "a,b;c"]
    lines = [[f"{odd[i % 2]} {i}", f"line\nbreak\r{i}" if quoted else f"x{i}", str(i % 2), ""] for i in range(60)]
    file = tmp_path / name
    with file.open("w", newline="") as opened:
        if quoted:
            csv.writer(opened, delimiter=delimiter).writerows([["text_1", "text_2", "label", "more"]] * header + lines)
        else:
            opened.writelines(
                "\t".join(line) + "\n" for line in [["text_1", "text_2", "label", "more"]] * header + lines
            )
    options = DataOptions(header=header, columns={} if header else {"text_1": "1", "text_2": "2", "label": "3"})

    parts = split_file(file, options, tmp_path / "out", shares=SHARES, group=None, seed=1)

    found = find_files(tmp_path / "out", options)
    assert list(found.values()) == [part.path for part in parts]
    assert {part.path.suffix for part in parts} == {file.suffix}
    whole, *read = (load_mapped_pairs(path, options, "", lambda _: None) for path in (file, *found.values()))
    assert Counter(zip(whole.text_1, whole.text_2, whole.labels, strict=True)) == Counter(
        triple for part in read for triple in zip(part.text_1, part.text_2, part.labels, strict=True)
    )


def test_what_is_there_is_replaced_with_force_alone(tmp_path: Path) -> None:
    split(pairs(100), tmp_path)
    before = (tmp_path / "out" / "train.jsonl").read_bytes()

    with pytest.raises(UserInputError, match=r"train\.jsonl: is there already; --force replaces it"):
        split(pairs(100), tmp_path, seed=7)

    assert (tmp_path / "out" / "train.jsonl").read_bytes() == before
    split(pairs(100), tmp_path, seed=7, force=True)
    assert (tmp_path / "out" / "train.jsonl").read_bytes() != before


def test_a_folder_with_other_data_is_refused_because_its_files_would_be_found_too(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "training.csv").touch()

    with pytest.raises(UserInputError, match=r"holds other data files, such as training\.csv; choose another folder"):
        split(pairs(100), tmp_path, force=True)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"premise": " "}, DataFileError, r"pairs\.jsonl:1: premise is ' '; words are expected"),
        ({"label": [1]}, DataFileError, r"pairs\.jsonl:1: the label is \[1\]; "),
        ({"hypothesis": 3}, DataFileError, r"pairs\.jsonl:1: hypothesis is 3; text is expected"),
    ],
)
def test_a_faulty_record_is_told_with_its_line(
    tmp_path: Path, changes: dict[str, Any], kind: type[Exception], message: str
) -> None:
    rows = pairs(100)
    rows[0] |= changes

    with pytest.raises(kind, match=message):
        split(rows, tmp_path)


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match=r"--group tpic: .*no such column; its columns are premise, hypothesis"):
        split(pairs(100), tmp_path, group="tpic")


@pytest.mark.parametrize("text", ["80,10", "80,10,20", "a,b,c", "nan,50,50", "100,0,0", "0,0,100", "110,-20,10", ""])
def test_shares_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(UserInputError, match="three numbers that sum to 100"):
        parse_shares(text)


def test_shares_are_percent_of_train_validation_and_test() -> None:
    assert parse_shares("70, 0,30") == (0.7, 0.0, 0.3)


def test_a_file_that_changes_meanwhile_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = splitting._write

    def later(file, *rest) -> None:
        with file.path.open("a") as opened:
            opened.write(json.dumps(pairs(1)[0]) + "\n")
        whole(file, *rest)

    monkeypatch.setattr(splitting, "_write", later)

    with pytest.raises(PipelineError, match="changed while it was read"):
        split(pairs(100), tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_odd_values_of_other_columns_are_kept(tmp_path: Path) -> None:
    more = {"big": 10**30, "nested": {"a": [1, None]}, "half": "\ud800", "é": "é"}
    rows = [row | more for row in pairs(60)]
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))

    parts = split_file(file, DataOptions(), tmp_path / "out", shares=SHARES, group=None, seed=1)

    assert sorted((row for part in parts for row in rows_of(part)), key=lambda row: row["number"]) == rows


def test_large_groups_do_not_all_go_to_one_part() -> None:
    sizes = np.repeat([20, 5, 1], [30, 60, 300])
    group = np.repeat(np.arange(len(sizes)), sizes)
    label = (group % 2).astype(np.int32)

    part = assign(group, label, SHARES, np.arange(len(group), dtype=np.uint64))

    large = [len(np.unique(group[(part == place) & (sizes[group] == 20)])) for place in range(3)]
    assert large == pytest.approx([24, 3, 3], abs=2)


def test_a_group_goes_where_there_is_room_for_it() -> None:
    sizes = np.repeat([30, 15, 1], [1, 1, 55])
    group = np.repeat(np.arange(len(sizes)), sizes)

    part = assign(group, np.zeros(100, dtype=np.int32), SHARES, np.arange(100, dtype=np.uint64))

    assert np.bincount(part).tolist() == [80, 10, 10]


def test_the_table_shows_pairs_components_and_labels_of_each_part(tmp_path: Path) -> None:
    parts = split(pairs(300), tmp_path)

    shown = split_table(parts, None)

    assert shown.columns == ("file", "pairs", "of all", "components", "label 0", "label 1")
    assert [cell.text for cell in shown.rows[0]][:4] == ["train.jsonl", "240", "80.0 %", "80"]
    assert split_table(parts, "topic").columns[3] == "groups"

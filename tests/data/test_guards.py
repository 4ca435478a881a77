from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.errors import DataFileError, UserInputError
from src.core.paths import SHIPPED_DATA
from src.data.guards import Guard, parse_guard, read_guards
from src.models import GENERAL_ENGLISH

if TYPE_CHECKING:
    from pathlib import Path

    from src.models import PairSet
    from tests.conftest import PairSetFactory

SHIPPED = SHIPPED_DATA / "guard_pairs.jsonl"
ENGLISH = "boy: they are with you and that is not from my garden"


@pytest.fixture
def train(pair_set: PairSetFactory) -> PairSet:
    return pair_set(["boy: left 0"], ["girl: right 0"])


def table(path: Path, labels: list[object], header: str = "text_1,text_2,label\n") -> Path:
    path.write_text(header + "".join(f"left {i},right {i},{label}\n" for i, label in enumerate(labels)))
    return path


def read(train: PairSet, *texts: object, said: list[str] | None = None) -> list[Guard]:
    told = [] if said is None else said
    return read_guards([parse_guard(str(text)) for text in texts], SHIPPED, train, train, told.append)


# --- the option -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "file", "columns", "labels", "header"),
    [
        ("old.csv", "old.csv", {}, {}, True),
        ("a:b.csv", "a:b.csv", {}, {}, True),
        (
            "d/stsb.csv:text_1=6,text_2=7,label=5", "d/stsb.csv",
            {"text_1": "6", "text_2": "7", "label": "5"}, {}, False,
        ),
        ("q.tsv:text_1=q1,text_2=q2", "q.tsv", {"text_1": "q1", "text_2": "q2"}, {}, True),
        ("q.tsv:same=1,other=0,odd=drop", "q.tsv", {}, {"same": 1.0, "other": 0.0, "odd": None}, True),
        ("q.tsv:label=y,same=1,other=0", "q.tsv", {"label": "y"}, {"same": 1.0, "other": 0.0}, True),
    ],
)  # fmt: skip
def test_a_guard_is_a_file_with_its_columns_and_labels(
    text: str, file: str, columns: dict[str, str], labels: dict[str, float | None], header: bool
) -> None:
    guard = parse_guard(text)

    assert (str(guard.path), guard.options.columns, guard.options.label_map) == (file, columns, labels)
    assert guard.options.header is header


@pytest.mark.parametrize("named", ["txt_1=6,text_2=7", "text_1=,text_2=7", "text_1=6,text_1=7", "same=1", "a=yes,o=0"])
def test_what_names_neither_columns_nor_labels_is_refused_in_one_line(named: str) -> None:
    with pytest.raises(UserInputError, match=r"^--guard old\.csv:.*: after the colon stand columns, or .*; mend it$"):
        parse_guard(f"old.csv:{named}")


# --- the pairs ------------------------------------------------------------------------------------------


def test_grades_take_the_range_of_the_file_and_two_labels_stay_labels(train: PairSet, tmp_path: Path) -> None:
    graded = table(tmp_path / "graded.csv", [i % 6 / 2 for i in range(60)])
    binary = table(tmp_path / "binary.csv", [i % 2 for i in range(60)])

    one, other = read(train, graded, binary)

    assert one.pairs.scale is not None
    assert (one.pairs.scale.low, one.pairs.scale.high) == (0.0, 2.5)
    assert other.pairs.scale is None
    assert (one.name, other.name) == ("graded.csv", "binary.csv")


def test_pairs_that_train_holds_are_left_out_and_told(train: PairSet, tmp_path: Path) -> None:
    said: list[str] = []
    guard = read(train, table(tmp_path / "old.csv", [i % 2 for i in range(40)]), said=said)[0]

    assert guard.kept.tolist() == list(range(1, 40))
    assert "old.csv: 1 of 40 pairs left out of the guard: train holds them" in said


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (
            [0, 1] * 10,
            r"old\.csv: 19 pairs, 9 of them of a label; a guard needs at least 30, 10 of a label; ",
        ),
        ([0] * 40 + [1] * 9, r"old\.csv: 48 pairs, 9 of them of a label"),
        ([0.0] * 40 + [5.0, 4.0], r"old\.csv: 41 pairs, 2 of them on each side of the middle of the grades"),
        (["yes", "no"] * 20, r"old\.csv: the labels are no, yes; say what each one means"),
        (
            [0, 1, 2] * 20,
            r"old\.csv: the labels are 0, 1, 2; say what each one means, as in --guard FILE:LABEL=1,LABEL",
        ),
        (["nan"] * 40, r"old\.csv"),
    ],
)
def test_a_file_that_cannot_be_measured_is_refused_in_one_line(
    train: PairSet, tmp_path: Path, labels: list[object], match: str
) -> None:
    with pytest.raises(DataFileError, match=match) as refused:
        read(train, table(tmp_path / "old.csv", labels))

    assert "\n" not in str(refused.value)


def test_a_missing_file_and_two_of_one_name_are_refused(train: PairSet, tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"none\.csv: no such file; --guard names the file"):
        read(train, tmp_path / "none.csv")
    with pytest.raises(UserInputError, match=r"^--guard old\.csv: two guards have this name; rename one$"):
        read(train, tmp_path / "old.csv", tmp_path / "a" / "old.csv")


def test_the_pairs_that_ship_stand_last_where_the_texts_are_english(pair_set: PairSetFactory) -> None:
    (guard,) = read(pair_set([ENGLISH], [ENGLISH]))

    assert (guard.name, guard.shipped, len(guard.kept)) == (GENERAL_ENGLISH, True, 200)
    assert guard.pairs.scale is not None
    assert (guard.pairs.scale.low, guard.pairs.scale.high) == (0.0, 5.0)


def test_texts_of_another_language_leave_out_the_pairs_that_ship(pair_set: PairSetFactory) -> None:
    said: list[str] = []
    pairs = pair_set(["boy: das ist kein englischer Satz"], ["girl: und dieser auch nicht"])

    assert read(pairs, said=said) == []
    assert said == []


def test_the_pairs_that_ship_are_200_different_sentences_twice_of_all_grades() -> None:
    rows = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
    texts = {row[side].casefold() for row in rows for side in ("text_1", "text_2")}
    whole = np.bincount(np.floor([row["label"] for row in rows]).astype(int))

    assert (len(rows), len(texts)) == (200, 400)
    assert whole.min() >= 30
    assert all(row["label"] * 2 == int(row["label"] * 2) for row in rows)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.core.errors import PipelineError
from src.data.files import find_files
from src.data.options import DataOptions

if TYPE_CHECKING:
    from pathlib import Path


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).touch()
    return path


@pytest.mark.parametrize(
    "names",
    [
        ("train.csv", "dev.csv", "test.csv"),
        ("sts-train.csv", "sts-dev.csv", "sts-test.csv"),
        ("SICK_train.txt", "SICK_val.txt", "SICK_test_annotated.txt"),
        ("train-00000-of-00001.parquet", "validation-00000-of-00001.parquet", "test-00000-of-00001.parquet"),
        ("my.training.jsonl.gz", "valid2.jsonl", "Evaluation.json"),
    ],
)
def test_files_are_found_by_the_keywords_of_the_hub(tmp_path: Path, names: tuple[str, str, str]) -> None:
    there = folder(tmp_path, *names, "readme_train.md", ".train.csv", "constrain.csv", "latest.csv")

    found = find_files(there, DataOptions())

    assert [found[split].name for split in ("train", "validation", "eval")] == list(names)


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (("train.csv",), {}, "no data file has test or testing or eval or evaluation in its name"),
        (("train_test.csv",), {}, "taken for train and for eval"),
        ((), {"searched": False}, "no train file: name the file with --train-file"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_option_that_decides(
    tmp_path: Path, names: tuple[str, ...], options: dict[str, bool], message: str
) -> None:
    with pytest.raises(PipelineError) as caught:
        find_files(folder(tmp_path, *names), DataOptions(**options))

    assert message in str(caught.value)


def test_a_named_file_comes_before_one_that_is_found(tmp_path: Path) -> None:
    there = folder(tmp_path, "train.csv", "test.csv", "mine.csv")

    assert find_files(there, DataOptions(files={"train": there / "mine.csv"}))["train"].name == "mine.csv"

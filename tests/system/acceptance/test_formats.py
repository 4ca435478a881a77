"""Files of labelled pairs, given to the real command in this process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from src.models import DataQualityReport
from src.storage.files import read_json
from tests.support.real_command import DONE, WRONG, is_one_line_of_error
from tests.system.acceptance.bad_formats import FORMAT_CASES, NAMES, csv_of, of_labels

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from src.models import DataFile
    from src.workflow.context import RunContext
    from tests.support.real_command import Ended

AUDIT = "evaluate-data"
OTHERS = [dict(zip(NAMES, (f"other {i}", f"another {i}", i % 2), strict=True)) for i in range(6)]


def folder_with(path: Path, name: str, content: bytes) -> Path:
    """A folder with a train file, and a test file that is good."""
    folder = path / "pairs"
    folder.mkdir()
    (folder / name).write_bytes(content)
    (folder / "test.csv").write_bytes(csv_of(OTHERS))
    return folder


@pytest.mark.parametrize("name", FORMAT_CASES)
def test_a_file_that_is_not_clear_is_told_in_one_line_and_nothing_is_made(
    run: Callable[..., Ended], context: RunContext, tmp_path: Path, name: str
) -> None:
    case = FORMAT_CASES[name]
    folder = folder_with(tmp_path, case.file, case.content)
    if case.beside:
        (folder / case.beside).write_bytes(case.content)

    ended = run("-q", "--data-dir", folder, *case.options, AUDIT)

    told = ended.err.rstrip("\n")
    assert (ended.code, ended.out) == (WRONG, "")
    assert re.search(case.message, told), told
    assert "extra data" not in told
    lines = told.splitlines()
    assert len(lines) == case.lines, told
    assert all(map(str.isprintable, lines))
    assert is_one_line_of_error(lines[0])
    assert "; " in lines[0] or "no records" in told
    assert not context.paths.root.exists()


def checked(run: Callable[..., Ended], context: RunContext, folder: Path, *options: str) -> tuple[DataFile, str]:
    """What `evaluate-data` says of a train file that it takes, and what it tells on the way."""
    ended = run("--data-dir", folder, *options, AUDIT)
    assert ended.code == DONE, ended.err
    told = " ".join(ended.err.split())
    return read_json(context.paths.quality_report, DataQualityReport).train.file, told


def test_what_a_spreadsheet_writes_is_read(run: Callable[..., Ended], context: RunContext, tmp_path: Path) -> None:
    """J02."""
    rows = [f'"first\r\n{i}";second, {i};{i % 6},5' for i in range(12)]
    content = b"\xef\xbb\xbfsep=;\r\n" + "\r\n".join([";".join(NAMES), *rows, ""]).encode()
    folder = folder_with(tmp_path, "train.csv", content)
    (folder / "test.csv").write_bytes(content.replace(b"first", b"other"))

    file, told = checked(run, context, folder, "--label-range", "0,6", "--positive-at", "2.5")

    assert (file.n, file.n_compatible) == (12, 8)
    assert "train.csv: read as a table, semicolon between fields, double quotes" in told


def test_labels_that_are_not_known_are_left_out_and_counted(
    run: Callable[..., Ended], context: RunContext, tmp_path: Path
) -> None:
    """J10."""
    folder = folder_with(tmp_path, "train.jsonl", of_labels(0, 1, 0, 1, "-", -1, "", None, float("nan")))

    file, told = checked(run, context, folder)

    assert (file.n, file.n_compatible) == (4, 2)
    assert "train.jsonl: 5 of 9 pairs left out by their label: 3 empty, 1 '-', 1 '-1'" in told


def test_another_mapping_of_the_same_file_makes_stages_stale(
    run: Callable[..., Ended], context: RunContext, tmp_path: Path
) -> None:
    """J11."""
    folder = folder_with(tmp_path, "train.csv", csv_of())
    checked(run, context, folder)

    same, turned = (
        run("--data-dir", folder, "--columns", f"text_1={one},text_2={two}", "status").out
        for one, two in (NAMES[:2], NAMES[1::-1])
    )

    assert re.search(rf"{AUDIT} +fresh", same)
    assert re.search(rf"{AUDIT} +stale +changed since: eval, train", turned)

from __future__ import annotations

import pytest

from src.models import CheckResult, DataFile, DataQuality, DimensionResult
from src.tables.quality import quality_tables


def check(score: float | None, reason: str = "") -> CheckResult:
    return CheckResult(
        name="label_balance", dimension="d", score=score, observed="20 %", limit="40 %", n=9, why="bias", reason=reason
    )


def quality(*checks: CheckResult) -> DataQuality:
    file = DataFile(name="pairs.jsonl", sha256="a" * 64, n=10, n_compatible=5)
    return DataQuality(file=file, overall=50, dimensions=(DimensionResult(name="bias_of", score=50, checks=checks),))


def test_a_dimension_is_a_table_named_by_file_and_score() -> None:
    [table] = quality_tables(quality(check(100)))

    assert table.caption == "pairs.jsonl: bias of 50.0"


@pytest.mark.parametrize(
    ("one", "cells"),
    [
        (check(100), ["label balance", "100.0", "20 %", ""]),
        (check(40), ["label balance", "40.0", "20 %", "40 %; bias"]),
        (check(None, "too few pairs"), ["label balance", "n/a", "too few pairs", ""]),
    ],
)
def test_what_was_asked_for_and_why_stands_where_full_marks_were_missed(one: CheckResult, cells: list[str]) -> None:
    [table] = quality_tables(quality(one))

    assert [" ".join(cell.parts) for cell in table.rows[0]] == cells

"""The checks of the data, one table for each dimension of each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from .table import Cell, Table, table, word_table

if TYPE_CHECKING:
    from ..models import CheckResult, DataQuality, DataQualityReport, DimensionResult

_FULL_MARKS = 100


def dimension_table(report: DataQualityReport) -> Table:
    """Dimensions x files: the scores from 0 to 100."""
    names = dict.fromkeys(dimension.name for quality in report.files for dimension in quality.dimensions)
    rows: list[list[Cell | str]] = [
        [formats.plain_name(name), *(_score(quality, name) for quality in report.files)] for name in names
    ]
    return table("Scores of the data, of 100", ("Dimension", *(quality.file.name for quality in report.files)), rows)


def _score(quality: DataQuality, name: str) -> str:
    return next((formats.number(one.score, 1) for one in quality.dimensions if one.name == name), "")


def quality_tables(quality: DataQuality) -> tuple[Table, ...]:
    """The dimensions of one file."""
    return tuple(_dimension(quality.file.name, dimension) for dimension in quality.dimensions)


def _dimension(file: str, dimension: DimensionResult) -> Table:
    caption = f"{file}: {formats.plain_name(dimension.name)} {formats.number(dimension.score, 1)}"
    columns = ("Check", "Score", "Observed", "Asked for")
    return word_table(caption, columns, [_row(check) for check in dimension.checks])


def _row(check: CheckResult) -> list[Cell | str]:
    """What full marks ask for stands only where they were not reached."""
    short = check.score is not None and check.score < _FULL_MARKS
    return [
        formats.plain_name(check.name),
        formats.number(check.score, 1),
        check.reason or check.observed,
        Cell(f"{check.limit};", note=check.why) if short else "",
    ]

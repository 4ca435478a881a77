"""`data_quality_summary.txt`: the report of `evaluate-data` for a reader without a browser, 80 columns wide."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING

from rich.console import Console

from ..core.formatting import count, number
from ..tables.audit import audit_tables
from ..tables.quality import quality_tables
from ..tables.shallow_baselines import shallow_table
from .terminal_table import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..models import DataQuality, DataQualityReport
    from ..tables.table import Table

_WIDTH = 80


def summary_text(report: DataQualityReport) -> str:
    """Scores, what the audit found, shallow baselines."""
    lines = [
        *_title("Data quality", "="),
        *_overall(report),
        *(line for quality in report.files for line in _quality(quality)),
        *_title("Audit", "-"),
        *_tables(audit_tables(report.audit)),
        *_title("Shallow baselines", "-"),
        *_tables([shallow_table(report.trivial_baselines, report.train.file.words)]),
    ]
    return "\n".join(lines).strip() + "\n"


def _overall(report: DataQualityReport) -> Iterator[str]:
    verdict = "" if report.overall is None else ": met" if report.overall >= report.target else ": not met"
    yield f"overall {number(report.overall, 1)} of 100, target {number(report.target, 0)}{verdict}"
    if report.overall is None and report.train.reason:
        yield from textwrap.wrap(report.train.reason, _WIDTH)
    if report.capped_by:
        yield from textwrap.wrap(f"capped at 50 by the finding '{report.capped_by}'", _WIDTH)


def _quality(quality: DataQuality) -> Iterator[str]:
    file = quality.file
    yield from _title(f"{file.name}: {number(quality.overall, 1)}", "-")
    about = f"{count(file.n)} pairs, {count(file.n_compatible)} {file.words.positive}, SHA-256 {file.sha256[:12]}"
    yield from textwrap.wrap(about, _WIDTH)
    yield from _tables(quality_tables(quality))


def _tables(tables: Iterable[Table]) -> Iterator[str]:
    """Tables as lines of text. They are the same in every terminal."""
    for table in tables:
        stream = io.StringIO()
        plain = Console(file=stream, width=_WIDTH, color_system=None, force_terminal=False, legacy_windows=False)
        plain.print(render(table, _WIDTH))
        yield ""
        yield from (line.rstrip() for line in stream.getvalue().splitlines())


def _title(text: str, line: str) -> Iterator[str]:
    yield ""
    yield from textwrap.wrap(text, _WIDTH)
    yield line * min(_WIDTH, len(text))

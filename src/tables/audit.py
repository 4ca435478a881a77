"""The table of what the audit found in the data, worst first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..models import FindingStatus
from .table import Cell, Table, word_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import AuditFinding

COLUMNS = ("Finding", "Status", "Observed", "Limit", "N", "Why it matters", "What to do", "Rows to look at")


def audit_tables(findings: Sequence[AuditFinding]) -> tuple[Table, ...]:
    """What needs a look, and, folded, what is in order; rows are named by file and line alone."""
    order = list(FindingStatus)
    worst_first = sorted(findings, key=lambda finding: -order.index(finding.status))
    bad = [finding for finding in worst_first if finding.status is not FindingStatus.OK]
    fine = [finding for finding in worst_first if finding.status is FindingStatus.OK]
    tables = [_table("What the audit of the data found", bad, "" if bad else "Nothing: every check is in order.")]
    if fine:
        words = f"{formats.count(len(fine))} checks in order"
        tables.append(replace(_table("Checks in order", fine), folded=words))
    return tuple(tables)


def _table(caption: str, findings: Iterable[AuditFinding], note: str = "") -> Table:
    return word_table(caption, COLUMNS, [_row(finding) for finding in findings], note)


def _row(finding: AuditFinding) -> list[Cell | str]:
    status = finding.status.value
    return [
        formats.plain_name(finding.name),
        Cell(status, kind=f"mark {status}"),
        Cell(finding.observed, kind="wide"),
        Cell(finding.limit, kind="medium"),
        formats.count(finding.n),
        Cell(finding.why, kind="medium"),
        Cell(finding.action, kind="medium"),
        Cell(_places(finding.rows), kind="medium"),
    ]


def _places(rows: Sequence[str]) -> str:
    """Places such as `pairs.jsonl:2`, the lines of a file behind its name."""
    lines: dict[str, list[str]] = {}
    for place in rows:
        file, _, line = place.rpartition(":")
        lines.setdefault(file, []).append(line)
    return "; ".join(f"{file}:{', '.join(found)}" for file, found in lines.items()) or "none"

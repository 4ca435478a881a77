"""The tables of what the audit found in the data, the worst first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..models import FindingStatus
from .table import Cell, Table, word_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import AuditFinding

COLUMNS = ("Finding", "Status", "Observed", "Limit", "N", "Why it matters", "What to do", "Rows to look at")
_OBSERVED = COLUMNS[:5]  # without a finding there is nothing to do


def audit_tables(findings: Sequence[AuditFinding]) -> tuple[Table, ...]:
    """What needs a look, and, folded, the checks without a finding. Rows are named by file and line, without texts."""
    bad = worst_first(findings)
    fine = [finding for finding in findings if finding.status is FindingStatus.OK]
    note = "" if bad else "No check has a finding."
    tables = [word_table("What the audit found, the worst first", COLUMNS, map(_row, bad), note)]
    if fine:
        clean = word_table("Checks without a finding", _OBSERVED, [_row(finding)[: len(_OBSERVED)] for finding in fine])
        tables.append(replace(clean, folded=f"{formats.count(len(fine))} checks without a finding"))
    return tuple(tables)


def worst_first(findings: Sequence[AuditFinding]) -> list[AuditFinding]:
    """What needs a look, the worst first."""
    order = list(FindingStatus)
    bad = [finding for finding in findings if finding.status is not FindingStatus.OK]
    return sorted(bad, key=lambda finding: -order.index(finding.status))


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
    """Places such as `pairs.jsonl:2, 7`, grouped by file."""
    lines: dict[str, list[str]] = {}
    for place in rows:
        file, _, line = place.rpartition(":")
        lines.setdefault(file, []).append(line)
    return "; ".join(f"{file}:{', '.join(found)}" for file, found in lines.items()) or "none"

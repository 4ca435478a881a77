"""The report of `evaluate-data` as plain text, at most 80 columns wide."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ..core.formatting import plain_name
from ..models import FindingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..models import AuditFinding, CheckResult, DataQuality, DataQualityReport, ShallowBaseline

WIDTH = 80
_WORST_FIRST = (FindingStatus.BLOCKER, FindingStatus.WARN, FindingStatus.NOTE, FindingStatus.OK)


def summary_text(report: DataQualityReport) -> str:
    """The whole report for a reader without a browser: scores, findings worst first, trivial baselines."""
    lines = [
        *_title("Data quality", "="),
        *_overall(report),
        *(line for quality in (report.train, report.eval) for line in _quality(quality)),
        *_title("Audit", "-"),
        *finding_lines(report.audit),
        *_title("What needs no model (AUC, fitted on train)", "-"),
        *(line for baseline in report.trivial_baselines for line in _baseline(baseline)),
    ]
    return "\n".join(lines).strip() + "\n"


def _overall(report: DataQualityReport) -> Iterator[str]:
    verdict = "" if report.overall is None else ": met" if report.overall >= report.target else ": not met"
    yield f"overall {_score(report.overall)} of 100, target {report.target:.0f}{verdict}"
    if report.capped_by:
        yield from _wrapped(f"capped by the blocker '{report.capped_by}'", "")


def _quality(quality: DataQuality) -> Iterator[str]:
    file = quality.file
    yield from _title(f"{file.name}: {_score(quality.overall)}", "-")
    yield from _wrapped(f"{file.n} pairs, {file.n_compatible} compatible, SHA-256 {file.sha256[:12]}", "")
    for dimension in quality.dimensions:
        yield ""
        yield f"{_score(dimension.score):>5}  {dimension.name}"
        for check in dimension.checks:
            yield from _check(check)


def _check(check: CheckResult) -> Iterator[str]:
    yield from _wrapped(f"{_score(check.score):>9}  {check.name}: {check.reason or check.observed}", " " * 11)
    if check.score is not None and check.score < 100:  # noqa: PLR2004 - full marks
        yield from _wrapped(f"{'':11}asked: {check.limit}; {check.why}", " " * 11)


def finding_lines(findings: Iterable[AuditFinding]) -> Iterator[str]:
    """Findings, the worst first; one that is not in order with its limit, why it matters, what to do and where."""
    for finding in sorted(findings, key=lambda finding: _WORST_FIRST.index(finding.status)):
        yield from _finding(finding)


def _finding(finding: AuditFinding) -> Iterator[str]:
    yield from _wrapped(f"{finding.status.value.upper():<8} {finding.name}: {finding.observed}", " " * 9)
    if finding.status is not FindingStatus.OK:
        yield from _wrapped(f"{'':9}limit: {finding.limit}; n = {finding.n}", " " * 9)
        yield from _wrapped(f"{'':9}why: {finding.why}", " " * 9)
        yield from _wrapped(f"{'':9}do: {finding.action}", " " * 9)
        if finding.rows:
            yield from _wrapped(f"{'':9}look at: {', '.join(finding.rows)}", " " * 9)


def _baseline(baseline: ShallowBaseline) -> Iterator[str]:
    interval = ""
    if baseline.auc_low is not None and baseline.auc_high is not None:
        interval = f" [{baseline.auc_low:.3f}, {baseline.auc_high:.3f}]"
    challenge = f", challenge {_auc(baseline.challenge_auc_roc)}" if baseline.challenge_auc_roc is not None else ""
    reason = f" ({baseline.reason})" if baseline.reason else ""
    yield from _wrapped(
        f"{plain_name(baseline.name):<18} {_auc(baseline.auc_roc)}{interval}{challenge}{reason}", " " * 19
    )


def _title(text: str, line: str) -> Iterator[str]:
    yield ""
    yield from _wrapped(text, "")
    yield line * min(WIDTH, len(text))


def _score(score: float | None) -> str:
    return "n/a" if score is None else f"{score:.1f}"


def _auc(auc: float | None) -> str:
    return "n/a" if auc is None else f"{auc:.3f}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, drop_whitespace=True) or [""]

"""Stage `evaluate-data`: score and audit the data before anything is trained on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .audit.checks import audit
from .audit.shallow_baselines import shallow_baselines
from .audit.shortcuts import shortcut_findings
from .data_evaluator import SyntheticDataEvaluator
from .models import AuditFinding, DataQualityReport, FindingStatus
from .report.quality_text import summary_text
from .storage.files import read_json, write_json, write_text
from .workflow.code_version import code_version
from .workflow.stage import ensure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .core.paths import ProjectPaths
    from .workflow.context import RunContext

STAGE = "evaluate-data"
COMMAND = "python -m src.cli evaluate-data"
BLOCKED_SCORE = 50.0


def quality_inputs(context: RunContext) -> dict[str, str]:
    """Everything that the report on the data is made from."""
    return {**context.data_hashes, "code": code_version("quality_stage")}


def run_quality(context: RunContext) -> DataQualityReport:
    """Evaluate the data files and write report and summary, unless they still stand."""
    ensure(
        context, STAGE, COMMAND, quality_inputs(context), lambda fingerprint, paths: _make(context, fingerprint, paths)
    )
    return read_json(context.paths.quality_report, DataQualityReport, COMMAND)


def _make(context: RunContext, fingerprint: str, paths: ProjectPaths) -> None:
    started = time.monotonic()
    sets = context.pair_sets
    context.refuse_copied_eval()
    evaluator = SyntheticDataEvaluator()
    with context.reporter.task("Evaluating the data", 4) as advance:
        train = evaluator.evaluate(sets["train"])
        advance(1)
        held_out = evaluator.evaluate(sets["eval"])
        advance(1)
        found = audit(sets["train"], sets["eval"], sets.get("challenge"))
        advance(1)
        shallow = tuple(b.result for b in shallow_baselines(sets["train"], sets["eval"], sets.get("challenge")))
        findings = (*found, *shortcut_findings(shallow))
        advance(1)
    overall, capped_by = cap(train.overall, findings)
    report = DataQualityReport(
        overall=overall,
        capped_by=capped_by,
        train=train,
        eval=held_out,
        audit=findings,
        trivial_baselines=shallow,
        provenance=context.provenance(fingerprint, started),
    )
    write_json(paths.quality_report, report)
    write_text(paths.quality_summary, summary_text(report))


def cap(overall: float | None, findings: Sequence[AuditFinding]) -> tuple[float | None, str]:
    """The overall score, at most 50 where the audit found a blocker, and that blocker's name."""
    blocker = next((finding.name for finding in findings if finding.status is FindingStatus.BLOCKER), "")
    if not blocker or overall is None or overall <= BLOCKED_SCORE:
        return overall, ""
    return BLOCKED_SCORE, blocker

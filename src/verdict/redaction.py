"""A comparison without the words of texts that the audit quotes, for a report that is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..audit.finding_codes import FindingCode
from ..wording.audit import without_words
from .findings import audit_finding

if TYPE_CHECKING:
    from ..models import AuditFinding, ComparisonResult

QUOTING = frozenset({FindingCode.LABEL_CORRELATED_WORDS, FindingCode.UNKNOWN_TOKENS})


def redacted(result: ComparisonResult) -> ComparisonResult:
    """The comparison with no word of a text in what the audit observed; every number stays.

    Args:
        result: The comparison.
    """
    audit = tuple(map(_redacted_finding, result.audit))
    quoting = {(one.code, one.name): one for one in audit if one.code in QUOTING}
    findings = tuple(
        audit_finding(quoting[found.code, found.name], found.role) if (found.code, found.name) in quoting else found
        for found in result.verdict.findings
    )
    verdict = result.verdict.model_copy(update={"findings": findings})
    return result.model_copy(update={"audit": audit, "verdict": verdict})


def _redacted_finding(finding: AuditFinding) -> AuditFinding:
    if finding.code not in QUOTING:
        return finding
    return finding.model_copy(update={"observed": without_words(finding.observed)})

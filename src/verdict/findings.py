"""The findings of the verdict: the status and the words of each code, in one table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..audit.finding_codes import FindingCode
from ..models import VerdictFinding, VerdictStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..models import AuditFinding

_WARN, _INVALID = VerdictStatus.WARN, VerdictStatus.INVALID


class Wording(NamedTuple):
    """Status, name and text of a finding; the names in braces stand for what was measured."""

    status: VerdictStatus
    name: str
    text: str


WORDINGS: Mapping[FindingCode, Wording] = MappingProxyType(
    {
        FindingCode.DIFFERENT_DATA: Wording(
            _INVALID, "different data", "the models were evaluated with {n_files} different {split} files"
        ),
        FindingCode.WEIGHTS_UNCHANGED: Wording(
            _INVALID,
            "weights unchanged",
            "{model}: its embeddings equal the base model's; the trained weights were not applied",
        ),
        FindingCode.AUC_UNDEFINED: Wording(
            _INVALID, "AUC not defined", "{model}: AUC-ROC is not defined on these eval pairs"
        ),
        FindingCode.LABELS_INVERTED: Wording(
            _WARN, "labels inverted", "{model}: AUC {eval_auc} on eval, {train_auc} on train: labels inverted?"
        ),
        FindingCode.SPACE_COLLAPSED: Wording(
            _WARN, "collapsed space", "{model}: random texts have a cosine of {cosine:.2f}; the space has collapsed"
        ),
        FindingCode.DIRECTIONS_LOST: Wording(
            _WARN,
            "directions lost",
            "{model}: its texts spread over {rank:.1f} directions (effective rank), the base model's over "
            "{base_rank:.1f}; the space has collapsed onto a few",
        ),
        FindingCode.CHALLENGE_NOT_ABOVE_CHANCE: Wording(
            _WARN,
            "challenge set not above chance",
            "{model}: {auc} on naturally phrased pairs is not shown to be better than chance",
        ),
        FindingCode.CHALLENGE_BELOW_CHANCE: Wording(
            _WARN, "challenge set below chance", "{model}: {auc} on naturally phrased pairs is worse than chance"
        ),
        FindingCode.LABELS_PREDICTED: Wording(
            _WARN,
            "labels predicted by shallow baselines",
            "shallow baselines predict the labels of eval: {baselines}; the audit has their AUCs",
        ),
        FindingCode.WORSE_THAN_BASE: Wording(
            _WARN,
            "worse than the base model",
            "{model}: AUC {auc} is worse than the base model's {base_auc}; {difference}",
        ),
        FindingCode.SHALLOW_BASELINE_NOT_BEATEN: Wording(
            _WARN,
            "shallow baseline not beaten",
            "{model}: AUC {auc} does not beat the shallow baseline {baseline} ({baseline_auc}); {difference}",
        ),
        FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE: Wording(
            _WARN,
            "shallow baseline not beaten",
            "{model}: AUC {auc} cannot be compared with the shallow baseline {baseline} ({baseline_auc}); {difference}",
        ),
        FindingCode.NO_SHALLOW_BASELINE: Wording(
            _WARN,
            "no shallow baseline",
            "no shallow baseline has an AUC on these pairs, so it is not known what a model adds",
        ),
    }
)


def verdict_finding(code: FindingCode, **measured: object) -> VerdictFinding:
    """A finding of the verdict.

    Args:
        code: One of `WORDINGS`.
        measured: What its text names in braces.
    """
    wording = WORDINGS[code]
    return VerdictFinding(code=code, status=wording.status, name=wording.name, text=wording.text.format_map(measured))


def audit_warning(finding: AuditFinding) -> VerdictFinding:
    """A finding of the audit that the verdict repeats, with its code and what to do about it."""
    return VerdictFinding(
        code=finding.code,
        status=_WARN,
        name=finding.name,
        text=f"{finding.name}: {finding.observed}; {finding.action}",
    )

"""Shortcuts: labels that a shallow baseline predicts, as findings beside those of the audit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..core.formatting import interval
from ..models import AuditFinding, FindingStatus
from .finding_codes import FindingCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..models import ShallowBaseline

NOTE_ABOVE, WARN_ABOVE = 0.60, 0.70
_CHANCE = 0.5
_WHY_ONE_SIDE = "whether two people fit cannot be read off one of them: the templates tell the label"
_BALANCE_TEXTS = "let each text stand in compatible and in incompatible pairs alike"


class _Shortcut(NamedTuple):
    code: FindingCode
    why: str
    action: str


_SHORTCUTS = MappingProxyType(
    {
        "text_1_only": _Shortcut(FindingCode.TEXT_1_ONLY, _WHY_ONE_SIDE, _BALANCE_TEXTS),
        "text_2_only": _Shortcut(FindingCode.TEXT_2_ONLY, _WHY_ONE_SIDE, _BALANCE_TEXTS),
        "bag_of_words": _Shortcut(
            FindingCode.BAG_OF_WORDS,
            "single words tell the label, so that nothing has to be compared",
            "let the words that the audit names stand with the other label too",
        ),
        "lexical_overlap": _Shortcut(
            FindingCode.LEXICAL_OVERLAP,
            "shared words tell the label: a keyword search does as well",
            "add clashes that share words and agreements that share none",
        ),
        "negation_agreement": _Shortcut(
            FindingCode.NEGATION_AGREEMENT,
            "whether both sides negate something or neither does tells the label",
            "add agreements with one negation and clashes with two or none",
        ),
        "length": _Shortcut(
            FindingCode.LENGTH, "the length of the texts tells the label", "write both labels at the same lengths"
        ),
        "category_only": _Shortcut(
            FindingCode.CATEGORY_ONLY, "the category tells the label", "balance the labels within each category"
        ),
        "text_frequency": _Shortcut(
            FindingCode.TEXT_FREQUENCY,
            "how often train uses a text tells the label",
            "use each text equally often with both labels",
        ),
    }
)
BASELINE_OF: Mapping[str, str] = MappingProxyType({shortcut.code: name for name, shortcut in _SHORTCUTS.items()})


def shortcut_findings(baselines: Iterable[ShallowBaseline]) -> tuple[AuditFinding, ...]:
    """One finding for each baseline, without the majority, which looks at nothing.

    A note or a warning needs an AUC above its limit and an interval above chance, so that noise in a small file causes
    none.
    """
    return tuple(_finding(baseline, _SHORTCUTS[baseline.name]) for baseline in baselines if baseline.name in _SHORTCUTS)


def _finding(baseline: ShallowBaseline, shortcut: _Shortcut) -> AuditFinding:
    ends = interval(baseline.auc_low, baseline.auc_high)
    observed = baseline.reason
    if baseline.auc_roc is not None:
        observed = f"AUC {baseline.auc_roc:.3f} {ends} on eval, fitted on train".replace("  ", " ")
    return AuditFinding(
        code=shortcut.code,
        name=f"eval: label guessed from {baseline.name.replace('_', ' ')}",
        status=_status(baseline),
        observed=observed,
        limit=f"note above AUC {NOTE_ABOVE:.2f}; warn above AUC {WARN_ABOVE:.2f}; both with an interval above 0.5",
        n=baseline.n,
        why=shortcut.why,
        action=shortcut.action,
    )


def _status(baseline: ShallowBaseline) -> FindingStatus:
    if baseline.auc_roc is None or baseline.auc_low is None or baseline.auc_low <= _CHANCE:
        return FindingStatus.OK
    if baseline.auc_roc > WARN_ABOVE:
        return FindingStatus.WARN
    return FindingStatus.NOTE if baseline.auc_roc > NOTE_ABOVE else FindingStatus.OK

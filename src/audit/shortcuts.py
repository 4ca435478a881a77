"""Shortcuts: labels that a shallow baseline predicts, as findings beside those of the audit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..models import DATING_WORDS, AuditFinding, FindingStatus, Split
from ..wording import shortcuts as wording
from .finding_codes import FindingCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..models import ShallowBaseline, Words
    from ..wording.shortcuts import ShortcutText

NOTE_ABOVE, WARN_ABOVE = 0.60, 0.70
_CHANCE = 0.5


class _Shortcut(NamedTuple):
    code: FindingCode
    text: ShortcutText


_SHORTCUTS = MappingProxyType(
    {
        "text_1_only": _Shortcut(FindingCode.TEXT_1_ONLY, wording.ONE_SIDE),
        "text_2_only": _Shortcut(FindingCode.TEXT_2_ONLY, wording.ONE_SIDE),
        "bag_of_words": _Shortcut(FindingCode.BAG_OF_WORDS, wording.BAG_OF_WORDS),
        "character_ngrams": _Shortcut(FindingCode.CHARACTER_NGRAMS, wording.CHARACTERS),
        "lexical_overlap": _Shortcut(FindingCode.LEXICAL_OVERLAP, wording.LEXICAL_OVERLAP),
        "negation_agreement": _Shortcut(FindingCode.NEGATION_AGREEMENT, wording.NEGATION_AGREEMENT),
        "length": _Shortcut(FindingCode.LENGTH, wording.LENGTH),
        "category_only": _Shortcut(FindingCode.CATEGORY_ONLY, wording.CATEGORY),
        "text_frequency": _Shortcut(FindingCode.TEXT_FREQUENCY, wording.TEXT_FREQUENCY),
    }
)
BASELINE_OF: Mapping[str, str] = MappingProxyType({shortcut.code: name for name, shortcut in _SHORTCUTS.items()})


def shortcut_findings(baselines: Iterable[ShallowBaseline], words: Words = DATING_WORDS) -> tuple[AuditFinding, ...]:
    """One finding for each baseline, without the majority, which looks at nothing.

    A note or a warning needs an AUC above its limit and an interval above chance, so that noise in a small file causes
    none.

    Args:
        baselines: Their results.
        words: What the labels are called.
    """
    known = [baseline for baseline in baselines if baseline.name in _SHORTCUTS]
    return tuple(_finding(baseline, _SHORTCUTS[baseline.name], words) for baseline in known)


def _finding(baseline: ShallowBaseline, shortcut: _Shortcut, words: Words) -> AuditFinding:
    observed = baseline.reason
    if baseline.auc_roc is not None:
        observed = words.fill(wording.observed(baseline.auc_roc, baseline.auc_low, baseline.auc_high))
    return AuditFinding(
        code=shortcut.code,
        role=Split.TEST,
        name=wording.title(baseline.name),
        status=_status(baseline),
        observed=observed,
        limit=words.fill(wording.limit(NOTE_ABOVE, WARN_ABOVE)),
        n=baseline.n,
        why=words.fill(shortcut.text.why),
        action=words.fill(shortcut.text.action),
    )


def _status(baseline: ShallowBaseline) -> FindingStatus:
    if baseline.auc_roc is None or baseline.auc_low is None or baseline.auc_low <= _CHANCE:
        return FindingStatus.OK
    if baseline.auc_roc > WARN_ABOVE:
        return FindingStatus.WARN
    return FindingStatus.NOTE if baseline.auc_roc > NOTE_ABOVE else FindingStatus.OK

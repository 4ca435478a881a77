"""What a pair of texts gives away of its label without being understood, as findings beside those of the audit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..core.formatting import interval
from ..models import AuditFinding, FindingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..models import TrivialBaseline

GUESSED = "eval: label guessed from "
NOTE_ABOVE, WARN_ABOVE = 0.60, 0.70
_CHANCE = 0.5


class _Advice(NamedTuple):
    why: str
    action: str


_ONE_SIDE = _Advice(
    "whether two people fit cannot be read off one of them: the templates tell the label",
    "let each text stand in compatible and in incompatible pairs alike",
)
_ADVICE = MappingProxyType(
    {
        "text_1_only": _ONE_SIDE,
        "text_2_only": _ONE_SIDE,
        "bag_of_words": _Advice(
            "single words tell the label, so that nothing has to be compared",
            "let the words that the audit names stand with the other label too",
        ),
        "lexical_overlap": _Advice(
            "shared words tell the label: a keyword search does as well",
            "add clashes that share words and agreements that share none",
        ),
        "negation_agreement": _Advice(
            "whether both sides negate something or neither does tells the label",
            "add agreements with one negation and clashes with two or none",
        ),
        "length": _Advice("the length of the texts tells the label", "write both labels at the same lengths"),
        "category_only": _Advice("the category tells the label", "balance the labels within each category"),
        "text_frequency": _Advice(
            "how often train uses a text tells the label", "use each text equally often with both labels"
        ),
    }
)


def giveaways(baselines: Iterable[TrivialBaseline]) -> tuple[AuditFinding, ...]:
    """One finding for each baseline that could tell something; the majority cannot.

    A status needs an AUC above its limit and an interval above chance, so that a small file is not blamed for noise.
    """
    return tuple(_finding(baseline, _ADVICE[baseline.name]) for baseline in baselines if baseline.name in _ADVICE)


def _finding(baseline: TrivialBaseline, advice: _Advice) -> AuditFinding:
    ends = interval(baseline.auc_low, baseline.auc_high)
    observed = baseline.reason
    if baseline.auc_roc is not None:
        observed = f"AUC {baseline.auc_roc:.3f} {ends} on eval, fitted on train".replace("  ", " ")
    return AuditFinding(
        name=GUESSED + baseline.name.replace("_", " "),
        status=_status(baseline),
        observed=observed,
        limit=f"note above AUC {NOTE_ABOVE:.2f}; warn above AUC {WARN_ABOVE:.2f}; both with an interval above 0.5",
        n=baseline.n,
        why=advice.why,
        action=advice.action,
    )


def _status(baseline: TrivialBaseline) -> FindingStatus:
    if baseline.auc_roc is None or baseline.auc_low is None or baseline.auc_low <= _CHANCE:
        return FindingStatus.OK
    if baseline.auc_roc > WARN_ABOVE:
        return FindingStatus.WARN
    return FindingStatus.NOTE if baseline.auc_roc > NOTE_ABOVE else FindingStatus.OK

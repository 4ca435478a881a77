"""The statement that opens a comparison, and the words for an AUC and for a difference with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.formatting import display_name, number, signed
from ..data_loader import quote
from ..models import VerdictStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation, GroupMetrics, ModelSummary, PairedDifference

SMALLEST_NAMED_CATEGORY = 10


def statement(models: Sequence[ModelSummary], status: VerdictStatus) -> str:
    """What the best of the trained models changed, where, and on how many pairs.

    The best is the one with the highest AUC on eval. The sentences name the change of the margin and of the AUC with
    their intervals, the best and the hardest category, and the AUC on the challenge set.

    Args:
        models: The base model first, then the trained models. Unless the status is INVALID, a trained model has an AUC.
        status: Of the verdict. An invalid comparison states no number.
    """
    if status is VerdictStatus.INVALID:
        return "The numbers of this comparison must not be used; the findings below say why."
    base, trained = models[0].evaluation, [model for model in models[1:] if model.evaluation.auc_roc is not None]
    best = max(trained, key=lambda model: model.evaluation.auc_roc or 0.0)
    evaluation = best.evaluation
    name = display_name(evaluation.model)
    margin = next(d for d in best.differences if d.metric == "compatibility_margin")
    auc = next(d for d in best.differences if d.metric == "auc_roc")
    first, second = _verb(margin), _verb(auc)
    sentences = [
        (
            f"Fine-tuning ({name}) {first} the margin from {signed(base.compatibility_margin)} to "
            f"{signed(evaluation.compatibility_margin)} ({difference_text(margin)}) and "
            f"{'' if second == first else second + ' '}the AUC-ROC from "
            f"{number(base.auc_roc)} to {number(evaluation.auc_roc)} ({difference_text(auc)}) on "
            f"{evaluation.eval_data.n} eval pairs."
        ),
        _category_sentence(evaluation),
        _challenge_sentence(base, evaluation),
    ]
    return " ".join(filter(None, sentences))


def _verb(difference: PairedDifference) -> str:
    return "moved" if difference.outcome in {"better", "worse"} else "did not measurably move"


def _category_sentence(evaluation: Evaluation) -> str:
    """The best and the hardest category of those whose AUC has an interval; empty if their AUC is the same."""
    scored = [g for g in evaluation.by_category if g.auc_low is not None and g.n >= SMALLEST_NAMED_CATEGORY]
    scored.sort(key=lambda group: (-(group.auc_roc or 0.0), group.name))
    if not scored or number(scored[0].auc_roc) == number(scored[-1].auc_roc):
        return ""
    easy, hard = scored[0], scored[-1]
    as_good = sum(number(group.auc_roc) == number(easy.auc_roc) for group in scored)
    best = f"Its best category is {quote(easy.name)} (AUC {number(easy.auc_roc)}, N {easy.n})"
    if as_good > 1:
        best = f"Its best {as_good} categories have an AUC of {number(easy.auc_roc)}"
    return f"{best}, its hardest is {quote(hard.name)} (AUC {number(hard.auc_roc)}, N {hard.n})."


def _challenge_sentence(base: Evaluation, evaluation: Evaluation) -> str:
    group, before = evaluation.challenge, base.challenge
    if group is None:
        return "There was no challenge set: nothing is known about naturally phrased pairs."
    if group.auc_roc is None:
        return f"On {group.n} naturally phrased pairs the AUC is not defined: {group.reason}."
    start = "" if before is None else f"; the base model has {number(before.auc_roc)}"
    return f"On {group.n} naturally phrased pairs it reaches {auc_text(group)}{start}."


def auc_text(group: GroupMetrics) -> str:
    """AUC of a group with its interval, or with the reason why it has none."""
    if group.auc_low is None or group.auc_high is None:
        return f"AUC {number(group.auc_roc)} (no interval: {group.reason})"
    return f"AUC {number(group.auc_roc)} (95 % CI {group.auc_low:.3f} to {group.auc_high:.3f})"


def difference_text(difference: PairedDifference) -> str:
    """A paired difference with its interval."""
    if difference.value is None or difference.low is None or difference.high is None:
        return "difference not estimable"
    return f"difference {difference.value:+.3f}, 95 % CI {difference.low:+.3f} to {difference.high:+.3f}"

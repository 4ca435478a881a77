"""The targets set before the first training, compared with what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..models import TargetResult
from ..wording import reasons
from ..wording import targets as wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Estimate, Evaluation

TARGETS = {
    "compatibility_margin": 0.20,
    "cohens_d": 0.8,
    "spearman_correlation": 0.86,
    "auc_roc": 0.80,
    "cluster_purity": 0.70,
}


def judge_targets(baseline: Evaluation, evaluations: Sequence[Evaluation]) -> tuple[TargetResult, ...]:
    """Each target for each trained model.

    A target is met if the whole 95 % interval lies at or above it, and not met if the whole interval lies below it. It
    is not decidable if the interval holds it, or if there is no interval: a number alone decides nothing.

    Args:
        baseline: What the note of a target without an interval compares with.
        evaluations: The trained models.
    """
    return tuple(
        _judge(baseline, evaluation, metric, target) for evaluation in evaluations for metric, target in TARGETS.items()
    )


def _judge(baseline: Evaluation, evaluation: Evaluation, metric: str, target: float) -> TargetResult:
    estimate = evaluation.estimate(metric)
    why_not = _why_not(estimate)
    return TargetResult(
        model=evaluation.model,
        metric=metric,
        target=target,
        observed=getattr(evaluation, metric),
        low=estimate.low,
        high=estimate.high,
        outcome="not decidable" if why_not else _outcome(estimate, target),
        note=reasons.joined(_note(baseline, evaluation, metric, target), why_not),
    )


def _why_not(estimate: Estimate) -> str:
    """Why a number cannot decide a target; empty when it can."""
    if estimate.value is None:
        return estimate.reason or reasons.UNDEFINED
    if estimate.low is None or estimate.high is None:
        return estimate.reason or reasons.NO_INTERVAL
    return estimate.reason or (reasons.NO_WIDTH if estimate.low == estimate.high else "")


def _outcome(estimate: Estimate, target: float) -> Literal["met", "not met", "not decidable"]:
    if estimate.low is not None and estimate.low >= target:
        return "met"
    return "not met" if estimate.high is not None and estimate.high < target else "not decidable"


def _note(baseline: Evaluation, evaluation: Evaluation, metric: str, target: float) -> str:
    if metric == "spearman_correlation" and evaluation.spearman_ceiling:
        ceiling = evaluation.spearman_ceiling
        if target >= ceiling:
            return wording.out_of_reach(ceiling)
        # with 0/1 labels and no ties, Spearman is the ceiling times 2 AUC - 1
        return wording.below_ceiling(ceiling, _auc(target, ceiling))
    if metric == "cluster_purity":
        return wording.purity(baseline.cluster_purity, evaluation.clusters.shuffled_purity)
    return ""


def _auc(spearman: float, ceiling: float) -> float:
    return (spearman / ceiling + 1) / 2

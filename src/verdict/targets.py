"""The targets that were set before the first training, held against what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..core.formatting import number
from ..models import Estimate, HypothesisResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation

TARGETS = {
    "compatibility_margin": 0.20,
    "cohens_d": 0.8,
    "spearman_correlation": 0.86,
    "auc_roc": 0.80,
    "cluster_purity": 0.70,
}


def judge_hypotheses(baseline: Evaluation, evaluations: Sequence[Evaluation]) -> tuple[HypothesisResult, ...]:
    """Each target for each trained model.

    A target counts as met (not met) when the whole 95 % interval lies on its side. It is not decidable when the
    interval holds it, and without an interval that can be trusted: a number alone decides nothing.

    Args:
        baseline: What the note of a target without an interval compares with.
        evaluations: The trained models.
    """
    return tuple(
        _judge(baseline, evaluation, metric, target) for evaluation in evaluations for metric, target in TARGETS.items()
    )


def _judge(baseline: Evaluation, evaluation: Evaluation, metric: str, target: float) -> HypothesisResult:
    observed = getattr(evaluation, metric)
    unknown = Estimate(name=metric, value=observed)
    estimate = next((e for e in evaluation.estimates if e.name == metric), unknown)
    why_not = _why_not(estimate)
    notes = (_note(baseline, evaluation, metric, target), why_not)
    return HypothesisResult(
        model=evaluation.model,
        metric=metric,
        target=target,
        observed=observed,
        low=estimate.low,
        high=estimate.high,
        outcome="not decidable" if why_not else _outcome(estimate, target),
        note="; ".join(filter(None, notes)),
    )


def _why_not(estimate: Estimate) -> str:
    """Why a number cannot decide a target; empty when it can."""
    if estimate.value is None:
        return estimate.reason or "not defined on this data"
    if estimate.low is None or estimate.high is None:
        return estimate.reason or "no interval"
    return estimate.reason or ("the interval has no width" if estimate.low == estimate.high else "")


def _outcome(estimate: Estimate, target: float) -> Literal["met", "not met", "not decidable"]:
    if estimate.low is not None and estimate.low >= target:
        return "met"
    return "not met" if estimate.high is not None and estimate.high < target else "not decidable"


def _note(baseline: Evaluation, evaluation: Evaluation, metric: str, target: float) -> str:
    if metric == "spearman_correlation" and evaluation.spearman_ceiling:
        ceiling = evaluation.spearman_ceiling
        if target >= ceiling:
            return f"out of reach: 0/1 labels like these cap Spearman at {ceiling:.3f}"
        # with 0/1 labels and no ties, Spearman is the ceiling times 2 AUC - 1
        return (
            f"the ceiling with these labels is {ceiling:.3f}; the target asks for an AUC of {_auc(target, ceiling):.3f}"
        )
    if metric == "cluster_purity":
        shuffled = evaluation.clusters.shuffled_purity
        return f"the baseline has {number(baseline.cluster_purity)}, shuffled labels give {number(shuffled)}"
    return ""


def _auc(spearman: float, ceiling: float) -> float:
    return (spearman / ceiling + 1) / 2

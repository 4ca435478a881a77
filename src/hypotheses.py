"""The targets that were set before the first training, held against what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from src.models import HypothesisResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from src.models import Estimate, Evaluation

TARGETS = {
    "compatibility_margin": 0.20,
    "cohens_d": 0.8,
    "spearman_correlation": 0.86,
    "auc_roc": 0.80,
    "cluster_purity": 0.70,
}


def judge_hypotheses(evaluations: Sequence[Evaluation]) -> tuple[HypothesisResult, ...]:
    """Each target for each trained model.

    A target counts as met (not met) when the whole 95 % interval lies on its side, and as not decidable when the
    interval holds it; a number without an interval is compared as it is.
    """
    return tuple(_judge(evaluation, metric, target) for evaluation in evaluations for metric, target in TARGETS.items())


def _judge(evaluation: Evaluation, metric: str, target: float) -> HypothesisResult:
    estimate = next((e for e in evaluation.estimates if e.name == metric), None)
    observed = getattr(evaluation, metric)
    return HypothesisResult(
        model=evaluation.model,
        metric=metric,
        target=target,
        observed=observed,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        outcome=_outcome(observed, estimate, target),
        note=_note(evaluation, metric, target),
    )


def _outcome(
    observed: float | None, estimate: Estimate | None, target: float
) -> Literal["met", "not met", "not decidable"]:
    if observed is None:
        return "not decidable"
    low = observed if estimate is None or estimate.low is None else estimate.low
    high = observed if estimate is None or estimate.high is None else estimate.high
    if low >= target:
        return "met"
    return "not met" if high < target else "not decidable"


def _note(evaluation: Evaluation, metric: str, target: float) -> str:
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
        return "" if shuffled is None else f"shuffled labels give {shuffled:.3f}; no interval"
    return ""


def _auc(spearman: float, ceiling: float) -> float:
    return (spearman / ceiling + 1) / 2

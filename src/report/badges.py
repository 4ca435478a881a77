"""Badges: one word and one sentence for each condition that the numbers of a report depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..audit.finding_codes import FindingCode
from ..audit.shallow_baselines import best_of
from ..core.formatting import count, interval, number, plain_name, small_number
from ..core.paths import CHALLENGE
from ..models import ALL, DEDUPLICATED, TEXT_DISJOINT, FindingStatus
from ..tables.selection import group_of, model_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import ComparisonResult, Evaluation, VerdictFinding

BadgeStatus = Literal["OK", "NOTE", "WARN", "INVALID"]
_BAD = (FindingStatus.WARN, FindingStatus.BLOCKER)


@dataclass(frozen=True)
class Badge:
    """One badge; NOTE means that the condition could not be checked."""

    name: str
    status: BadgeStatus
    text: str


def comparison_badges(result: ComparisonResult) -> tuple[Badge, ...]:
    """The six badges of a comparison, from its verdict, its audit and its evaluations."""
    evaluations = [model.evaluation for model in result.models]
    return (
        _weights(result, evaluations[1:]),
        _same_data(result, evaluations),
        _leakage(result, evaluations[0]),
        _shallow_baseline(result, evaluations[1:]),
        threshold_badge(evaluations),
        _challenge(result, evaluations[1:]),
    )


def baseline_badges(evaluation: Evaluation) -> tuple[Badge, ...]:
    """The badges that a model by itself can have."""
    group = group_of(evaluation, "slices", CHALLENGE)
    text = "there is none, so nothing is known of natural phrasing"
    if group is not None:
        limits = interval(group.auc_low, group.auc_high)
        text = f"AUC {number(group.auc_roc)} {limits} on {count(group.n)} naturally phrased pairs".replace("  ", " ")
    return threshold_badge([evaluation]), Badge("Challenge set", "NOTE", text)


def threshold_badge(evaluations: Sequence[Evaluation]) -> Badge:
    """Whether the operating thresholds were fitted on train."""
    name = "Threshold from train"
    without = [model_label(one) for one in evaluations if one.operating_point is None]
    if without:
        return Badge(name, "WARN", f"{', '.join(without)}: none could be fitted, train has one label only")
    return Badge(name, "OK", "fitted on the training pairs, applied to the eval pairs")


def _found(result: ComparisonResult, *codes: FindingCode) -> list[VerdictFinding]:
    return [finding for finding in result.verdict.findings if finding.code in codes]


def _weights(result: ComparisonResult, trained: Sequence[Evaluation]) -> Badge:
    name, unchanged = "Weights changed", _found(result, FindingCode.WEIGHTS_UNCHANGED)
    if unchanged:
        return Badge(name, "INVALID", f"not in {len(unchanged)} of {len(trained)} trained models")
    if not trained or any(one.change is None for one in trained):
        return Badge(name, "NOTE", "not known: no embeddings of the base model to compare with")
    least = min(one.change.max_abs_difference for one in trained if one.change is not None)
    return Badge(name, "OK", f"in every trained model; a coordinate moved by {small_number(least)} or more")


def _same_data(result: ComparisonResult, evaluations: Sequence[Evaluation]) -> Badge:
    name, different = "Same data", _found(result, FindingCode.DIFFERENT_DATA)
    if different:
        return Badge(name, "INVALID", "; ".join(finding.text for finding in different))
    return Badge(name, "OK", f"all {len(evaluations)} models have the same train, eval and challenge files")


def _leakage(result: ComparisonResult, evaluation: Evaluation) -> Badge:
    bad = [finding for finding in result.audit if finding.about_split and finding.status in _BAD]
    groups = [group_of(evaluation, "slices", name) for name in (ALL, DEDUPLICATED, TEXT_DISJOINT)]
    everything, deduplicated, disjoint = (None if group is None else group.n for group in groups)
    if everything is None or deduplicated is None or disjoint is None:
        return Badge("Leakage", "NOTE", "not known: there are no slices")
    text = (
        f"{count(everything - deduplicated)} of {count(everything)} eval pairs are copies of train pairs, "
        f"{count(everything - disjoint)} share a text with train"
    )
    if bad:
        text += f"; the audit warns of {', '.join(finding.name for finding in bad)}"
    return Badge("Leakage", "WARN" if bad else "OK", text)


def _shallow_baseline(result: ComparisonResult, trained: Sequence[Evaluation]) -> Badge:
    name = "Shallow baseline beaten"
    best = best_of(result.trivial_baselines)
    if best is None or not trained:
        return Badge(name, "NOTE", "not known: none has an AUC" if trained else "not known: nothing was trained")
    what = f"{plain_name(best.name)} (AUC {number(best.auc_roc)})"
    losers = len(_found(result, FindingCode.SHALLOW_BASELINE_NOT_BEATEN, FindingCode.SHALLOW_BASELINE_NOT_COMPARABLE))
    if losers:
        return Badge(name, "WARN", f"{losers} of {len(trained)} trained models do not beat {what}")
    return Badge(name, "OK", f"every trained model beats {what}")


def _challenge(result: ComparisonResult, trained: Sequence[Evaluation]) -> Badge:
    name = "Challenge set"
    groups = [group for one in trained if (group := group_of(one, "slices", CHALLENGE)) is not None]
    if not groups:
        return Badge(name, "NOTE", "there is none, so nothing is known of natural phrasing")
    pairs = f"{count(groups[0].n)} naturally phrased pairs"
    worse = len(_found(result, FindingCode.CHALLENGE_BELOW_CHANCE))
    not_above = worse + len(_found(result, FindingCode.CHALLENGE_NOT_ABOVE_CHANCE))
    if not_above:
        text = f"{not_above} of {len(trained)} trained models are not shown to be better than chance on {pairs}"
        return Badge(name, "WARN", f"{text}, {worse} of them worse than chance" if worse else text)
    if any(group.auc_low is None for group in groups):
        return Badge(name, "NOTE", f"not decidable on {pairs}")
    return Badge(name, "OK", f"every trained model is better than chance on {pairs}")

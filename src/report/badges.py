"""Badges: one word and one sentence for each condition that the numbers of a report depend on."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from ..core.formatting import count, interval, number, small_number
from ..core.paths import CHALLENGE
from ..models import ALL, DEDUPLICATED, TEXT_DISJOINT, FindingStatus, FittedOn
from ..tables.scores import group_cell
from ..tables.selection import group_of, model_label
from ..verdict.evidence import different_splits, is_unchanged
from ..wording import decision as wording
from ..wording.judged import OTHER_WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..models import ComparisonResult, DecisionTest, Evaluation

BadgeStatus = Literal["PASS", "FAIL", "OPEN", "NOTE"]
_STATUS: Mapping[str, BadgeStatus] = MappingProxyType({"pass": "PASS", "fail": "FAIL", "open": "OPEN"})
_BAD = (FindingStatus.WARN, FindingStatus.BLOCKER)


@dataclass(frozen=True)
class Badge:
    """One badge; NOTE means that it decides nothing, or that the condition could not be checked."""

    name: str
    status: BadgeStatus
    text: str


def comparison_badges(result: ComparisonResult) -> tuple[Badge, ...]:
    """The tests of the decision, and the conditions that the numbers of the candidate depend on."""
    decision = result.verdict.decision
    evaluation = next(model.evaluation for model in result.models if model.name == decision.candidate)
    return (
        *map(_test, decision.tests),
        _weights(evaluation),
        _same_data(evaluation, result.models[0].evaluation),
        _leakage(result, evaluation),
        threshold_badge([evaluation]),
    )


def baseline_badges(evaluation: Evaluation) -> tuple[Badge, ...]:
    """The badges that a model by itself can have."""
    group = group_of(evaluation, "slices", CHALLENGE)
    words = evaluation.eval_data.words
    text = f"there is none, so nothing is known of {words.challenge}"
    if group is not None and evaluation.eval_data.scale is not None:
        found = " ".join(group_cell(group, "spearman_correlation").parts)
        text = f"Spearman {found} on {count(group.n)} {words.challenge}"
    elif group is not None:
        limits = interval(group.auc_low, group.auc_high)
        text = f"AUC {number(group.auc_roc)} {limits} on {count(group.n)} {words.challenge}".replace("  ", " ")
    return threshold_badge([evaluation]), Badge("Challenge set", "NOTE", text)


def threshold_badge(evaluations: Sequence[Evaluation]) -> Badge:
    """Whether the operating thresholds were fitted on other pairs than those that are measured on."""
    on_train = all(one.threshold_fitted_on is FittedOn.TRAIN for one in evaluations)
    name, pairs = ("Threshold from train", "training") if on_train else ("Threshold from validation", "validation")
    if not evaluations[0].eval_data.has_labels:
        return Badge(name, "NOTE", "grades without --positive-at have no threshold")
    without = [model_label(one) for one in evaluations if one.operating_point is None]
    if without:
        return Badge(name, "NOTE", f"{', '.join(without)}: none could be fitted, train has one label only")
    return Badge(name, "PASS", f"fitted on the {pairs} pairs, applied to the eval pairs")


def _test(test: DecisionTest) -> Badge:
    name = wording.name_of_test(test)
    status = _STATUS[test.state] if test.decides else "NOTE"
    return Badge(name[:1].upper() + name[1:], status, f"{wording.result_of(test)} ({count(test.n)} pairs)")


def _weights(evaluation: Evaluation) -> Badge:
    name = "Weights changed"
    if evaluation.change is None:
        why = OTHER_WIDTH if evaluation.judged else "no embeddings of the base model to compare with"
        return Badge(name, "NOTE", f"not known: {why}")
    if is_unchanged(evaluation):
        return Badge(name, "FAIL", "the embeddings equal the base model's")
    return Badge(
        name, "PASS", f"a value of the embeddings changed by up to {small_number(evaluation.change.max_abs_difference)}"
    )


def _same_data(evaluation: Evaluation, base: Evaluation) -> Badge:
    name, splits = "Same data", different_splits(evaluation, base)
    if splits:
        return Badge(name, "FAIL", f"evaluated with other files than the base model: {', '.join(splits)}")
    return Badge(name, "PASS", "evaluated with the same files as the base model")


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
    return Badge("Leakage", "NOTE" if bad else "PASS", text)

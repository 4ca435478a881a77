"""Which models and groups of a result tables and charts show, and under which names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..core import formatting as formats
from ..core.formatting import display_name
from ..core.paths import BASELINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import ComparisonResult, Evaluation, GroupMetrics, JudgedModel, ModelSummary, TrainingInfo

GroupField = Literal["by_category", "by_pair_type", "slices", "challenge_groups"]

MAX_GROUPS = 40
_LONGEST_NAME = 40  # the longest name that a training may have


# --- models ---------------------------------------------------------------------------------------------


def model_name(model: str) -> str:
    """A model's name in a table; it is long enough to tell any two models apart."""
    return formats.short_name(display_name(model), _LONGEST_NAME)


def model_label(evaluation: Evaluation) -> str:
    """A model's name on an axis or in a legend, where room is short."""
    return formats.short_name(display_name(evaluation.model))


def population(evaluation: Evaluation) -> str:
    """How many pairs a chart is about."""
    data = evaluation.eval_data
    if not data.has_labels:
        return f"N = {formats.count(data.n)} graded pairs"
    return (
        f"N = {formats.count(data.n)} pairs: {formats.count(data.n_compatible)} {data.words.positive}, "
        f"{formats.count(data.n - data.n_compatible)} {data.words.negative}"
    )


def trainings(result: ComparisonResult) -> list[tuple[int, ModelSummary, TrainingInfo]]:
    """The trained models, each with its position among all models, which sets its colour."""
    return [(i, model, model.training) for i, model in enumerate(result.models) if model.training is not None]


def judged_models(result: ComparisonResult) -> list[JudgedModel]:
    """The models that were trained elsewhere."""
    return [model.evaluation.judged for model in result.models if model.evaluation.judged is not None]


def judged_names(result: ComparisonResult) -> frozenset[str]:
    """Artifact names of the models that were trained elsewhere."""
    return frozenset(judged.name for judged in judged_models(result))


def reference_of(models: Sequence[ModelSummary]) -> str:
    """Artifact name of what the others are compared with."""
    return next((found.against for model in models for found in model.differences), BASELINE)


def reference_label(models: Sequence[ModelSummary], article: str = "") -> str:
    """What the others are compared with, within a sentence; `article` stands before `base model` alone."""
    reference = reference_of(models)
    return f"{article}base model" if reference == BASELINE else model_name(reference)


def target_of(result: ComparisonResult, metric: str) -> float | None:
    """The target of a metric, if all models have the same one."""
    targets = {hypothesis.target for hypothesis in result.hypotheses if hypothesis.metric == metric}
    return targets.pop() if len(targets) == 1 else None


# --- groups ---------------------------------------------------------------------------------------------


def group_names(evaluations: Sequence[Evaluation], field: GroupField) -> list[str]:
    """Names of the groups that any model has, in the order of first appearance; at most the 40 largest."""
    groups = {group.name: group for evaluation in reversed(evaluations) for group in getattr(evaluation, field)}
    first = list(dict.fromkeys(group.name for evaluation in evaluations for group in getattr(evaluation, field)))
    return [group.name for group in largest([groups[name] for name in first])]


def group_of(evaluation: Evaluation, field: GroupField, name: str) -> GroupMetrics | None:
    """One group of one model; None if the model was not evaluated on it."""
    groups: tuple[GroupMetrics, ...] = getattr(evaluation, field)
    return next((group for group in groups if group.name == name), None)


def largest(groups: Sequence[GroupMetrics]) -> list[GroupMetrics]:
    """The 40 largest groups in their original order. No chart and no table has room for more."""
    smallest = sorted((group.n for group in groups), reverse=True)[:MAX_GROUPS]
    room = {n: smallest.count(n) for n in smallest}
    kept = []
    for group in groups:
        if room.get(group.n, 0):
            room[group.n] -= 1
            kept.append(group)
    return kept


def largest_note(groups: Sequence[GroupMetrics]) -> str:
    """How many groups are shown, if it is not all of them."""
    return f"The {MAX_GROUPS} largest of {formats.count(len(groups))}." if len(groups) > MAX_GROUPS else ""


def group_label(group: GroupMetrics, limit: int = formats.NAME_CHARACTERS, apart: str = " ") -> str:
    """A group's name and size on an axis."""
    return f"{formats.short_name(group.name, limit)}{apart}(n={formats.count(group.n)})"


def n_incompatible(group: GroupMetrics) -> int:
    """How many pairs of a group can be false positives."""
    return group.n - group.n_compatible

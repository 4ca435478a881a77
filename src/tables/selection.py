"""What tables and charts show of a result: names, groups, notes on what was chosen where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..core import formatting as formats
from ..core.formatting import display_name
from ..core.paths import TUNED_LORA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..models import ComparisonResult, Evaluation, GroupMetrics, ModelSummary, PairedDifference, TrainingInfo


_STEP_NOTE = (
    "The kept step of each training is the one with the best Spearman on these eval pairs, so the scores on them are "
    "optimistic."
)


_RATE_NOTE = (
    "The learning rate of lora-tuned was chosen once, on the eval pairs of a template-made data set "
    "(docs/adr-001-lora-vs-standard.md)."
)


_CHALLENGE_NOTE = "No step, threshold or learning rate was chosen on the challenge set."


def selection_note(evaluations: Iterable[Evaluation]) -> str:
    """What was chosen on which pairs, so that the reader knows which scores are optimistic."""
    tuned = any(evaluation.model == TUNED_LORA for evaluation in evaluations)
    return " ".join([_STEP_NOTE, *([_RATE_NOTE] if tuned else []), _CHALLENGE_NOTE])


def differences(result: ComparisonResult) -> list[PairedDifference]:
    """Each trained model against the base model in every metric, then against the best that needs no model."""
    held = [(*model.differences, model.against_trivial) for model in result.models]
    return [difference for model in held for difference in model if difference is not None]


GroupField = Literal["by_category", "by_pair_type", "slices", "challenge_groups"]


MAX_GROUPS = 40


def model_label(evaluation: Evaluation) -> str:
    """A model's name on an axis or in a legend."""
    return formats.short_name(display_name(evaluation.model))


def population(evaluation: Evaluation) -> str:
    """How many pairs a chart is about."""
    data = evaluation.eval_data
    return (
        f"N = {formats.count(data.n)} pairs: {formats.count(data.n_compatible)} compatible, "
        f"{formats.count(data.n - data.n_compatible)} incompatible"
    )


def largest(groups: Sequence[GroupMetrics]) -> list[GroupMetrics]:
    """The 40 largest groups, in the order they come; more of them no chart and no table can show."""
    smallest = sorted((group.n for group in groups), reverse=True)[:MAX_GROUPS]
    room = {n: smallest.count(n) for n in smallest}
    kept = []
    for group in groups:
        if room.get(group.n, 0):
            room[group.n] -= 1
            kept.append(group)
    return kept


def largest_note(groups: Sequence[GroupMetrics]) -> str:
    """How many groups are shown, where it is not all of them."""
    return f"The {MAX_GROUPS} largest of {formats.count(len(groups))}." if len(groups) > MAX_GROUPS else ""


def group_names(evaluations: Sequence[Evaluation], field: GroupField) -> list[str]:
    """Names of the groups that any of the models has, in the order they come, the largest of many."""
    groups = {group.name: group for evaluation in reversed(evaluations) for group in getattr(evaluation, field)}
    first = list(dict.fromkeys(group.name for evaluation in evaluations for group in getattr(evaluation, field)))
    return [group.name for group in largest([groups[name] for name in first])]


def group_of(evaluation: Evaluation, field: GroupField, name: str) -> GroupMetrics | None:
    """One group of one model; None where the model was not evaluated on it."""
    groups: tuple[GroupMetrics, ...] = getattr(evaluation, field)
    return next((group for group in groups if group.name == name), None)


def group_label(group: GroupMetrics, limit: int = formats.NAME_CHARACTERS, apart: str = " ") -> str:
    """A group's name and size on an axis."""
    return f"{formats.short_name(group.name, limit)}{apart}(n={formats.count(group.n)})"


def n_incompatible(group: GroupMetrics) -> int:
    """How many pairs of a group can be false positives."""
    return group.n - group.n_compatible


def trainings(result: ComparisonResult) -> list[tuple[int, ModelSummary, TrainingInfo]]:
    """The trained models, each with its position among the models, which gives it its colour."""
    return [(i, model, model.training) for i, model in enumerate(result.models) if model.training is not None]


def target_of(result: ComparisonResult, metric: str) -> float | None:
    """The target that was set for a metric before the first training, if all models share one."""
    targets = {hypothesis.target for hypothesis in result.hypotheses if hypothesis.metric == metric}
    return targets.pop() if len(targets) == 1 else None

"""The scores of each model with their intervals, and the paired differences to the base model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..core.paths import BASELINE, CHALLENGE
from ..evaluation.metric_registry import headlines, metric_label
from ..wording.intervals import IN_BRACKETS
from .clustered import differences_note, scores_note
from .notes import interval_note, selection_note
from .seeds import ONE_SEED, spread_note, with_spread
from .selection import group_of, model_name, reference_label
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation, GroupMetrics, ModelSummary, PairedDifference, SeedsResult

_PURITY = "cluster_purity"
_ETA = "eta_squared"
NO_THRESHOLD = (
    "Thresholds, F1, false positives, average precision and ROC curves need two labels: --positive-at says from which "
    "grade on a pair is positive."
)
_RANGE = "its lowest and highest value over 10 seeds of the map (up to 500 points), "
_PURITY_NOTE = (
    "Beside the cluster purity stand {over}its mean under shuffled labels, and the share of the points that are noise "
    "(in no cluster)."
)


def score_table(
    evaluations: Sequence[Evaluation], models: Sequence[ModelSummary] = (), seeds: SeedsResult = ONE_SEED
) -> Table:
    """Models x metrics, the AUC on the challenge set last, or Spearman where labels are grades.

    Args:
        evaluations: At least one, all of the same eval pairs.
        models: The same models in a comparison, where there is one.
        seeds: What several seeds of them say.
    """
    estimated = (found.name for one in evaluations for found in one.estimates)
    data = evaluations[0].eval_data
    names = headlines(graded=data.scale is not None, labelled=data.has_labels)
    metrics = list(dict.fromkeys([*names, *estimated]))
    rows: list[Sequence[Cell | str]] = [
        [
            model_name(one.model),
            *(with_spread(_score(one, metric), seeds, one.model, metric) for metric in metrics),
            with_spread(challenge_ranking(one), seeds, one.model),
        ]
        for one in evaluations
    ]
    columns = ("Model", *map(metric_label, metrics), f"{metric_label(evaluations[0].ranking.name)}, challenge set")
    return table(
        f"Scores on {formats.count(data.n)} eval pairs",
        columns,
        rows,
        _note(evaluations, models, seeds),
    )


def _note(evaluations: Sequence[Evaluation], models: Sequence[ModelSummary], seeds: SeedsResult) -> str:
    chosen = "" if [one.model for one in evaluations] == [BASELINE] else selection_note(evaluations)
    purity = _PURITY_NOTE.format(over=_RANGE if any(map(purity_span, evaluations)) else "")
    of_labels = purity if evaluations[0].eval_data.has_labels else NO_THRESHOLD
    return " ".join(
        filter(None, [interval_note(evaluations), scores_note(models), spread_note(seeds), of_labels, chosen])
    )


def names_note(evaluations: Sequence[Evaluation]) -> str:
    """What the files call the metrics of the score table."""
    data = evaluations[0].eval_data
    metrics = headlines(graded=data.scale is not None, labelled=data.has_labels)
    told = ", ".join(f"{metric_label(metric)} is {metric}" for metric in metrics)
    return f"In the files: {told}."


def _score(evaluation: Evaluation, metric: str) -> Cell:
    score = score_cell(evaluation, metric)
    if metric not in (_PURITY, _ETA):
        return score
    clusters = evaluation.clusters
    shuffled = _shuffled(evaluation, clusters.shuffled_purity if metric == _PURITY else clusters.shuffled_eta_squared)
    return replace(
        score,
        note=f"{score.note} {shuffled}".strip(),
        title=score.title or evaluation.clusters.reason,
        kind=f"{score.kind} wrapped".strip(),
    )


def _shuffled(evaluation: Evaluation, shuffled: float | None) -> str:
    spread = purity_span(evaluation)
    over = f"{spread}, " if spread else ""
    return f"({over}shuffled {formats.number(shuffled)}, noise {formats.percent(evaluation.noise_ratio)})"


def purity_span(evaluation: Evaluation) -> str:
    """Lowest and highest purity over the seeds of the map; empty where there is one map only."""
    found = evaluation.clusters.over_seeds
    if found is None or found.low is None:
        return ""
    return f"{formats.number(found.low)}-{formats.number(found.high)}"


def score_cell(evaluation: Evaluation, metric: str) -> Cell:
    """A metric of a model."""
    found = evaluation.estimate(metric)
    return estimate_cell(found.value, found.low, found.high, found.reason)


def estimate_cell(value: float | None, low: float | None, high: float | None, reason: str) -> Cell:
    """A number with its interval; without an interval, with the reason."""
    interval = formats.interval(low, high)
    if interval or not reason:
        return cell(formats.number(value), reason, interval)
    found = cell(formats.number(value), reason, f"({reason})")
    return replace(found, kind=f"{found.kind} wrapped".strip())


def challenge_ranking(evaluation: Evaluation, metric: str = "spearman_correlation") -> Cell:
    """A model's AUC on the challenge set; where labels are grades, this metric."""
    group = group_of(evaluation, "slices", CHALLENGE)
    if group is None:
        return cell(formats.NOT_AVAILABLE, "there is no challenge set")
    if evaluation.eval_data.scale is not None:
        return group_cell(group, metric)
    note = f"{formats.interval(group.auc_low, group.auc_high)} n={formats.count(group.n)}".lstrip()
    return cell(formats.number(group.auc_roc), group.reason, note)


def group_cell(group: GroupMetrics, metric: str) -> Cell:
    """A metric of a part of the graded pairs."""
    found = next((one for one in group.estimates if one.name == metric), None)
    if found is None:
        return cell(formats.NOT_AVAILABLE, group.reason)
    return cell(formats.number(found.value), found.reason, formats.interval(found.low, found.high))


def difference_table(models: Sequence[ModelSummary], seeds: SeedsResult = ONE_SEED) -> Table:
    """Metrics x models: how much each model differs from the base model, or from the reference in its place.

    Args:
        models: Of a comparison.
        seeds: What several seeds of them say.
    """
    trained = [model for model in models if model.differences]
    metrics = dict.fromkeys(found.metric for model in trained for found in model.differences)
    rows: list[Sequence[Cell | str]] = [
        [
            metric_label(metric),
            *(with_spread(_difference(one, metric), seeds, one.name, metric, changed=True) for one in trained),
        ]
        for metric in metrics
    ]
    columns = ("Metric", *(model_name(model.evaluation.model) for model in trained))
    notes = (f"Model minus {reference_label(models)}.", IN_BRACKETS, differences_note(models), spread_note(seeds))
    told = " ".join(filter(None, notes))
    note = told if rows else "There is no trained model."
    caption = f"Differences to {reference_label(models, 'the ')}, paired on the same pairs"
    return table(caption, columns, rows, note)


def _difference(model: ModelSummary, metric: str) -> Cell:
    found = next((difference for difference in model.differences if difference.metric == metric), None)
    return difference_cell(found) if found else cell(formats.NOT_AVAILABLE, "not compared")


def difference_cell(found: PairedDifference) -> Cell:
    """A paired difference with its interval, and in words whether it is one."""
    note = f"{formats.signed_interval(found.low, found.high)} {found.outcome}".lstrip()
    return Cell(formats.signed(found.value), note=note, kind=f"{found.outcome.replace(' ', '-')} wrapped")

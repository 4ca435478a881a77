"""The table behind each chart, for readers without a screen, a mouse or JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core import formatting as formats
from ..tables.selection import model_label, trainings
from ..tables.table import Table, cell, table
from . import chart as chart_data
from .palette import LABEL_STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import ComparisonResult, Evaluation
    from .chart import MapGroup, MapPoints

ROC_ROWS = 21


def distribution_table(evaluations: Sequence[Evaluation]) -> Table:
    """Counts of each bin that holds a pair."""
    shown = [chart_data.distribution(evaluation) for evaluation in evaluations]
    low, high = chart_data.common_span(shown)
    edges = shown[0].edges
    used = [i for i, edge in enumerate(edges[:-1]) if low <= edge < high]
    rows = [
        [
            f"{edges[i]:.2f} to {edges[i + 1]:.2f}",
            *(formats.count(one.counts[label][i]) for one in shown for label in LABEL_STYLES),
        ]
        for i in used
    ]
    columns = [f"{one.title}, {style.name}" for one in shown for style in LABEL_STYLES.values()]
    return table("Pairs in each bin of cosine", ("Cosine", *columns), rows)


def roc_table(evaluations: Sequence[Evaluation]) -> Table:
    """Some points of each ROC curve, evenly spaced along it, with the band there."""
    rows = [row for evaluation in evaluations for row in _roc_rows(evaluation)]
    methods = dict.fromkeys(one.roc_band.method for one in evaluations if one.roc_band is not None)
    note = f"At most {ROC_ROWS} points of each curve. " + "".join(f"Band: {method}." for method in methods)
    if any(one.roc_band is None for one in evaluations):
        note += " n/a: too few pairs of a label, or every resample has the same curve."
    columns = ("Model", "False positive rate", "True positive rate", "95 % band of the true positive rate")
    return table("Points of the ROC curve", columns, rows, note.rstrip())


def _roc_rows(evaluation: Evaluation) -> list[list[str]]:
    name, curve = model_label(evaluation), evaluation.roc
    if curve is None:
        return [[name, *[formats.NOT_AVAILABLE] * 3]]
    kept = np.unique(np.linspace(0, len(curve.true_positive_rate) - 1, ROC_ROWS).astype(int))
    false, true = curve.false_positive_rate, curve.true_positive_rate
    return [[name, formats.number(false[i]), formats.number(true[i]), _band(evaluation, false[i])] for i in kept]


def _band(evaluation: Evaluation, false_positive_rate: float) -> str:
    band = evaluation.roc_band
    if band is None:
        return formats.NOT_AVAILABLE
    place = int(np.searchsorted(band.false_positive_rate, false_positive_rate + 1e-9, side="right")) - 1
    return formats.interval(band.low[place], band.high[place])


def map_table(points: Sequence[MapPoints | None], by: str = "label") -> Table:
    """What lies where on each map: count and centre by label, category or cluster."""
    rows = [
        (
            one.title,
            formats.short_name(group.name, 60),
            formats.count(group.n),
            formats.count(group.n_compatible),
            formats.number(group.centre_x, 2),
            formats.number(group.centre_y, 2),
        )
        for one in points
        if one is not None
        for group in _map_groups(one, by)
    ]
    columns = ("Model", by.capitalize(), "Points", "Compatible", "Centre, UMAP 1", "Centre, UMAP 2")
    return table(f"The map by {by}", columns, rows, "" if rows else "There is no map of these pairs.")


def _map_groups(points: MapPoints, by: str) -> list[MapGroup]:
    if by == "label":
        named = {LABEL_STYLES[label].name: members for label, members in chart_data.label_members(points).items()}
    elif by == "category":
        named = chart_data.category_members(points)
    else:
        return [outline.group for outline in chart_data.outlines(points)]
    return [chart_data.map_group(points, name, members) for name, members in named.items()]


def cluster_table(evaluations: Sequence[Evaluation]) -> Table:
    """Purity beside what it is by chance."""
    rows = [
        (
            model_label(one),
            formats.count(one.clusters.n_clusters),
            cell(formats.number(one.clusters.cluster_purity), one.clusters.reason),
            cell(formats.number(one.clusters.shuffled_purity), one.clusters.reason),
            cell(formats.percent(one.clusters.noise_ratio), one.clusters.reason),
            formats.count(one.clusters.n),
        )
        for one in evaluations
    ]
    columns = ("Model", "Clusters", "Purity", "Purity under shuffled labels", "Noise", "Points")
    return table("Clusters", columns, rows)


def effect_table(evaluations: Sequence[Evaluation]) -> Table:
    """Cohen's d of each model."""
    found = [(model_label(one), one.estimate("cohens_d")) for one in evaluations]
    rows = [
        (name, cell(formats.signed(effect.value), effect.reason), formats.interval(effect.low, effect.high))
        for name, effect in found
    ]
    return table("Cohen's d", ("Model", "Cohen's d", "95 % interval"), rows)


def history_table(result: ComparisonResult) -> Table:
    """Every evaluation during every training."""
    rows = [
        (
            model_label(model.evaluation),
            formats.count(point.step),
            formats.number(point.epoch, 2),
            cell(formats.number(point.train_loss, 4), "nothing was trained yet"),
            formats.number(point.spearman),
            formats.number(point.auc_roc),
        )
        for _, model, training in trainings(result)
        for point in training.history
    ]
    columns = ("Training", "Step", "Epoch", "Training loss", "Spearman", "AUC-ROC")
    return table("Evaluations during training", columns, rows)

"""The charts of one model and of a comparison, in the order in which the page shows them.

A new chart is one file in `charts/` and one entry here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .charts.category_maps import CategoryMaps
from .charts.clusters import ClusterMap
from .charts.distributions import CosineDistributions
from .charts.effects import EffectSizes
from .charts.expected_cost import ExpectedCost
from .charts.false_positives import FalsePositives
from .charts.grades import CosineByGrade
from .charts.group_margins import CategoryMargins, PairTypeMargins
from .charts.maps import LabelMap, LabelMaps
from .charts.margin_heatmap import MarginHeatmap
from .charts.movement import PairMovement
from .charts.purity import ClusterPurity
from .charts.reliability import ReliabilityCurves
from .charts.roc import RocCurve, RocCurves
from .charts.seeds import SeedDots
from .charts.slopes import SplitSlopes
from .charts.training_curves import TrainingCurves
from .models import Split
from .tables.selection import judged_names, target_of
from .tables.thresholds import calibrated_on
from .views.expected_cost import cost_curves
from .views.movement import movement
from .views.reliability import reliability

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .charts.chart import Chart
    from .models import ComparisonResult, Evaluation
    from .tables.shown_pairs import ShownPairs
    from .views.on_splits import SplitView


def baseline_charts(
    evaluation: Evaluation, shown: ShownPairs, position: int = 0, views: Sequence[SplitView] = ()
) -> tuple[Chart, ...]:
    """The charts of one model.

    Args:
        evaluation: Result of the model; any model's will do.
        shown: The pairs that the maps of the page show.
        position: Place of the model in a comparison, which gives it its colour.
        views: The models on each split.
    """
    elsewhere = _elsewhere(views, [evaluation])
    data = evaluation.eval_data
    category, pair_type, labels = bool(data.words.category), bool(data.words.pair_type), data.has_labels
    return (
        *([CosineByGrade([evaluation], elsewhere)] if data.scale else []),
        *(
            [CosineDistributions([evaluation], elsewhere), RocCurve([evaluation], position, elsewhere)]
            if labels
            else []
        ),
        LabelMap([evaluation], shown, position),
        ClusterMap(evaluation, shown, position),
        *([CategoryMaps(evaluation, shown, position)] if category else []),
        *([CategoryMargins(evaluation, shown)] if category and labels else []),
        *([PairTypeMargins(evaluation, shown)] if pair_type and labels else []),
        *([FalsePositives([evaluation], shown, position)] if pair_type and labels else []),
    )


def comparison_charts(
    result: ComparisonResult, shown: ShownPairs, views: Sequence[SplitView] = ()
) -> tuple[Chart, ...]:
    """The charts of all models together, tall ones side by side, a square one beside two flat ones.

    Args:
        result: The comparison, with any number of models.
        shown: The pairs that the maps of the page show.
        views: The models on each split.
    """
    evaluations = [model.evaluation for model in result.models]
    elsewhere = _elsewhere(views, evaluations)
    data = evaluations[0].eval_data
    of_labels = (
        RocCurves(evaluations, elsewhere=elsewhere),
        EffectSizes(evaluations, target_of(result, "cohens_d")),
        ClusterPurity(evaluations),
        CosineDistributions(evaluations, elsewhere),
        *([FalsePositives(evaluations, shown)] if data.words.pair_type else []),
        *([MarginHeatmap(evaluations, shown)] if data.words.category else []),
    )
    return (
        *([SplitSlopes(views)] if len(views) > 1 else []),
        *([CosineByGrade(evaluations, elsewhere)] if data.scale else []),
        *([SeedDots(result)] if result.seeds.recipes else []),
        *(of_labels if data.has_labels else ()),
        *_costs(result, shown, views),
        *_movement(shown, views),
        LabelMaps(evaluations, shown),
        TrainingCurves(result),
    )


def _elsewhere(views: Sequence[SplitView], evaluations: Sequence[Evaluation]) -> dict[Split, list[Evaluation]]:
    """The same models on the splits other than test."""
    names = [evaluation.model for evaluation in evaluations]
    return {
        view.split: [one for one in view.evaluations if one.model in names]
        for view in views
        if view.split is not Split.TEST
    }


def _movement(shown: ShownPairs, views: Sequence[SplitView]) -> tuple[Chart, ...]:
    """How each trained model moved the test pairs; nothing where none was trained."""
    scores = _test_scores(views)
    if len(scores) <= 1:
        return ()
    before, *trained = scores
    moved = [movement(name, scores[before], scores[name], shown.pairs) for name in trained]
    return (PairMovement(moved, shown),)


def _costs(result: ComparisonResult, shown: ShownPairs, views: Sequence[SplitView]) -> tuple[Chart, ...]:
    """What thresholds cost on the test pairs, and how far the probabilities that they rest on hold there."""
    found, scores, labels = result.threshold_by_cost, _test_scores(views), shown.pairs.labels
    if found is None or not found.models or not scores:
        return ()
    judged = judged_names(result)
    calibrations = {model.name: model.evaluation.calibration for model in result.models}
    held = [
        (one.model, calibrated_on(one, judged), reliability(calibrations[one.model], scores[one.model], labels))
        for one in found.models
    ]
    curves = cost_curves(found, scores, labels)
    return ExpectedCost(found, curves, judged), ReliabilityCurves(held, [curve.position for curve in curves])


def _test_scores(views: Sequence[SplitView]) -> dict[str, NDArray[np.float64]]:
    return next((dict(view.scores) for view in views if view.split is Split.TEST), {})

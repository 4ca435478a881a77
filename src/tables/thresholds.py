"""The decisions of each model at its operating threshold, at the oracle threshold, and at that by costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..core.paths import BASELINE
from ..models import FittedOn
from ..wording import cost_threshold as wording
from .selection import model_name
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..models import Costs, CostThreshold, CostThresholds, Evaluation, ThresholdMetrics, Words

COLUMNS = (
    "Model", "Threshold", "TP", "FP", "FN", "TN", "Precision", "Recall", "F1", "FP rate", "Accuracy",
)  # fmt: skip
_NOT_FITTED = "the training pairs have one label only, so that no threshold can be fitted"
_NO_ORACLE = "the eval pairs have one label only, so that no threshold is the best"


def threshold_table(evaluations: Sequence[Evaluation]) -> Table:
    """Confusion of each model at its operating threshold; the page's slider rewrites the rows."""
    rows = [_row(one, one.operating_point, _NOT_FITTED, _fitted_on(one)) for one in evaluations]
    words = evaluations[0].eval_data.words
    note = f"TP, FN: {words.positive} pairs at or above and below the threshold. FP, TN: {words.negative} ones."
    return table("Decisions at the threshold", COLUMNS, rows, note)


def oracle_table(evaluations: Sequence[Evaluation]) -> Table:
    """Confusion of each model at the threshold that is best on the eval pairs themselves."""
    rows = [_row(evaluation, evaluation.optimistic_point, _NO_ORACLE) for evaluation in evaluations]
    words = "oracle threshold (best on the eval pairs themselves)"
    note = (
        "The oracle threshold has the best F1 on the eval pairs themselves. No user can know it, so it is optimistic."
    )
    return replace(table(f"Decisions at the {words}", COLUMNS, rows, note), folded=words.capitalize())


def cost_table(found: CostThresholds, judged: Collection[str] = ()) -> Table:
    """The threshold of each model by costs, what it costs, and what accepting all pairs or none costs.

    Args:
        found: The thresholds.
        judged: Names of the models that were trained elsewhere.
    """
    costs = found.costs
    best = min(found.accept_all, found.reject_all)
    digits = cost_decimals(found)
    caption = f"Threshold by cost: false positive {costs.false_positive:g}, false negative {costs.false_negative:g}"
    if costs.base_rate is not None:
        caption += f", {100 * costs.base_rate:g} % positive pairs"
    rules = [
        [name, "", "", formats.number(rate), formats.number(rate), formats.number(cost, digits), ""]
        for name, rate, cost in (("accept all", 1.0, found.accept_all), ("reject all", 0.0, found.reject_all))
    ]
    own = any(one.fitted_on is FittedOn.TRAIN and _is_own(one, judged) for one in found.models)
    return table(
        caption,
        ("Model", "Fitted on", "Threshold", "FP rate", "Recall", "Cost a pair", "Minus the cheaper rule"),
        [*(_cost_row(one, judged, best, digits) for one in found.models), *rules],
        _cost_note(costs, own=own),
    )


def _cost_note(costs: Costs, *, own: bool) -> str:
    in_use = "" if costs.base_rate is None else wording.BASE_RATE
    return " ".join(filter(None, (wording.NOTE, in_use, wording.OPTIMISTIC if own else "")))


def calibrated_on(one: CostThreshold, judged: Collection[str]) -> str:
    """On which pairs the threshold of a model was fitted; `judged` are the models that were trained elsewhere."""
    return wording.fitted_on(one.fitted_on, own=_is_own(one, judged))


def _is_own(one: CostThreshold, judged: Collection[str]) -> bool:
    return one.model != BASELINE and one.model not in judged


def cost_decimals(found: CostThresholds) -> int:
    """Decimals that costs a pair are written with: they show three digits of the cheaper rule that costs something."""
    rules = found.accept_all, found.reject_all
    return formats.decimals(min(rules) or max(rules))


def _cost_row(one: CostThreshold, judged: Collection[str], best: float, digits: int) -> list[Cell | str]:
    first, *others = (formats.number(value) for value in (one.threshold, one.false_positive_rate, one.recall))
    others.append(formats.number(one.cost, digits))
    others.append(formats.signed(None if one.cost is None else one.cost - best, digits))
    return [
        model_name(one.model),
        Cell(calibrated_on(one, judged), kind="wrapped"),
        cell(first, one.reason),
        *(cell(text, "there is no threshold" if one.threshold is None else "a label is missing") for text in others),
    ]


def _fitted_on(evaluation: Evaluation) -> str:
    return wording.FITTED_ON_VALIDATION if evaluation.threshold_fitted_on is FittedOn.VALIDATION else ""


def _row(evaluation: Evaluation, point: ThresholdMetrics | None, missing: str, fitted_on: str = "") -> list[Cell | str]:
    name, words = model_name(evaluation.model), evaluation.eval_data.words
    if point is None:
        return [name, *(cell(formats.NOT_AVAILABLE, missing) for _ in COLUMNS[1:])]
    counts = (point.true_positives, point.false_positives, point.false_negatives, point.true_negatives)
    return [
        name,
        Cell(formats.number(point.threshold), note="; ".join(filter(None, (fitted_on, _degenerate(point, words))))),
        *map(formats.count, counts),
        cell(formats.number(point.precision), f"nothing is called {words.positive}"),
        cell(formats.number(point.recall), f"there are no {words.positive} pairs"),
        cell(formats.number(point.f1), f"there are no {words.positive} pairs"),
        cell(formats.number(point.false_positive_rate), f"there are no {words.negative} pairs"),
        formats.number(point.accuracy),
    ]


def _degenerate(point: ThresholdMetrics, words: Words) -> str:
    """Names a threshold that calls all pairs the same; its F1 can look good."""
    if not point.false_negatives + point.true_negatives:
        return f"calls every pair {words.positive}"
    if not point.true_positives + point.false_positives:
        return f"calls no pair {words.positive}"
    return ""

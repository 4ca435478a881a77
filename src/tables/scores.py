"""The tables of one number a model: scores beside what needs no model, thresholds, separation, geometry, targets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..core.formatting import display_name
from ..core.paths import BASELINE, CHALLENGE
from ..evaluation.intervals import DELONG
from ..evaluation.metric_names import HEADLINES, metric_name
from .selection import group_of, model_label
from .table import Cell, Change, Table, cell, table, word_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation, PairedDifference, ShallowBaseline, TargetResult, ThresholdMetrics

_RATE = "false_positive_rate_at_95_recall"
_NO_COSINE = "has no cosine: only its ranking of the pairs is scored"
_NO_THRESHOLD = "the training pairs have one label only, so that no threshold can be fitted"
_NO_HINDSIGHT = "the eval pairs have one label only, so that no threshold is the best"


def score_table(
    evaluations: Sequence[Evaluation],
    differences: Sequence[PairedDifference] = (),
    trivial: Sequence[ShallowBaseline] = (),
) -> Table:
    """Models x headline metrics, and below them what needs no model.

    Args:
        evaluations: One row each.
        differences: Paired differences, shown below the value that they belong to.
        trivial: Only their AUC is defined.
    """
    # AUC first, because it is the one number that the rows without a model have too
    metrics = sorted(HEADLINES.keys() - {_RATE}, key=lambda metric: (metric != "auc_roc", [*HEADLINES].index(metric)))
    by_key: dict[tuple[str, str], list[PairedDifference]] = {}
    for difference in differences:
        by_key.setdefault((difference.model, difference.metric), []).append(difference)
    rows: list[Sequence[Cell | str]] = [
        [
            model_label(evaluation),
            _score_cell(evaluation, metrics[0], by_key),
            _challenge_cell(evaluation),
            *(_score_cell(evaluation, metric, by_key) for metric in metrics[1:]),
        ]
        for evaluation in evaluations
    ]
    rows += [_trivial_row(baseline, len(metrics) - 1) for baseline in trivial]
    columns = ("Model", metric_name(metrics[0]), "AUC-ROC, challenge set", *map(metric_name, metrics[1:]))
    return table("Scores on the eval pairs", columns, rows, _interval_note(evaluations, differences))


def _score_cell(
    evaluation: Evaluation, metric: str, differences: dict[tuple[str, str], list[PairedDifference]]
) -> Cell:
    found = evaluation.estimate(metric)
    own = differences.get((evaluation.model, metric), [])
    return Cell(
        formats.number(found.value),
        note=formats.interval(found.low, found.high) or found.reason,
        changes=tuple(map(_change, own)),
        title=found.reason if found.value is None else "",
        kind="missing" if found.value is None else "",
    )


def _change(difference: PairedDifference) -> Change:
    limits = formats.interval(difference.low, difference.high)
    lines = [f"{formats.signed(difference.value)} {limits}".rstrip(), difference.outcome]
    if difference.against != BASELINE:
        lines.insert(0, f"to {formats.plain_name(difference.against)}:")
    return Change(tuple(lines), difference.outcome.replace(" ", "-"))


def _challenge_cell(evaluation: Evaluation) -> Cell:
    group = group_of(evaluation, "slices", CHALLENGE)
    if group is None:
        return cell(formats.NOT_AVAILABLE, "there is no challenge set")
    note = f"{formats.interval(group.auc_low, group.auc_high)} n={formats.count(group.n)}".lstrip()
    missing = group.auc_roc is None
    return Cell(formats.number(group.auc_roc), note, title=group.reason, kind="missing" if missing else "")


def _trivial_row(baseline: ShallowBaseline, others: int) -> list[Cell | str]:
    return [
        Cell(formats.plain_name(baseline.name), note="needs no model"),
        Cell(
            formats.number(baseline.auc_roc),
            formats.interval(baseline.auc_low, baseline.auc_high),
            title=baseline.reason,
            kind="missing" if baseline.auc_roc is None else "",
        ),
        cell(formats.number(baseline.challenge_auc_roc), baseline.challenge_reason),
        Cell(_NO_COSINE, kind="aside", span=others),
    ]


def _interval_note(evaluations: Sequence[Evaluation], differences: Sequence[PairedDifference]) -> str:
    methods = dict.fromkeys(e.method for evaluation in evaluations for e in evaluation.estimates if e.method)
    parts = ["In brackets 95 % intervals" + (f" ({'; '.join(methods)})." if methods else ".")]
    against_trivial = any(difference.against != BASELINE for difference in differences)
    where = "On the challenge set, without a model and against it" if against_trivial else "On the challenge set"
    parts.append(f"{where} they are {DELONG}.")
    if differences:
        parts.append("Below them the paired difference to the baseline on the same pairs.")
    if against_trivial:
        parts.append("Below the AUC-ROC also the one to the best of what needs no model.")
    return " ".join(parts)


def separation_table(evaluations: Sequence[Evaluation]) -> Table:
    """Means, effect and test of each model's cosines."""
    rows = [
        (
            model_label(one),
            formats.number(one.compatible_mean_cosine),
            formats.number(one.incompatible_mean_cosine),
            formats.signed(one.compatibility_margin),
            formats.signed(one.cohens_d),
            formats.number(one.t_statistic, 2),
            formats.p_value(one.p_value),
            formats.number(one.false_positive_rate_at_95_recall),
        )
        for one in evaluations
    ]
    columns = (
        "Model", "Mean cosine, compatible", "Mean cosine, incompatible", "Margin", "Cohen's d", "Welch's t", "p",
        metric_name(_RATE),
    )  # fmt: skip
    note = "FP rate at 95 % recall: of the incompatible pairs, with 95 % of the compatible found; lower is better."
    return table("Separation of the labels", columns, rows, note)


THRESHOLD_COLUMNS = (
    "Model", "Threshold", "TP", "FP", "FN", "TN", "Precision", "Recall", "F1", "FP rate", "Accuracy",
)  # fmt: skip


def threshold_table(evaluations: Sequence[Evaluation]) -> Table:
    """Confusion of each model at the threshold fitted on its training pairs; the page's slider rewrites the rows."""
    rows = [_threshold_row(evaluation, evaluation.operating_point, _NO_THRESHOLD) for evaluation in evaluations]
    note = "TP, FN: compatible pairs at or above and below the threshold. FP, TN: incompatible ones."
    return table("Decisions at the threshold", THRESHOLD_COLUMNS, rows, note)


def hindsight_table(evaluations: Sequence[Evaluation]) -> Table:
    """Confusion of each model at the threshold that is best on the eval pairs themselves."""
    rows = [_threshold_row(evaluation, evaluation.optimistic_point, _NO_HINDSIGHT) for evaluation in evaluations]
    note = "Best F1 on the eval pairs themselves: optimistic, because no user could have known it."
    return replace(
        table("Decisions at the threshold that hindsight would choose", THRESHOLD_COLUMNS, rows, note),
        folded="The threshold that hindsight would choose",
    )


def _threshold_row(evaluation: Evaluation, point: ThresholdMetrics | None, missing: str) -> list[Cell | str]:
    name = model_label(evaluation)
    if point is None:
        return [name, *(cell(formats.NOT_AVAILABLE, missing) for _ in THRESHOLD_COLUMNS[1:])]
    counts = (point.true_positives, point.false_positives, point.false_negatives, point.true_negatives)
    return [
        name,
        Cell(formats.number(point.threshold), note=_degenerate(point)),
        *map(formats.count, counts),
        cell(formats.number(point.precision), "nothing is called compatible"),
        cell(formats.number(point.recall), "there are no compatible pairs"),
        cell(formats.number(point.f1), "there are no compatible pairs"),
        cell(formats.number(point.false_positive_rate), "there are no incompatible pairs"),
        formats.number(point.accuracy),
    ]


def _degenerate(point: ThresholdMetrics) -> str:
    """Names a threshold that decides nothing, whose F1 can look fine all the same."""
    if not point.false_negatives + point.true_negatives:
        return "calls every pair compatible"
    if not point.true_positives + point.false_positives:
        return "calls no pair compatible"
    return ""


def geometry_table(evaluations: Sequence[Evaluation]) -> Table:
    """Shape of each model's space, and how far training moved it."""
    rows = [
        (
            model_label(one),
            formats.number(one.geometry.random_pair_cosine),
            formats.number(one.geometry.alignment),
            formats.number(one.geometry.uniformity),
            formats.number(one.geometry.effective_rank, 1),
            cell(formats.small_number(one.change.max_abs_difference if one.change else None), "this is the base model"),
            cell(formats.number(one.change.mean_cosine_to_base if one.change else None), "this is the base model"),
        )
        for one in evaluations
    ]
    columns = (
        "Model", "Cosine of random pairs", "Alignment", "Uniformity", "Effective rank",
        "Largest change of a coordinate", "Mean cosine to the base",
    )  # fmt: skip
    note = (
        "A cosine of random pairs near 1 and an effective rank far below the base model's are signs of a collapsed "
        "space: few directions are left in which texts differ."
    )
    return table("Shape of the space", columns, rows, note)


def hypothesis_table(hypotheses: Sequence[TargetResult]) -> Table:
    """What was expected before the first training, and what came."""
    rows = [_hypothesis_row(hypothesis) for hypothesis in hypotheses]
    columns = ("Model", "Metric", "Target", "Observed", "Outcome", "Note")
    return word_table("Targets set before the first training", columns, rows)


def _hypothesis_row(hypothesis: TargetResult) -> list[Cell | str]:
    observed = cell(formats.number(hypothesis.observed), hypothesis.note)
    limits = formats.interval(hypothesis.low, hypothesis.high)
    return [
        formats.short_name(display_name(hypothesis.model)),
        metric_name(hypothesis.metric),
        formats.number(hypothesis.target, 2),
        Cell(observed.text, note=limits, title=observed.title, kind=observed.kind),
        Cell(hypothesis.outcome, kind=hypothesis.outcome.replace(" ", "-")),
        Cell(hypothesis.note, kind="wide"),
    ]

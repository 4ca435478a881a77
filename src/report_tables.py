"""The tables of the reports: results picked and written as text, nothing computed.

Every chart has a table with the same numbers, for readers without a screen, a mouse or JavaScript.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from src import chart_data, formats
from src.formats import display_name
from src.palette import LABEL_STYLES
from src.summary import HEADLINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from src.chart_data import MapGroup, MapPoints
    from src.models import (
        ComparisonResult,
        DataFile,
        Evaluation,
        GroupMetrics,
        HypothesisResult,
        ModelSummary,
        PairedDifference,
        Provenance,
        ThresholdMetrics,
        TrainingInfo,
        TrivialBaseline,
    )

CHALLENGE = "challenge"
ROC_ROWS = 21
SMALL_SETTING = 0.01
_METRIC_NAMES = {**HEADLINES, "accuracy": "Accuracy", "f1": "F1"}
_NO_COSINE = "has no cosine: only its ranking of the pairs is scored"


@dataclass(frozen=True)
class Cell:
    """One cell: what it says, what stands small below it, what a pointer tells, how it is marked."""

    text: str
    note: str = ""
    change: str = ""
    title: str = ""
    kind: str = ""
    span: int = 1


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    words: bool = False  # aligned as words, not as numbers


def _cell(text: str, reason: str = "") -> Cell:
    """A cell of text; what is not available is marked and says why."""
    missing = text == formats.NOT_AVAILABLE
    return Cell(text, title=reason if missing else "", kind="missing" if missing else "")


def _table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell | str]], note: str = "") -> Table:
    cells = (tuple(_cell(value) if isinstance(value, str) else value for value in row) for row in rows)
    return Table(caption, tuple(columns), tuple(cells), note)


def _words(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell | str]]) -> Table:
    return replace(_table(caption, columns, rows), words=True)


def metric_name(metric: str) -> str:
    """A metric's name for readers."""
    return _METRIC_NAMES.get(metric, metric.replace("_", " "))


# --- scores ---------------------------------------------------------------------------------------------


def score_table(
    evaluations: Sequence[Evaluation],
    differences: Sequence[PairedDifference] = (),
    trivial: Sequence[TrivialBaseline] = (),
) -> Table:
    """Models x headline metrics, and below them what needs no model.

    Args:
        evaluations: One row each.
        differences: Paired differences to the baseline, shown below the value that they belong to.
        trivial: Only their AUC is defined.
    """
    # AUC first, because it is the one number that the rows without a model have too
    metrics = sorted(HEADLINES, key=lambda metric: metric != "auc_roc")
    by_key = {(difference.model, difference.metric): difference for difference in differences}
    rows: list[Sequence[Cell | str]] = [
        [
            chart_data.model_label(evaluation),
            _score_cell(evaluation, metrics[0], by_key),
            _challenge_cell(evaluation),
            *(_score_cell(evaluation, metric, by_key) for metric in metrics[1:]),
        ]
        for evaluation in evaluations
    ]
    rows += [_trivial_row(baseline, len(metrics) - 1) for baseline in trivial]
    columns = ("Model", metric_name(metrics[0]), "AUC-ROC, challenge set", *map(metric_name, metrics[1:]))
    return _table("Scores on the eval pairs", columns, rows, _interval_note(evaluations, differences))


def _score_cell(evaluation: Evaluation, metric: str, differences: dict[tuple[str, str], PairedDifference]) -> Cell:
    found = chart_data.estimate(evaluation, metric)
    difference = differences.get((evaluation.model, metric))
    return Cell(
        formats.number(found.value),
        note=formats.interval(found.low, found.high),
        change=_change(difference),
        title=found.reason if found.value is None else "",
        kind=_kind(found.value, difference),
    )


def _kind(value: float | None, difference: PairedDifference | None) -> str:
    if value is None:
        return "missing"
    return difference.outcome.replace(" ", "-") if difference else ""


def _change(difference: PairedDifference | None) -> str:
    if difference is None:
        return ""
    limits = formats.interval(difference.low, difference.high)
    return f"{formats.signed(difference.value)} {limits} {difference.outcome}".replace("  ", " ")


def _challenge_cell(evaluation: Evaluation) -> Cell:
    group = chart_data.group_of(evaluation, "slices", CHALLENGE)
    if group is None:
        return _cell(formats.NOT_AVAILABLE, "there is no challenge set")
    note = f"{formats.interval(group.auc_low, group.auc_high)} n={formats.count(group.n)}".lstrip()
    missing = group.auc_roc is None
    return Cell(formats.number(group.auc_roc), note, title=group.reason, kind="missing" if missing else "")


def _trivial_row(baseline: TrivialBaseline, others: int) -> list[Cell | str]:
    challenge = formats.number(baseline.challenge_auc_roc)
    return [
        Cell(baseline.name, note="needs no model"),
        Cell(
            formats.number(baseline.auc_roc),
            formats.interval(baseline.auc_low, baseline.auc_high),
            title=baseline.reason,
            kind="missing" if baseline.auc_roc is None else "",
        ),
        _cell(challenge, baseline.reason or "there is no challenge set"),
        Cell(_NO_COSINE, kind="aside", span=others),
    ]


def _interval_note(evaluations: Sequence[Evaluation], differences: Sequence[PairedDifference]) -> str:
    methods = dict.fromkeys(e.method for evaluation in evaluations for e in evaluation.estimates if e.method)
    parts = ["In brackets 95 % intervals" + (f" ({'; '.join(methods)})." if methods else ".")]
    if differences:
        parts.append("Below them the paired difference to the baseline on the same pairs.")
    return " ".join(parts)


def separation_table(evaluations: Sequence[Evaluation]) -> Table:
    """Means, effect and test of each model's cosines."""
    rows = [
        (
            chart_data.model_label(one),
            formats.number(one.compatible_mean_cosine),
            formats.number(one.incompatible_mean_cosine),
            formats.signed(one.compatibility_margin),
            formats.signed(one.cohens_d),
            formats.number(one.t_statistic, 2),
            formats.p_value(one.p_value),
        )
        for one in evaluations
    ]
    columns = ("Model", "Mean cosine, compatible", "Mean cosine, incompatible", "Margin", "Cohen's d", "Welch's t", "p")
    return _table("Separation of the labels", columns, rows)


def threshold_table(evaluations: Sequence[Evaluation]) -> Table:
    """Both thresholds of each model with their confusion."""
    rows = [
        _threshold_row(evaluation, name, point)
        for evaluation in evaluations
        for name, point in chart_data.thresholds(evaluation).items()
    ]
    columns = ("Model and threshold", "At", "TP", "FP", "FN", "TN", "Accuracy", "Precision", "Recall", "F1", "FP rate")
    note = "Operating: best F1 on the training pairs. Optimistic: best F1 on the eval pairs themselves."
    return _table("Decisions at a threshold", columns, rows, note)


def _threshold_row(evaluation: Evaluation, name: str, point: ThresholdMetrics) -> list[Cell | str]:
    counts = (point.true_positives, point.false_positives, point.false_negatives, point.true_negatives)
    return [
        f"{chart_data.model_label(evaluation)}, {name.removesuffix(' threshold')}",
        Cell(formats.number(point.threshold), note=_degenerate(point)),
        *map(formats.count, counts),
        formats.number(point.accuracy),
        _cell(formats.number(point.precision), "nothing is called compatible"),
        _cell(formats.number(point.recall), "there are no compatible pairs"),
        _cell(formats.number(point.f1), "precision or recall is not defined"),
        _cell(formats.number(point.false_positive_rate), "there are no incompatible pairs"),
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
            chart_data.model_label(one),
            formats.number(one.geometry.random_pair_cosine),
            formats.number(one.geometry.alignment),
            formats.number(one.geometry.uniformity),
            formats.number(one.geometry.effective_rank, 1),
            _cell(formats.number(one.change.max_abs_difference if one.change else None), "this is the base model"),
            _cell(formats.number(one.change.mean_cosine_to_base if one.change else None), "this is the base model"),
        )
        for one in evaluations
    ]
    columns = (
        "Model", "Cosine of random pairs", "Alignment", "Uniformity", "Effective rank",
        "Largest change of a coordinate", "Mean cosine to the base",
    )  # fmt: skip
    note = "A cosine of random pairs near 1 and a low rank are signs of a collapsed space."
    return _table("Shape of the space", columns, rows, note)


# --- groups ---------------------------------------------------------------------------------------------


def group_table(caption: str, groups: Sequence[GroupMetrics]) -> Table:
    """Metrics of slices, categories or pair types."""
    columns = (
        "Group", "N", "Compatible", "AUC-ROC", "Margin", "Cohen's d", "Spearman", "Accuracy",
        "False positives", "FP rate",
    )  # fmt: skip
    return _table(caption, columns, [_group_row(group) for group in groups], "n/a: too few pairs, or one label only.")


def _group_row(group: GroupMetrics) -> list[Cell | str]:
    auc = _cell(formats.number(group.auc_roc), group.reason)
    return [
        formats.short_name(group.name, 60),
        formats.count(group.n),
        formats.count(group.n_compatible),
        Cell(auc.text, formats.interval(group.auc_low, group.auc_high), title=auc.title, kind=auc.kind),
        _cell(formats.signed(group.compatibility_margin), group.reason),
        _cell(formats.signed(group.cohens_d), group.reason),
        _cell(formats.number(group.spearman_correlation), group.reason),
        _cell(formats.number(group.accuracy), group.reason),
        formats.count(group.false_positives),
        _cell(formats.percent(group.false_positive_rate), "there are no incompatible pairs"),
    ]


def margin_table(evaluations: Sequence[Evaluation]) -> Table:
    """Margins of category x model."""
    names = chart_data.group_names(evaluations, "by_category")
    rows = [_margin_row(evaluations, name) for name in names]
    return _table("Margin by category", ("Category", *_names(evaluations)), rows)


def _margin_row(evaluations: Sequence[Evaluation], name: str) -> list[Cell | str]:
    return [formats.short_name(name, 60), *(_margin_cell(evaluation, name) for evaluation in evaluations)]


def _margin_cell(evaluation: Evaluation, name: str) -> Cell:
    group = chart_data.group_of(evaluation, "by_category", name)
    if group is None:
        return _cell(formats.NOT_AVAILABLE, "this model was not evaluated on it")
    cell = _cell(formats.signed(group.compatibility_margin), group.reason)
    return Cell(cell.text, note=f"n={formats.count(group.n)}", title=cell.title, kind=cell.kind)


def false_positive_table(evaluations: Sequence[Evaluation]) -> Table:
    """False positives of pair type x model."""
    groups = chart_data.false_positive_groups(evaluations)
    rows = [_false_positive_row(evaluations, group) for group in groups]
    return _table("False positives by pair type", ("Pair type", "Incompatible pairs", *_names(evaluations)), rows)


def _false_positive_row(evaluations: Sequence[Evaluation], group: GroupMetrics) -> list[Cell | str]:
    n_incompatible = formats.count(chart_data.n_incompatible(group))
    cells = (_false_positive_cell(evaluation, group.name) for evaluation in evaluations)
    return [formats.short_name(group.name, 60), n_incompatible, *cells]


def _false_positive_cell(evaluation: Evaluation, name: str) -> Cell:
    group = chart_data.group_of(evaluation, "by_pair_type", name)
    if group is None or group.false_positive_rate is None:
        return _cell(formats.NOT_AVAILABLE, "there are no incompatible pairs")
    return Cell(formats.count(group.false_positives), note=formats.percent(group.false_positive_rate))


def _names(evaluations: Sequence[Evaluation]) -> list[str]:
    return [chart_data.model_label(evaluation) for evaluation in evaluations]


# --- distributions, ROC, maps ---------------------------------------------------------------------------


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
    return _table("Pairs in each bin of cosine", ("Cosine", *columns), rows)


def roc_table(evaluations: Sequence[Evaluation]) -> Table:
    """Some points of each ROC curve, evenly spaced along it."""
    rows = [row for evaluation in evaluations for row in _roc_rows(evaluation)]
    note = f"At most {ROC_ROWS} points of each curve."
    return _table("Points of the ROC curve", ("Model", "False positive rate", "True positive rate"), rows, note)


def _roc_rows(evaluation: Evaluation) -> list[list[str]]:
    name, curve = chart_data.model_label(evaluation), evaluation.roc
    if curve is None:
        return [[name, formats.NOT_AVAILABLE, formats.NOT_AVAILABLE]]
    kept = np.unique(np.linspace(0, len(curve.true_positive_rate) - 1, ROC_ROWS).astype(int))
    false, true = curve.false_positive_rate, curve.true_positive_rate
    return [[name, formats.number(false[i]), formats.number(true[i])] for i in kept]


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
    return _table(f"The map by {by}", columns, rows, "" if rows else "There is no map of these pairs.")


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
            chart_data.model_label(one),
            formats.count(one.clusters.n_clusters),
            _cell(formats.number(one.clusters.cluster_purity), one.clusters.reason),
            _cell(formats.number(one.clusters.shuffled_purity), one.clusters.reason),
            _cell(formats.percent(one.clusters.noise_ratio), one.clusters.reason),
            formats.count(one.clusters.n),
        )
        for one in evaluations
    ]
    columns = ("Model", "Clusters", "Purity", "Purity under shuffled labels", "Noise", "Points")
    return _table("Clusters", columns, rows)


def effect_table(evaluations: Sequence[Evaluation]) -> Table:
    """Cohen's d of each model."""
    found = [(chart_data.model_label(one), chart_data.estimate(one, "cohens_d")) for one in evaluations]
    rows = [
        (name, _cell(formats.signed(effect.value), effect.reason), formats.interval(effect.low, effect.high))
        for name, effect in found
    ]
    return _table("Cohen's d", ("Model", "Cohen's d", "95 % interval"), rows)


# --- training, hypotheses, provenance -------------------------------------------------------------------


def training_table(result: ComparisonResult) -> Table:
    """Recipe and outcome of each training."""
    columns = (
        "Training", "Mode", "Trained parameters", "Learning rate", "Epochs", "Batch", "Steps", "Kept step",
        "Best Spearman", "Duration", "Saved = trained within",
    )  # fmt: skip
    rows = [
        _training_row(chart_data.model_label(model.evaluation), training)
        for _, model, training in chart_data.trainings(result)
    ]
    note = "The saved folder was loaded again and its embeddings compared with those of the trained model."
    return _table("Trainings", columns, rows, note)


def _training_row(name: str, training: TrainingInfo) -> list[Cell | str]:
    config = training.config
    return [
        name,
        config.mode.value,
        Cell(formats.count(training.trainable_parameters), note=f"of {formats.count(training.total_parameters)}"),
        formats.scientific(config.learning_rate),
        formats.count(config.epochs),
        formats.count(config.batch_size),
        formats.count(training.steps),
        formats.count(training.best_step),
        formats.number(training.best_spearman),
        formats.duration(training.provenance.duration_seconds),
        formats.scientific(training.saved.max_abs_difference_to_trained),
    ]


def history_table(result: ComparisonResult) -> Table:
    """Every evaluation during every training."""
    rows = [
        (
            chart_data.model_label(model.evaluation),
            formats.count(point.step),
            formats.number(point.epoch, 2),
            _cell(formats.number(point.train_loss, 4), "nothing was trained yet"),
            formats.number(point.spearman),
            formats.number(point.auc_roc),
        )
        for _, model, training in chart_data.trainings(result)
        for point in training.history
    ]
    columns = ("Training", "Step", "Epoch", "Training loss", "Spearman", "AUC-ROC")
    return _table("Evaluations during training", columns, rows)


def hypothesis_table(hypotheses: Sequence[HypothesisResult]) -> Table:
    """What was expected before the first training, and what came."""
    rows = [_hypothesis_row(hypothesis) for hypothesis in hypotheses]
    columns = ("Model", "Metric", "Target", "Observed", "Outcome", "Note")
    return _words("Targets set before the first training", columns, rows)


def _hypothesis_row(hypothesis: HypothesisResult) -> list[Cell | str]:
    observed = _cell(formats.number(hypothesis.observed), hypothesis.note)
    limits = formats.interval(hypothesis.low, hypothesis.high)
    return [
        formats.short_name(display_name(hypothesis.model)),
        metric_name(hypothesis.metric),
        formats.number(hypothesis.target, 2),
        Cell(observed.text, note=limits, title=observed.title, kind=observed.kind),
        Cell(hypothesis.outcome, kind=hypothesis.outcome.replace(" ", "-")),
        hypothesis.note,
    ]


def data_table(files: Sequence[tuple[str, DataFile | None]]) -> Table:
    """Which files the numbers come from."""
    rows = [
        (role, file.name, formats.count(file.n), formats.count(file.n_compatible), Cell(file.sha256, kind="hash"))
        for role, file in files
        if file is not None
    ]
    return _words("Data", ("Role", "File", "Pairs", "Compatible", "SHA-256"), rows)


def weights_table(base_sha256: str, result: ComparisonResult | None) -> Table:
    """Which weights were evaluated."""
    trained = chart_data.trainings(result) if result else []
    named = [(chart_data.model_label(model.evaluation), training.weights_sha256) for _, model, training in trained]
    rows = [(name, Cell(digest, kind="hash")) for name, digest in [("Base model", base_sha256), *named]]
    return _words("Weights", ("Model", "SHA-256"), rows)


def recipe_table(trainings: Sequence[tuple[int, ModelSummary, TrainingInfo]]) -> Table:
    """Every setting of every training, side by side."""
    recipes = [training.config.model_dump(mode="json") for _, _, training in trainings]
    settings = list(dict.fromkeys(setting for recipe in recipes for setting in recipe))
    rows = [[setting.replace("_", " "), *(_setting(recipe.get(setting)) for recipe in recipes)] for setting in settings]
    columns = ("Setting", *(chart_data.model_label(model.evaluation) for _, model, _ in trainings))
    return _words("Recipes", columns, rows)


def _setting(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_setting(part)}" for name, part in value.items())
    if isinstance(value, list):
        return " and ".join(map(str, value))
    if isinstance(value, float):
        return formats.scientific(value) if 0 < value < SMALL_SETTING else f"{value:g}"
    return "none" if value is None else str(value)


def runs_table(runs: Sequence[tuple[str, Provenance]]) -> Table:
    """When, how and from what each result was made."""
    rows = [
        (
            name,
            f"{run.created_at:%Y-%m-%d %H:%M}",
            Cell(run.command, kind="wide"),
            formats.duration(run.duration_seconds),
            run.device or "no model was used",
            Cell(run.fingerprint, kind="hash"),
        )
        for name, run in runs
    ]
    columns = ("Result", "Made (UTC)", "Command", "Duration", "Device", "Fingerprint of all inputs")
    return _words("Runs", columns, rows)


def packages_table(runs: Sequence[tuple[str, Provenance]]) -> Table:
    """Versions, one row for all results that share them."""
    sharing: dict[tuple[str, str], list[str]] = {}
    for name, run in runs:
        packages = ", ".join(f"{package} {version}" for package, version in sorted(run.packages.items()))
        sharing.setdefault((f"Python {run.python}, {run.platform}", packages), []).append(name)
    rows = [
        ("all results" if len(sharing) == 1 else ", ".join(names), system, Cell(packages, kind="wide"))
        for (system, packages), names in sharing.items()
    ]
    return _words("Versions", ("Result", "System", "Packages"), rows)

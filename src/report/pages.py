"""The two HTML reports: results in, one self-contained page out. Nothing is computed here, nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..charts import chart as chart_data
from ..charts import training_curves as chart_tables
from ..core import formatting as formats
from ..tables import groups as group_tables
from ..tables import provenance as provenance_tables
from ..tables.audit import audit_tables
from ..tables.scores import difference_table, score_table
from ..tables.selection import model_label, trainings
from ..tables.shallow_baselines import auc_table
from ..tables.shown_pairs import drawn_pairs
from ..tables.space import geometry_table, separation_table
from ..tables.targets import target_table
from ..tables.thresholds import oracle_table, threshold_table
from ..visualizations import baseline_figures, comparison_figures
from .badges import baseline_badges, comparison_badges
from .page import Chart, Page, Panel, Section, render
from .page_data import figure_json, pair_json, threshold_json
from .pair_list import pair_section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from ..charts.chart import ChartText
    from ..models import ComparisonResult, Estimate, Evaluation, ModelSummary, PairSet
    from ..tables.shown_pairs import DrawnPairs
    from ..tables.table import Table

_SHAPES = {
    "umap": "wide",
    "umap_by_category": "wide",
    "margins_by_category": "wide",
    "margin_heatmap": "wide",
    "training_curves": "wide",
}
# the order of the charts of all models: tall ones side by side, a square one beside two flat ones
_ACROSS = (
    "roc",
    "cohens_d",
    "purity",
    "cosine_distributions",
    "false_positives_by_pair_type",
    "margin_heatmap",
    "umap",
)
_THRESHOLD_NOTE = (
    "A pair is called compatible when its cosine is at least the threshold. At first each model has the threshold that "
    "was fitted on its training pairs. Every count is exact, on all eval pairs."
)


def baseline_page(
    evaluation: Evaluation, pairs: PairSet, scores: NDArray[np.float64], *, seed: int, redact: bool = False
) -> str:
    """The report on the base model before any training.

    Args:
        evaluation: Result of the base model.
        pairs: The eval pairs that it was made from.
        scores: (N,) cosines of these pairs.
        seed: Of the run, which the maps were made with.
        redact: Whether the texts of the pairs are left out.

    Returns:
        HTML.

    Raises:
        ArtifactError: The evaluation was made from other pairs.
        ValueError: There are not as many scores as pairs.
    """
    drawn = drawn_pairs([evaluation], pairs)
    charts = _model_charts(evaluation, drawn, "baseline", 0)
    by_model = {evaluation.model: scores}
    return render(
        Page(
            title="The space before training",
            status="",
            statement=_baseline_statement(evaluation),
            findings=(),
            badges=baseline_badges(evaluation),
            facts=_facts(evaluation),
            sections=(
                Section("scores", "Scores", tables=(score_table([evaluation]),)),
                _threshold_section([evaluation]),
                Section("charts", "Charts", panels=_baseline_panels(evaluation, charts)),
                Section("space", "The space", tables=_space_tables([evaluation])),
                pair_section([evaluation], drawn, redact=redact),
                _provenance([evaluation]),
            ),
            pairs=pair_json(drawn, [evaluation], by_model, redact=redact),
            thresholds=threshold_json([evaluation], by_model, pairs.labels),
            seed=seed,
        )
    )


def comparison_page(
    result: ComparisonResult,
    pairs: PairSet,
    scores: Mapping[str, NDArray[np.float64]],
    *,
    seed: int,
    redact: bool = False,
) -> str:
    """The report on what the trainings changed.

    Args:
        result: The comparison, with any number of models.
        pairs: The eval pairs that it was made from.
        scores: Artifact name of each model to the cosines of these pairs, (N,).
        seed: Of the run, which the maps were made with.
        redact: Whether the texts of the pairs are left out.

    Returns:
        HTML.

    Raises:
        ArtifactError: A model was evaluated on other pairs.
        ValueError: There are not as many scores as pairs.
    """
    evaluations = [model.evaluation for model in result.models]
    drawn = drawn_pairs(evaluations, pairs)
    return render(
        Page(
            title="What the fine-tune did",
            status=result.verdict.status.value,
            statement=result.verdict.statement,
            findings=result.verdict.findings,
            badges=comparison_badges(result),
            facts=(("Models", formats.count(len(result.models))), *_facts(evaluations[0])),
            sections=_comparison_sections(result, evaluations, drawn, redact=redact),
            pairs=pair_json(drawn, evaluations, scores, redact=redact),
            thresholds=threshold_json(evaluations, scores, pairs.labels),
            seed=seed,
        )
    )


# --- sections -------------------------------------------------------------------------------------------


def _comparison_sections(
    result: ComparisonResult, evaluations: Sequence[Evaluation], drawn: DrawnPairs, *, redact: bool
) -> tuple[Section, ...]:
    charts = _comparison_charts(result, drawn)
    scores = (
        score_table(evaluations),
        difference_table(result.models),
        auc_table(result.models, result.trivial_baselines),
    )
    across = (
        group_tables.slices_by_model(evaluations),
        target_table(result.hypotheses),
        *_space_tables(evaluations),
    )
    panels = tuple(_model_panel(position, model, drawn) for position, model in enumerate(result.models))
    return (
        Section("scores", "Scores", tables=scores),
        _threshold_section(evaluations),
        Section("models", "One model at a time", panels=panels),
        Section("across", "Across models", charts=tuple(charts[stem] for stem in _ACROSS), tables=across),
        pair_section(evaluations, drawn, redact=redact),
        Section(
            "training",
            "Training",
            charts=(charts["training_curves"],),
            tables=(provenance_tables.training_table(result),),
        ),
        Section("audit", "Audit of the data", tables=audit_tables(result.audit)),
        _provenance(evaluations, result),
    )


def _threshold_section(evaluations: Sequence[Evaluation]) -> Section:
    return Section(
        "threshold",
        "Threshold",
        note=_THRESHOLD_NOTE,
        slider=threshold_table(evaluations),
        tables=(oracle_table(evaluations),),
    )


def _model_panel(position: int, model: ModelSummary, drawn: DrawnPairs) -> Panel:
    evaluation = model.evaluation
    charts = _model_charts(evaluation, drawn, f"model-{position}", position)
    return Panel(
        id=f"model-{position}",
        title=model_label(evaluation),
        charts=tuple(charts.values()),
        tables=_slice_tables(evaluation),
    )


def _baseline_panels(evaluation: Evaluation, charts: Mapping[str, Chart]) -> tuple[Panel, ...]:
    groups = {
        "Distributions": ("cosine_distributions", "roc"),
        "Maps": ("umap_by_label", "clusters", "umap_by_category"),
        "Categories and pair types": ("margins_by_category", "margins_by_pair_type", "false_positives_by_pair_type"),
    }
    last = list(groups)[-1]
    return tuple(
        Panel(
            id=f"charts-{number}",
            title=title,
            charts=tuple(charts[stem] for stem in stems),
            tables=_slice_tables(evaluation) if title == last else (),
        )
        for number, (title, stems) in enumerate(groups.items())
    )


def _space_tables(evaluations: Sequence[Evaluation]) -> tuple[Table, ...]:
    return separation_table(evaluations), geometry_table(evaluations)


def _slice_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    captions = {
        "Slices of the eval pairs": evaluation.slices,
        "Groups of the challenge set": evaluation.challenge_groups,
    }
    return tuple(group_tables.slice_table(caption, groups) for caption, groups in captions.items() if groups)


def _facts(evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    train, held_out, challenge = evaluation.train_data, evaluation.eval_data, evaluation.challenge_data
    return (
        ("Eval pairs", f"{formats.count(held_out.n)}, {formats.count(held_out.n_compatible)} compatible"),
        ("Train pairs", f"{formats.count(train.n)}, {formats.count(train.n_compatible)} compatible"),
        ("Challenge pairs", formats.count(challenge.n) if challenge else "none: no challenge set was given"),
    )


def _baseline_statement(evaluation: Evaluation) -> str:
    margin, area = (evaluation.estimate(name) for name in ("compatibility_margin", "auc_roc"))
    limits = [f" (95 % interval {text})" if text else "" for text in map(_limits, (margin, area))]
    return (
        f"Before any training, compatible pairs have a mean cosine of "
        f"{formats.number(evaluation.compatible_mean_cosine)} and incompatible pairs of "
        f"{formats.number(evaluation.incompatible_mean_cosine)}: a margin of {formats.signed(margin.value)}{limits[0]} "
        f"and an AUC-ROC of {formats.number(area.value)}{limits[1]}, where 0.5 is guessing."
    )


def _limits(found: Estimate) -> str:
    return formats.interval(found.low, found.high)


def _provenance(evaluations: Sequence[Evaluation], result: ComparisonResult | None = None) -> Section:
    first = evaluations[0]
    data = [("train", first.train_data), ("eval", first.eval_data), ("challenge", first.challenge_data)]
    runs = [(f"Evaluation of {model_label(one)}", one.provenance) for one in evaluations]
    tables = [provenance_tables.data_table(data), provenance_tables.weights_table(first.base_sha256, result)]
    if result is not None:
        trained = trainings(result)
        tables.append(provenance_tables.recipe_table(trained))
        runs += [(f"Training of {model_label(one.evaluation)}", info.provenance) for _, one, info in trained]
        runs.append(("This comparison", result.provenance))
    tables += [provenance_tables.runs_table(runs), provenance_tables.packages_table(runs)]
    return Section("provenance", "Provenance", tables=tuple(tables))


# --- charts ---------------------------------------------------------------------------------------------


def _model_charts(evaluation: Evaluation, drawn: DrawnPairs, prefix: str, position: int) -> dict[str, Chart]:
    points = [chart_data.map_points(evaluation, drawn.pairs)]
    tables = {
        "cosine_distributions": (chart_tables.distribution_table([evaluation]),),
        "umap_by_label": (chart_tables.map_table(points, "label"),),
        "umap_by_category": (chart_tables.map_table(points, "category"),),
        "clusters": (chart_tables.cluster_table([evaluation]), chart_tables.map_table(points, "cluster")),
        "roc": (chart_tables.roc_table([evaluation]),),
        "margins_by_category": (group_tables.group_table("By category", evaluation, "by_category", drawn),),
        "margins_by_pair_type": (group_tables.group_table("By pair type", evaluation, "by_pair_type", drawn),),
        "false_positives_by_pair_type": (group_tables.false_positive_table([evaluation], drawn),),
    }
    figures = baseline_figures(evaluation, drawn, position)
    return _charts(prefix, figures, chart_data.BASELINE_TEXTS, tables, {})


def _comparison_charts(result: ComparisonResult, drawn: DrawnPairs) -> dict[str, Chart]:
    evaluations = [model.evaluation for model in result.models]
    points = [chart_data.map_points(evaluation, drawn.pairs) for evaluation in evaluations]
    tables = {
        "cosine_distributions": (chart_tables.distribution_table(evaluations),),
        "umap": (chart_tables.map_table(points),),
        "purity": (chart_tables.cluster_table(evaluations),),
        "roc": (chart_tables.roc_table(evaluations),),
        "margin_heatmap": (group_tables.margin_table(evaluations, drawn),),
        "cohens_d": (chart_tables.effect_table(evaluations),),
        "training_curves": (chart_tables.history_table(result),),
        "false_positives_by_pair_type": (group_tables.false_positive_table(evaluations, drawn),),
    }
    figures = comparison_figures(result, drawn)
    return _charts("across", figures, chart_data.COMPARISON_TEXTS, tables, {"roc": "tall"})


def _charts(
    prefix: str,
    figures: Mapping[str, go.Figure],
    texts: Mapping[str, ChartText],
    tables: Mapping[str, tuple[Table, ...]],
    shapes: Mapping[str, str],
) -> dict[str, Chart]:
    return {
        stem: Chart(
            id=f"{prefix}-{stem}".replace("_", "-"),
            title=texts[stem].title,
            reading=texts[stem].reading,
            height=figure.layout.height,
            shape=shapes.get(stem, _SHAPES.get(stem, "")),
            figure=figure_json(figure),
            tables=tables[stem],
        )
        for stem, figure in figures.items()
    }

"""The two HTML reports: results in, one self-contained page out. Nothing is computed here, nothing is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..charts.expected_cost import ExpectedCost
from ..charts.maps import LabelMap, LabelMaps
from ..charts.palette import plotly_theme
from ..charts.slopes import SplitSlopes
from ..charts.training_curves import TrainingCurves
from ..core import formatting as formats
from ..evaluation.metric_registry import metrics_of
from ..models import Split
from ..tables import groups as group_tables
from ..tables import provenance as provenance_tables
from ..tables.audit import audit_tables
from ..tables.clustered import clustered_table
from ..tables.decision import decision_table
from ..tables.exploratory import exploratory_tables
from ..tables.grades import class_table
from ..tables.guards import guard_table
from ..tables.learnability import learnability_table
from ..tables.scores import difference_table, names_note, score_table
from ..tables.seeds import seeds_note, seeds_tables
from ..tables.selection import judged_models, judged_names, model_label, trainings
from ..tables.shallow_baselines import auc_table
from ..tables.shown_pairs import shown_pairs
from ..tables.space import geometry_table, separation_table
from ..tables.targets import target_table
from ..tables.thresholds import cost_table, oracle_table, threshold_table
from ..visualizations import baseline_charts, comparison_charts
from ..wording.cost_threshold import operating_fitted_on
from .badges import baseline_badges, comparison_badges
from .page_data import figure_json, pair_json, threshold_json
from .page_shell import OnSplit, Page, PageChart, Panel, Section, render
from .page_top import decision_card, examples, steps
from .pair_list import pair_section
from .splits import elsewhere, shown_splits, split_choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from ..charts.chart import Chart
    from ..evaluation.metric_registry import Metric
    from ..models import ComparisonResult, DataFile, Estimate, Evaluation, ModelSummary, PairSet, Words
    from ..tables.shown_pairs import ShownPairs
    from ..tables.table import Table
    from ..views.on_splits import SplitView
    from .names import RunNames

_THRESHOLD_NOTE = (
    "A pair is called {positive} when its cosine is at least the threshold. At first each model has the threshold that "
    "was fitted on {fitted_on}. Every count is exact, on all eval pairs."
)


def baseline_page(
    evaluation: Evaluation,
    pairs: PairSet,
    scores: NDArray[np.float64],
    *,
    names: RunNames,
    seed: int,
    redact: bool = False,
    views: Sequence[SplitView] = (),
) -> str:
    """The report on the base model before any training.

    Args:
        evaluation: Result of the base model.
        pairs: The eval pairs that it was made from.
        scores: (N,) cosines of these pairs.
        names: Of the run, its base model and its data.
        seed: Of the run, which the maps were made with.
        redact: Whether the texts of the pairs are left out.
        views: The model on each split.

    Returns:
        HTML.

    Raises:
        ArtifactError: The evaluation was made from other pairs.
        ValueError: There are not as many scores as pairs.
    """
    shown = shown_pairs([evaluation], pairs)
    by_model = {evaluation.model: scores}
    thresholds = threshold_json([evaluation], by_model, pairs.labels)
    others = shown_splits(views, seed)
    charts = baseline_charts(evaluation, shown, 0, views)
    maps = [chart for chart in charts if chart.name == LabelMap.name]
    return render(
        Page(
            kind="base model",
            heading=names.heading,
            about=names.about(evaluation.provenance.created_at),
            card=None,
            steps=(),
            examples=None,
            statement=_baseline_statement(evaluation),
            findings=(),
            line="",
            badges=baseline_badges(evaluation),
            facts=_facts(evaluation),
            sections=(
                Section(
                    "scores",
                    "Scores",
                    tables=(
                        _scores(score_table([evaluation]), [evaluation]),
                        *_class_tables([evaluation]),
                        *_learnability(evaluation),
                    ),
                ),
                *_threshold_sections([evaluation]),
                Section(
                    "charts",
                    "Charts",
                    note=group_tables.left_out(pairs.words),
                    panels=_baseline_panels(evaluation, [chart for chart in charts if chart not in maps]),
                ),
                Section("space", "The space", tables=_space_tables([evaluation])),
                _workbench(
                    pair_section([evaluation], shown, redact=redact, others=others, seed=seed),
                    _page_charts("baseline", maps, pairs.words),
                ),
                _provenance([evaluation]),
            ),
            pairs=pair_json(shown, [evaluation], by_model, redact=redact),
            thresholds=thresholds,
            splits=split_choices(views),
            elsewhere=elsewhere(views, others, redact=redact),
            seed=seed,
            words=pairs.words,
            metrics=_defined(evaluation),
        )
    )


def comparison_page(
    result: ComparisonResult,
    pairs: PairSet,
    scores: Mapping[str, NDArray[np.float64]],
    *,
    names: RunNames,
    seed: int,
    challenge: tuple[PairSet, Mapping[str, NDArray[np.float64]]] | None = None,
    redact: bool = False,
    views: Sequence[SplitView] = (),
) -> str:
    """The report on what the trainings changed.

    Args:
        result: The comparison, with any number of models.
        pairs: The eval pairs that it was made from.
        scores: Artifact name of each model to the cosines of these pairs, (N,).
        names: Of the run, its base model and its data.
        challenge: The pairs of the challenge set with their cosines by model; None where there is none.
        seed: Of the run, which the maps were made with.
        redact: Whether the texts of the pairs are left out.
        views: The models on each split.

    Returns:
        HTML.

    Raises:
        ArtifactError: A model was evaluated on other pairs.
        ValueError: There are not as many scores as pairs.
    """
    evaluations = [model.evaluation for model in result.models]
    shown = shown_pairs(evaluations, pairs)
    others = shown_splits(views, seed)
    pairs_to_look_at = examples(result, (pairs, scores), challenge, redact=redact)
    return render(
        Page(
            kind="comparison",
            heading=names.heading,
            about=names.about(result.provenance.created_at),
            card=decision_card(result),
            steps=steps(result, pairs_to_look_at),
            examples=pairs_to_look_at,
            statement=result.verdict.statement,
            findings=result.verdict.findings,
            line=result.verdict.line,
            badges=comparison_badges(result),
            facts=(("Models", formats.count(len(result.models))), *_facts(evaluations[0])),
            sections=_comparison_sections(result, evaluations, shown, views, seed=seed, redact=redact),
            pairs=pair_json(shown, evaluations, scores, redact=redact),
            thresholds=threshold_json(evaluations, scores, pairs.labels),
            splits=split_choices(views),
            elsewhere=elsewhere(views, others, redact=redact),
            seed=seed,
            words=pairs.words,
            metrics=_defined(evaluations[0]),
        )
    )


# --- sections -------------------------------------------------------------------------------------------


def _comparison_sections(
    result: ComparisonResult,
    evaluations: Sequence[Evaluation],
    shown: ShownPairs,
    views: Sequence[SplitView],
    *,
    seed: int,
    redact: bool,
) -> tuple[Section, ...]:
    charts = comparison_charts(result, shown, views)
    words = evaluations[0].eval_data.words
    training = [chart for chart in charts if chart.group == TrainingCurves.group]
    of_scores = [chart for chart in charts if chart.group == SplitSlopes.group]
    of_costs = [chart for chart in charts if chart.group == ExpectedCost.group]
    maps = [chart for chart in charts if chart.name == LabelMaps.name]
    others = [chart for chart in charts if chart not in (*training, *of_scores, *of_costs, *maps)]
    scores = (
        decision_table(result.verdict.decision),
        _scores(score_table(evaluations, result.models, result.seeds), evaluations),
        *_class_tables(evaluations),
        difference_table(result.models, result.seeds),
        *([guard_table(result.models)] if any(model.guards for model in result.models) else []),
        *([clustered_table(result.models)] if result.models[0].clustered else []),
        *seeds_tables(result),
        auc_table(result.models, result.trivial_baselines),
    )
    across = (
        group_tables.slices_by_model(evaluations),
        *([target_table(result.hypotheses)] if result.hypotheses else []),
        *_space_tables(evaluations),
    )
    panels = tuple(_model_panel(position, model, shown, views) for position, model in enumerate(result.models))
    return (
        Section(
            "scores", "Scores", note=seeds_note(result), charts=_page_charts("scores", of_scores, words), tables=scores
        ),
        *_threshold_sections(evaluations, result, _page_charts("threshold", of_costs, words)),
        Section("models", "One model at a time", note=group_tables.left_out(words), panels=panels),
        Section("across", "Across models", charts=_page_charts("across", others, words), tables=across),
        _workbench(
            pair_section(evaluations, shown, redact=redact, others=shown_splits(views, seed), seed=seed),
            _page_charts("across", maps, words),
        ),
        *_training_sections(result, _page_charts("across", training, words)),
        Section("audit", "Audit of the data", tables=audit_tables(result.audit)),
        _provenance(evaluations, result),
    )


def _workbench(pairs: Section, maps: tuple[PageChart, ...]) -> Section:
    """The list of pairs, with the maps that stand beside it."""
    return replace(pairs, charts=maps)


def _scores(table: Table, evaluations: Sequence[Evaluation]) -> Table:
    """The score table, which says too what files call its metrics."""
    return replace(table, note=f"{table.note} {names_note(evaluations)}")


def _training_sections(result: ComparisonResult, charts: tuple[PageChart, ...]) -> tuple[Section, ...]:
    """Curves and recipes; none where no model of the comparison was trained here."""
    if not trainings(result):
        return ()
    return (Section("training", "Training", charts=charts, tables=(provenance_tables.training_table(result),)),)


def _threshold_sections(
    evaluations: Sequence[Evaluation], result: ComparisonResult | None = None, charts: tuple[PageChart, ...] = ()
) -> tuple[Section, ...]:
    """The threshold and what it decides; none where there are no two labels."""
    data = evaluations[0].eval_data
    if not data.has_labels:
        return ()
    fitted_on = {one.threshold_fitted_on for one in evaluations}
    by_cost = None
    if result and result.threshold_by_cost:
        by_cost = (cost_table(result.threshold_by_cost, judged_names(result)), result.threshold_by_cost.costs)
    section = Section(
        "threshold",
        "Threshold",
        note=data.words.fill(_THRESHOLD_NOTE.replace("{fitted_on}", operating_fitted_on(fitted_on))),
        slider=threshold_table(evaluations),
        charts=charts,
        costs=by_cost,
        tables=(oracle_table(evaluations),),
    )
    return (section,)


def _class_tables(evaluations: Sequence[Evaluation]) -> tuple[Table, ...]:
    return (class_table(evaluations),) if evaluations[0].class_pairs else ()


def _defined(evaluation: Evaluation) -> tuple[Metric, ...]:
    """The metrics that the page defines."""
    data = evaluation.eval_data
    return metrics_of(graded=data.scale is not None, labelled=data.has_labels)


def _model_panel(position: int, model: ModelSummary, shown: ShownPairs, views: Sequence[SplitView]) -> Panel:
    evaluation = model.evaluation
    words = evaluation.eval_data.words
    return Panel(
        id=f"model-{position}",
        title=model_label(evaluation),
        charts=_page_charts(f"model-{position}", baseline_charts(evaluation, shown, position, views), words),
        tables=(*_slice_tables(evaluation), *exploratory_tables(model)),
    )


def _baseline_panels(evaluation: Evaluation, charts: Sequence[Chart]) -> tuple[Panel, ...]:
    words = evaluation.eval_data.words
    groups = list(dict.fromkeys(chart.group for chart in charts))
    return tuple(
        Panel(
            id=f"charts-{number}",
            title=group,
            charts=_page_charts("baseline", [chart for chart in charts if chart.group == group], words),
            tables=_slice_tables(evaluation) if group == groups[-1] else (),
        )
        for number, group in enumerate(groups)
    )


def _learnability(evaluation: Evaluation) -> tuple[Table, ...]:
    return (
        ()
        if evaluation.learnability is None
        else (learnability_table(evaluation.learnability, evaluation.eval_data.words),)
    )


def _space_tables(evaluations: Sequence[Evaluation]) -> tuple[Table, ...]:
    labelled = evaluations[0].eval_data.has_labels
    return (*([separation_table(evaluations)] if labelled else []), geometry_table(evaluations))


def _slice_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    captions = {
        "Slices of the eval pairs": evaluation.slices,
        "Challenge set by subcategory": evaluation.challenge_groups,
    }
    return tuple(
        group_tables.slice_table(caption, groups, evaluation.eval_data.words)
        for caption, groups in captions.items()
        if groups
    )


def _facts(evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    train, held_out, challenge = evaluation.train_data, evaluation.eval_data, evaluation.challenge_data
    return (
        ("Eval pairs", _size(held_out)),
        ("Train pairs", _size(train)),
        *_scale_fact(held_out),
        ("Challenge pairs", formats.count(challenge.n) if challenge else "none: no challenge set was given"),
    )


def _size(data: DataFile) -> str:
    n = formats.count(data.n)
    return f"{n}, {formats.count(data.n_compatible)} {data.words.positive}" if data.has_labels else n


def _scale_fact(data: DataFile) -> tuple[tuple[str, str], ...]:
    """What the grades are, and from which one on a pair is positive."""
    if data.scale is None:
        return ()
    scale = data.scale
    classes = ", ".join(f"{name} {grade:g}" for name, grade in scale.classes.items())
    cut = f"{data.words.positive} from {scale.cut:g} on"
    cut = cut if scale.has_cut else f"on maps, {cut}, the middle of the scale"
    return (("Grades", f"{classes or f'{scale.low:g} to {scale.high:g}'}; {cut}"),)


def _graded_statement(evaluation: Evaluation) -> str:
    rank, line = evaluation.estimate("spearman_correlation"), evaluation.estimate("pearson_correlation")
    limits = [f" (95 % interval {text})" if text else "" for text in map(_limits, (rank, line))]
    return (
        f"Before any training, the cosine orders the pairs as their grades do with a Spearman of "
        f"{formats.number(rank.value)}{limits[0]}, where 0 is guessing and "
        f"{formats.number(evaluation.spearman_ceiling)} is the most that these grades allow, and follows them in a "
        f"line with a Pearson of {formats.number(line.value)}{limits[1]}."
    )


def _baseline_statement(evaluation: Evaluation) -> str:
    if evaluation.eval_data.scale is not None:
        return _graded_statement(evaluation)
    words = evaluation.eval_data.words
    margin, area = (evaluation.estimate(name) for name in ("compatibility_margin", "auc_roc"))
    limits = [f" (95 % interval {text})" if text else "" for text in map(_limits, (margin, area))]
    return (
        f"Before any training, {words.positive} pairs have a mean cosine of "
        f"{formats.number(evaluation.compatible_mean_cosine)} and {words.negative} pairs of "
        f"{formats.number(evaluation.incompatible_mean_cosine)}: a margin of {formats.signed(margin.value)}{limits[0]} "
        f"and an AUC-ROC of {formats.number(area.value)}{limits[1]}, where 0.5 is guessing."
    )


def _limits(found: Estimate) -> str:
    return formats.interval(found.low, found.high)


def _provenance(evaluations: Sequence[Evaluation], result: ComparisonResult | None = None) -> Section:
    first = evaluations[0]
    data = [(split.value, file) for split, file in first.data_files.items()]
    runs = [(f"Evaluation of {model_label(one)}", one.provenance) for one in evaluations]
    trained = [] if result is None else trainings(result)
    chosen_on = (info.choice.file for _, _, info in trained if info.choice is not None)
    data.append((Split.VALIDATION.value, next(filter(None, chosen_on), None)))
    data += [("guard", file) for file in (result.guard_data if result else ())]
    tables = [provenance_tables.data_table(data), provenance_tables.weights_table(first.base_sha256, result)]
    tables += provenance_tables.prompt_tables(evaluations)
    if result is not None:
        judged = judged_models(result)
        tables += [
            *([provenance_tables.judged_table(judged)] if judged else []),
            *([provenance_tables.recipe_table(trained)] if trained else []),
        ]
        runs += [(f"Training of {model_label(one.evaluation)}", info.provenance) for _, one, info in trained]
        runs.append(("This comparison", result.provenance))
    tables += [provenance_tables.runs_table(runs), provenance_tables.packages_table(runs)]
    return Section("provenance", "Provenance", tables=tuple(tables))


# --- charts ---------------------------------------------------------------------------------------------


def _page_charts(prefix: str, charts: Iterable[Chart], words: Words) -> tuple[PageChart, ...]:
    return tuple(_page_chart(prefix, chart, words) for chart in charts)


def _page_chart(prefix: str, chart: Chart, words: Words) -> PageChart:
    figure = _figure(chart)
    return PageChart(
        id=f"{prefix}-{chart.name}".replace("_", "-"),
        name=chart.name,
        title=words.fill(chart.title),
        reading=words.fill(chart.reading),
        height=figure.layout.height,
        shape=chart.shape,
        figure=figure_json(figure),
        tables=chart.tables(),
        elsewhere=tuple(
            OnSplit(split, figure_json(_figure(other)), other.tables()) for split, other in chart.on_splits().items()
        ),
    )


def _figure(chart: Chart) -> go.Figure:
    figure = chart.figure()
    figure.layout.template = plotly_theme()
    return figure

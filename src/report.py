"""The two HTML reports: results in, one self-contained page out. Nothing is computed here, nothing is written.

A page makes no request: styles, scripts and data are inside, and its security policy allows only the two scripts
that it came with. Jinja escapes every value; figures travel as JSON and are drawn when their tab is first shown.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from src import chart_data, formats, report_tables
from src.visualizations import baseline_figures, comparison_figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import plotly.graph_objects as go

    from src.chart_data import ChartText
    from src.models import ComparisonResult, Estimate, Evaluation, ModelSummary, PairSet, VerdictFinding
    from src.report_tables import Table

WIDE_CHARTS = frozenset({"umap", "umap_by_category", "margins_by_category", "margin_heatmap", "training_curves"})


@dataclass(frozen=True)
class Chart:
    """One chart with its words and its table; `figure` is JSON."""

    id: str
    title: str
    reading: str
    height: int
    wide: bool
    figure: Markup
    table: Table


@dataclass(frozen=True)
class Panel:
    """What one tab shows."""

    id: str
    title: str
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Section:
    """One part of a page."""

    id: str
    title: str
    note: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    panels: tuple[Panel, ...] = ()


@dataclass(frozen=True)
class Page:
    """Everything that the page shell shows; `strings` is JSON that the figures point into."""

    title: str
    status: str
    statement: str
    findings: tuple[VerdictFinding, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    strings: Markup


def baseline_page(evaluation: Evaluation, pairs: PairSet) -> str:
    """The report on the base model before any training.

    Args:
        evaluation: Result of the base model.
        pairs: The eval pairs that it was made from; their texts are shown on the maps.

    Returns:
        HTML.

    Raises:
        ArtifactError: The evaluation was made from other pairs.
    """
    strings = _Strings()
    charts = _model_charts(evaluation, pairs, "baseline", 0, strings)
    return _render(
        Page(
            title="The space before training",
            status="",
            statement=_baseline_statement(evaluation),
            findings=(),
            facts=_facts(evaluation),
            sections=(
                Section("scores", "Scores", tables=_score_tables([evaluation])),
                Section("charts", "Charts", panels=_baseline_panels(evaluation, charts)),
                _provenance([evaluation]),
            ),
            strings=strings.json(),
        )
    )


def comparison_page(result: ComparisonResult, pairs: PairSet) -> str:
    """The report on what the trainings changed.

    Args:
        result: The comparison, with any number of models.
        pairs: The eval pairs that it was made from; their texts are shown on the maps.

    Returns:
        HTML.

    Raises:
        ArtifactError: A model was evaluated on other pairs.
    """
    strings = _Strings()
    baseline = result.models[0].evaluation
    return _render(
        Page(
            title="What the fine-tune did",
            status=result.verdict.status.value,
            statement=result.verdict.statement,
            findings=result.verdict.findings,
            facts=(("Models", formats.count(len(result.models))), *_facts(baseline)),
            sections=_comparison_sections(result, pairs, strings),
            strings=strings.json(),
        )
    )


# --- sections -------------------------------------------------------------------------------------------


def _comparison_sections(result: ComparisonResult, pairs: PairSet, strings: _Strings) -> tuple[Section, ...]:
    evaluations = [model.evaluation for model in result.models]
    differences = [difference for model in result.models for difference in model.differences]
    charts = _comparison_charts(result, pairs, strings)
    curves = charts.pop("training_curves")
    scores = report_tables.score_table(evaluations, differences, result.trivial_baselines)
    hypotheses = report_tables.hypothesis_table(result.hypotheses)
    across = (
        report_tables.threshold_table(evaluations),
        report_tables.separation_table(evaluations),
        report_tables.geometry_table(evaluations),
    )
    panels = tuple(_model_panel(position, model, pairs, strings) for position, model in enumerate(result.models))
    return (
        Section("scores", "Scores", tables=(scores,)),
        Section("models", "One model at a time", panels=panels),
        Section("across", "Across models", charts=tuple(charts.values()), tables=across),
        Section("training", "Training", charts=(curves,), tables=(report_tables.training_table(result),)),
        Section("hypotheses", "Hypotheses", tables=(hypotheses,)),
        _provenance(evaluations, result),
    )


def _model_panel(position: int, model: ModelSummary, pairs: PairSet, strings: _Strings) -> Panel:
    evaluation = model.evaluation
    charts = _model_charts(evaluation, pairs, f"model-{position}", position, strings)
    return Panel(
        id=f"model-{position}",
        title=chart_data.model_label(evaluation),
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


def _score_tables(evaluations: Sequence[Evaluation]) -> tuple[Table, ...]:
    return (
        report_tables.score_table(evaluations),
        report_tables.threshold_table(evaluations),
        report_tables.separation_table(evaluations),
        report_tables.geometry_table(evaluations),
    )


def _slice_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    captions = {
        "Slices of the eval pairs": evaluation.slices,
        "Groups of the challenge set": evaluation.challenge_groups,
    }
    return tuple(report_tables.group_table(caption, groups) for caption, groups in captions.items() if groups)


def _facts(evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    train, held_out, challenge = evaluation.train_data, evaluation.eval_data, evaluation.challenge_data
    return (
        ("Eval pairs", f"{formats.count(held_out.n)}, {formats.count(held_out.n_compatible)} compatible"),
        ("Train pairs", f"{formats.count(train.n)}, {formats.count(train.n_compatible)} compatible"),
        ("Challenge pairs", formats.count(challenge.n) if challenge else "none: no challenge set was given"),
    )


def _baseline_statement(evaluation: Evaluation) -> str:
    margin, area = (chart_data.estimate(evaluation, name) for name in ("compatibility_margin", "auc_roc"))
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
    runs = [(f"Evaluation of {chart_data.model_label(one)}", one.provenance) for one in evaluations]
    tables = [report_tables.data_table(data), report_tables.weights_table(first.base_sha256, result)]
    if result is not None:
        trained = chart_data.trainings(result)
        tables.append(report_tables.recipe_table(trained))
        runs += [(f"Training of {chart_data.model_label(one.evaluation)}", info.provenance) for _, one, info in trained]
        runs.append(("This comparison", result.provenance))
    tables += [report_tables.runs_table(runs), report_tables.packages_table(runs)]
    return Section("provenance", "Provenance", tables=tuple(tables))


# --- charts ---------------------------------------------------------------------------------------------


def _model_charts(
    evaluation: Evaluation, pairs: PairSet, prefix: str, position: int, strings: _Strings
) -> dict[str, Chart]:
    points = [chart_data.map_points(evaluation, pairs)]
    tables = {
        "cosine_distributions": report_tables.distribution_table([evaluation]),
        "umap_by_label": report_tables.map_table(points, "label"),
        "umap_by_category": report_tables.map_table(points, "category"),
        "clusters": report_tables.map_table(points, "cluster"),
        "roc": report_tables.roc_table([evaluation]),
        "margins_by_category": report_tables.group_table("By category", evaluation.by_category),
        "margins_by_pair_type": report_tables.group_table("By pair type", evaluation.by_pair_type),
        "false_positives_by_pair_type": report_tables.false_positive_table([evaluation]),
    }
    figures = baseline_figures(evaluation, pairs, position)
    return _charts(prefix, figures, chart_data.BASELINE_TEXTS, tables, strings)


def _comparison_charts(result: ComparisonResult, pairs: PairSet, strings: _Strings) -> dict[str, Chart]:
    evaluations = [model.evaluation for model in result.models]
    points = [chart_data.map_points(evaluation, pairs) for evaluation in evaluations]
    tables = {
        "cosine_distributions": report_tables.distribution_table(evaluations),
        "umap": report_tables.map_table(points),
        "purity": report_tables.cluster_table(evaluations),
        "roc": report_tables.roc_table(evaluations),
        "margin_heatmap": report_tables.margin_table(evaluations),
        "cohens_d": report_tables.effect_table(evaluations),
        "training_curves": report_tables.history_table(result),
        "false_positives_by_pair_type": report_tables.false_positive_table(evaluations),
    }
    figures = comparison_figures(result, pairs)
    return _charts("across", figures, chart_data.COMPARISON_TEXTS, tables, strings)


def _charts(
    prefix: str,
    figures: Mapping[str, go.Figure],
    texts: Mapping[str, ChartText],
    tables: Mapping[str, Table],
    strings: _Strings,
) -> dict[str, Chart]:
    return {
        stem: Chart(
            id=f"{prefix}-{stem}".replace("_", "-"),
            title=texts[stem].title,
            reading=texts[stem].reading,
            height=figure.layout.height,
            wide=stem in WIDE_CHARTS,
            figure=strings.figure(figure),
            table=tables[stem],
        )
        for stem, figure in figures.items()
    }


class _Strings:
    """The hover texts of a page, each stored once: the same pair lies on many maps."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def figure(self, figure: go.Figure) -> Markup:
        """A figure as JSON whose hover texts are numbers of strings."""
        drawing = json.loads(figure.to_json())
        for trace in drawing["data"]:
            if isinstance(trace.get("hovertext"), list):
                trace["hovertext"] = [self._places.setdefault(text, len(self._places)) for text in trace["hovertext"]]
        return _script_json(drawing)

    def json(self) -> Markup:
        """The strings in the order of their numbers."""
        return _script_json(list(self._places))


def _script_json(value: object) -> Markup:
    """JSON that cannot end the script element it stands in, because it has no `<`."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - what makes it safe is the line above


# --- page -----------------------------------------------------------------------------------------------


def _render(page: Page) -> str:
    scripts = [get_plotlyjs(), _asset("report.js")]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            page=page,
            style=Markup(_asset("report.css")),  # noqa: S704 - a file of the project
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - the same, and the installed plotly
            policy=_policy(scripts),
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("src"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _asset(name: str) -> str:
    return (files("src") / "templates" / name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str]) -> str:
    """A security policy under which these scripts run and nothing else, and no request is made.

    plotly adds style rules while it draws, and saves pictures through `blob:` and `data:`.
    """
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    sources = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {sources}; style-src 'unsafe-inline'; img-src data: blob:; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )

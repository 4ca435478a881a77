"""The short edition of the comparison: two pages for print and mail, one small HTML file without any script."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import Markup

from ..charts.distributions import CosineDistributions
from ..charts.grades import CosineByGrade
from ..charts.palette import matplotlib_theme
from ..charts.png import titled_print_figure
from ..charts.roc import RocCurves
from ..evaluation.metric_registry import metric_label
from ..tables.decision import decision_table
from ..tables.scores import score_table
from ..tables.selection import population
from ..wording.intervals import IN_BRACKETS
from .page_shell import asset, environment
from .page_top import decision_card, examples, steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ..charts.chart import Chart
    from ..models import ComparisonResult, Evaluation, PairSet, Words
    from ..tables.table import Table
    from .names import RunNames

    Scored = tuple[PairSet, Mapping[str, NDArray[np.float64]]]

_DPI = 110
_LEFT_OUT = ("average_precision", "cluster_purity", "false_positive_rate_at_95_recall", "f1", "eta_squared")


def short_page(
    result: ComparisonResult, test: Scored, challenge: Scored | None, *, names: RunNames, redact: bool = False
) -> str:
    """The decision, the steps, the scores, two charts and six pairs.

    Args:
        result: The comparison.
        test: The eval pairs with their cosines by model.
        challenge: The same of the challenge set; None where there is none.
        names: Of the run, its base model and its data.
        redact: Whether the texts of the pairs are left out.

    Returns:
        HTML.
    """
    evaluations = [model.evaluation for model in result.models]
    words = result.eval_data.words
    pairs_to_look_at = examples(result, test, challenge, redact=redact)
    return (
        environment()
        .get_template("short.html.j2")
        .render(
            heading=names.heading,
            about=names.about(result.provenance.created_at),
            card=decision_card(result),
            steps=steps(result, pairs_to_look_at),
            tables=(decision_table(result.verdict.decision), _scores(evaluations)),
            pictures=[
                (words.fill(chart.title), _picture(chart, population(evaluations[0]), words))
                for chart in _charts(evaluations)
            ],
            examples=pairs_to_look_at,
            line=result.verdict.line,
            style=Markup(asset("report.css") + asset("short.css")),  # noqa: S704 - files of the project
        )
    )


def _scores(evaluations: Sequence[Evaluation]) -> Table:
    """The score table without the metrics that need a note."""
    whole = score_table(evaluations)
    kept = [place for place, name in enumerate(whole.columns) if name not in map(metric_label, _LEFT_OUT)]
    return replace(
        whole,
        columns=tuple(whole.columns[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in whole.rows),
        note=IN_BRACKETS,
    )


def _charts(evaluations: Sequence[Evaluation]) -> tuple[Chart, ...]:
    data = evaluations[0].eval_data
    if data.scale is not None:
        return (CosineByGrade(evaluations),)
    return RocCurves(evaluations), CosineDistributions(evaluations)


def _picture(chart: Chart, population: str, words: Words) -> str:
    """A chart as the address of a picture that holds it."""
    with matplotlib_theme():
        figure = titled_print_figure(chart, population, words)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"

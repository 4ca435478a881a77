"""One number has one interval, wherever a report shows it: the same metric of the same model on the same pairs."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.core.formatting import count
from src.evaluation.estimates import differences, estimates, scored
from src.evaluation.groups import group_metrics, metrics_by_group
from src.evaluation.metric_registry import METRICS
from src.evaluation.variance import Sample
from src.report import pages
from src.tables.selection import model_name
from src.tables.shown_pairs import shown_pairs
from src.visualizations import baseline_charts, comparison_charts
from tests.support.factories import make_comparison, make_cosines, make_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from src.models import ComparisonResult
    from src.tables.table import Cell, Table

    Key = tuple[str, str, str, str]  # model, metric, pairs, number

LABELS = {metric.label for metric in METRICS}
INTERVAL = re.compile(r"\[[^\]]*\]")
# a column of the data, or several seeds, gives a number a second interval, which its heading says
OTHERS = ("Second intervals", "seeds", "What the decision")


def cells(table: Table) -> Iterator[tuple[str, str, Cell]]:
    """Each cell with what names its row and its column."""
    for row in table.rows:
        for name, cell in zip(table.columns[1:], row[1:], strict=True):
            yield row[0].text, name, cell


def shown_numbers(result: ComparisonResult, groups: Sequence[tuple[str, Table]]) -> dict[Key, list[str]]:
    """The intervals of each number that tables and chart tables show.

    Args:
        result: A comparison.
        groups: Tables, each with the model that it is about, or with an empty name.
    """
    models = {model_name(model.name) for model in result.models}
    found: dict[Key, list[str]] = defaultdict(list)
    for owner, table in groups:
        if any(part in table.caption for part in OTHERS):
            continue
        sizes = {
            row[0].text: cell.text
            for row in table.rows
            for cell, name in zip(row, table.columns, strict=True)
            if name == "N"
        }
        for row, column, cell in cells(table):
            names = (row, column, table.caption, owner)
            model = next((name for name in names if name in models), "")
            metric = next((label for name in names for label in LABELS if name == label or name.startswith(label)), "")
            n = "challenge" if "hallenge" in f"{row} {column}" else sizes.get(row, count(result.eval_data.n))
            kind = "change " if cell.text[:1] in "+-" and "ifference" in table.caption else ""
            limits = INTERVAL.search(cell.note)
            if model and metric and limits:
                found[model, kind + metric, n, f"{float(cell.text):.3f}"].append(limits[0])
    return found


def measured() -> ComparisonResult:
    """A comparison whose scores, groups and differences are computed, not made up."""
    pairs = make_pairs()
    sample, made = Sample.of(pairs), make_comparison(("baseline", "finetuned", "lora"))
    rows = {"all": np.arange(120), "no text shared with train": np.arange(80), "challenge": np.arange(60)}
    of = {model.name: scored(make_cosines(pairs, model.name), sample, 0.5) for model in made.models}
    models = []
    for model in made.models:
        scores = of[model.name].scores
        changed = {
            "estimates": estimates(of[model.name]),
            "slices": tuple(group_metrics(name, scores[kept], sample[kept], 0.5) for name, kept in rows.items()),
            "by_category": metrics_by_group(pairs.category, scores, sample, 0.5),
        }
        found = {"evaluation": model.evaluation.model_copy(update=changed), "clustered": None}
        if model.differences:
            found["differences"] = differences(of[model.name], of["baseline"], model.name, "baseline")
        models.append(model.model_copy(update=found))
    return made.model_copy(update={"models": tuple(models)})


def tables_of(result: ComparisonResult) -> list[tuple[str, Table]]:
    """Every table of the comparison page, those below its charts too, each with the model of its tab."""
    evaluations = [model.evaluation for model in result.models]
    shown = shown_pairs(evaluations, make_pairs())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "_page_charts", lambda *_: ())  # figures take most of the time
        sections = pages._comparison_sections(result, evaluations, shown, (), seed=42, redact=True)
    found = [("", table) for section in sections for table in section.tables]
    found += [("", table) for chart in comparison_charts(result, shown) for table in chart.tables()]
    found += [(panel.title, table) for section in sections for panel in section.panels for table in panel.tables]
    for place, evaluation in enumerate(evaluations):
        charts = baseline_charts(evaluation, shown, place)
        found += [(model_name(evaluation.model), table) for chart in charts for table in chart.tables()]
    return found


def test_a_number_has_the_same_interval_in_every_table() -> None:
    result = measured()
    shown = shown_numbers(result, tables_of(result))

    assert {key: limits for key, limits in shown.items() if len(set(limits)) > 1} == {}
    for model in result.models:
        auc = f"{model.evaluation.auc_roc:.3f}"
        assert len(shown[model_name(model.name), "AUC-ROC", "120", auc]) >= 4


def test_two_intervals_of_one_number_are_noticed() -> None:
    result = measured()
    base = result.models[0].evaluation
    group = base.slices[0].model_copy(update={"auc_low": 0.001})
    changed = base.model_copy(update={"slices": (group, *base.slices[1:])})
    models = (result.models[0].model_copy(update={"evaluation": changed}), *result.models[1:])
    shown = shown_numbers(result, tables_of(result.model_copy(update={"models": models})))

    assert [key[:3] for key, limits in shown.items() if len(set(limits)) > 1] == [("baseline", "AUC-ROC", "120")]

from __future__ import annotations

import pytest

from src.charts.expected_cost import ExpectedCost
from src.views.expected_cost import cost_curves
from tests.support.chart_figures import printed, traces, words
from tests.support.factories import make_comparison, make_cosines, make_pairs


@pytest.fixture(scope="module")
def chart() -> ExpectedCost:
    result, pairs = make_comparison(), make_pairs()
    scores = {model.name: make_cosines(pairs, model.name) for model in result.models}
    return ExpectedCost(result.threshold_by_cost, cost_curves(result.threshold_by_cost, scores, pairs.labels))


def test_each_model_has_a_curve_and_a_mark_at_the_threshold_that_the_costs_ask_for(chart: ExpectedCost) -> None:
    figure = chart.figure()
    [line] = traces(figure, meta={"cost": 1})
    [mark] = traces(figure, meta={"chosen": 1})

    assert list(line.y) == pytest.approx(chart.curves[1].cost.tolist(), abs=1e-4)
    assert (list(mark.x), list(mark.y)) == ([chart.found.models[1].threshold], [chart.found.models[1].cost])


def test_both_rules_without_a_model_are_lines(chart: ExpectedCost) -> None:
    rules = {trace.meta["rule"]: trace.y[0] for trace in chart.figure().data if "rule" in trace.meta}

    assert rules == pytest.approx({"accept all": chart.found.accept_all, "reject all": chart.found.reject_all})


def test_it_is_printed_with_models_and_rules(chart: ExpectedCost) -> None:
    assert all(name in words(printed(chart)) for name in ("standard", "accept all", "reject all"))

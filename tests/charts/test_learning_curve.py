from __future__ import annotations

import pytest

from src.charts.learning_curve import CurveChart
from tests.support.chart_figures import printed, traces, words
from tests.support.learning_curve import drawn_curve


def test_each_split_has_its_points_its_curve_and_its_band() -> None:
    found = drawn_curve()
    figure = CurveChart(found).figure()
    bands, means = traces(figure, fill="toself"), [trace for trace in figure.data if trace.error_y.array]

    assert len(bands) == len(means) == 2
    assert list(means[0].x) == [120, 300, 600, 1200]
    assert list(means[0].y) == pytest.approx([point.over_seeds.mean for point in found.curves[0].points], abs=1e-3)
    assert max(bands[0].x) == 4800


def test_the_print_figure_shows_the_same() -> None:
    found = drawn_curve()
    figure = printed(CurveChart(found))

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Test", "Challenge set"]
    [band] = figure.axes[0].collections
    assert found.curves[0].fit.line[0].low in band.get_paths()[0].vertices[:, 1]
    assert "4,800" in words(figure)


def test_points_without_a_curve_are_drawn_alone() -> None:
    found = drawn_curve()
    without = found.model_copy(
        update={"curves": tuple(one.model_copy(update={"fit": None, "reason": "too few"}) for one in found.curves)}
    )

    assert traces(CurveChart(without).figure(), fill="toself") == []
    assert [len(axes.collections) for axes in printed(CurveChart(without)).axes] == [0, 0]

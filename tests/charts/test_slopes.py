from __future__ import annotations

import pytest

from src.charts.palette import model_style
from src.charts.slopes import SplitSlopes
from tests.support.chart_figures import four_models, notes, printed, words
from tests.support.report_pages import made_views


@pytest.fixture(scope="module")
def chart() -> SplitSlopes:
    return SplitSlopes(made_views(four_models()))


def test_each_model_is_a_line_from_train_over_test_to_challenge(chart: SplitSlopes) -> None:
    lines = chart.figure().data
    wanted = [[view.evaluations[i].ranking.value for view in chart.views] for i in range(4)]

    assert [list(line.y) for line in lines] == [pytest.approx(values, abs=1e-4) for values in wanted]
    assert [line.line.color for line in lines] == [model_style(i).colour for i in range(4)]
    assert list(chart.figure().layout.xaxis.ticktext) == ["Train<br>(n=500)", "Test<br>(n=120)", "Challenge<br>(n=50)"]


def test_intervals_and_the_line_of_guessing_are_drawn(chart: SplitSlopes) -> None:
    figure = chart.figure()
    found = chart.views[0].evaluations[0].ranking

    assert figure.data[0].error_y.array[0] == pytest.approx(found.high - found.value, abs=1e-4)
    assert [shape.y0 for shape in figure.layout.shapes] == [0.5]
    assert notes(figure) == []


def test_two_models_on_one_split_stand_beside_each_other(chart: SplitSlopes) -> None:
    assert len({line.x[0] for line in chart.figure().data}) == 4


def test_it_is_printed_with_every_model_and_split(chart: SplitSlopes) -> None:
    found = words(printed(chart))

    assert all(name in found for name in ("baseline", "lora-tuned", "Train (n=500)", "guessing"))


def test_the_table_has_the_same_numbers(chart: SplitSlopes) -> None:
    [table] = chart.tables()
    found = chart.views[2].evaluations[3].ranking

    assert table.columns == ("Model", "Train (n=500)", "Test (n=120)", "Challenge (n=50)")
    assert table.rows[3][3].text == f"{found.value:.3f}"
    assert table.rows[3][3].note == f"[{found.low:.3f}, {found.high:.3f}]"

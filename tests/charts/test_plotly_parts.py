from __future__ import annotations

from src.charts import plotly_parts as figure_parts
from tests.support.factories import make_evaluation


def test_places_run_row_by_row_from_one() -> None:
    assert figure_parts.grid_places(3, 2) == [{"row": 1, "col": 1}, {"row": 1, "col": 2}, {"row": 2, "col": 1}]


def test_titles_and_names_are_inert_and_keep_their_lines() -> None:
    figure = figure_parts.panels(1, 1, ["<b>x</b>\nn=1"])

    assert figure.layout.annotations[0].text == "&lt;b&gt;x&lt;/b&gt;<br>n=1"
    assert figure_parts.model_name(make_evaluation("<i>")) == "&lt;i&gt;"


def test_rows_are_named_by_number_so_that_equal_names_stay_apart() -> None:
    figure = figure_parts.panels(1, 1)
    figure_parts.rows_axis(figure, ["same", "same", "7"])

    assert figure.layout.yaxis.tickvals == (0, 1, 2)
    assert figure.layout.yaxis.ticktext == ("same", "same", "7")


def test_what_is_not_there_says_why() -> None:
    figure = figure_parts.not_available("n/a: <none>")

    assert figure.layout.annotations[0].text == "n/a: &lt;none&gt;"
    assert figure.layout.height > 0


def test_numbers_are_short() -> None:
    assert figure_parts.rounded([1 / 3, 2.0]) == [0.333, 2.0]

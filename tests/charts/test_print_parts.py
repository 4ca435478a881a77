from __future__ import annotations

import pytest

from src.charts.palette import label_styles, matplotlib_theme
from src.charts.print_parts import label_handles, legend_entry, print_legend, print_not_available, print_panels
from src.models import DATING_WORDS
from tests.support.chart_figures import png, words


def test_panels_come_row_by_row() -> None:
    with matplotlib_theme():
        _, axes = print_panels(2, 3, 4)

    assert [one.get_subplotspec().num1 for one in axes] == list(range(6))


def test_what_is_not_there_says_why() -> None:
    with matplotlib_theme():
        figure = print_not_available("n/a: too few pairs")

    assert "n/a: too few pairs" in words(figure)
    assert png(figure)


def test_labels_have_their_colour_and_marker_in_a_legend() -> None:
    with matplotlib_theme():
        entries = label_handles(DATING_WORDS)

    styles = list(label_styles(DATING_WORDS).values())
    assert [entry.get_label() for entry in entries] == [style.name for style in styles]
    assert [entry.get_color() for entry in entries] == [style.colour for style in styles]
    assert [entry.get_marker() for entry in entries] == [style.marker for style in styles]


@pytest.mark.parametrize(("name", "columns"), [("short", 3), ("a name that is rather long", 2)])
def test_a_legend_stands_in_one_line_where_it_fits(name: str, columns: int) -> None:
    with matplotlib_theme():
        figure, _ = print_panels(1, 1, 3)
        print_legend(figure, [legend_entry(name) for _ in range(3)])

    [legend] = figure.legends
    assert legend._ncols == columns

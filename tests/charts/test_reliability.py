from __future__ import annotations

import pytest

from src.charts.palette import model_style
from src.charts.reliability import ReliabilityCurves
from src.views.reliability import Reliability, ReliabilityBin
from tests.support.chart_figures import notes, printed, words

BINS = (ReliabilityBin(0.2, 0.1, 0.05, 0.25, 40), ReliabilityBin(0.8, 0.9, 0.7, 0.95, 41))
HELD = Reliability(bins=BINS, brier=0.12, constant=0.25)


@pytest.fixture(scope="module")
def chart() -> ReliabilityCurves:
    return ReliabilityCurves([("finetuned", "validation pairs", HELD), ("lora", "train pairs", Reliability())], [1, 2])


def test_a_dot_is_a_bin_with_its_interval_in_the_colour_of_its_model(chart: ReliabilityCurves) -> None:
    dots = chart.figure().data[0]

    assert (list(dots.x), list(dots.y)) == ([0.2, 0.8], [0.1, 0.9])
    assert dots.error_y.array == pytest.approx((0.15, 0.05))
    assert dots.line.color == model_style(1).colour


def test_the_heading_says_where_it_was_fitted_and_how_good_it_is_and_a_model_without_says_n_a(
    chart: ReliabilityCurves,
) -> None:
    found = notes(chart.figure())

    assert "standard, fitted on validation pairs: Brier 0.120 (constant 0.250)" in found
    assert "n/a: the cosine gives no probability" in found


def test_it_is_printed_and_tabulated(chart: ReliabilityCurves) -> None:
    brier, bins = chart.tables()

    assert "fitted on validation pairs" in words(printed(chart))
    assert [cell.text for cell in brier.rows[0]] == ["standard", "validation pairs", "0.120", "0.250"]
    assert [cell.text for cell in bins.rows[0]] == ["standard", "0.200", "0.100", "[0.050, 0.250]", "40"]

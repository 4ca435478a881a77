from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src.charts.false_positives import FalsePositives, false_positive_groups
from src.charts.palette import model_style
from tests.support.chart_figures import (
    MODELS,
    all_pairs,
    all_pairs_of_four,
    four_models,
    notes,
    printed,
    without_numbers,
    words,
)
from tests.support.factories import make_evaluation
from tests.support.table_reading import column, row

if TYPE_CHECKING:
    from src.models import GroupMetrics


def incompatible() -> GroupMetrics:
    """The baseline's pair type without compatible pairs."""
    return next(group for group in four_models()[0].by_pair_type if group.name == "incompatible")


def test_each_pair_type_stands_once() -> None:
    names = [group.name for group in false_positive_groups(four_models()[:2])]

    assert sorted(set(names)) == sorted(names)


class TestFigure:
    def test_false_positives_are_counted_and_impossible_ones_are_n_a(self) -> None:
        figure = FalsePositives(four_models()[:1], all_pairs()).figure()
        group = incompatible()

        points, counts = figure.data
        place = counts.text.index(f"{group.false_positives}/{group.n}")
        assert points.x[place] == pytest.approx(group.false_positive_rate, abs=1e-4)
        assert points.error_x.array[place] == pytest.approx(
            group.false_positive_high - group.false_positive_rate, abs=1e-4
        )
        assert "n/a: no incompatible pairs" in notes(figure)

    def test_a_model_keeps_its_colour_in_its_own_tab(self) -> None:
        figure = FalsePositives([make_evaluation("lora")], all_pairs(), position=2).figure()

        assert figure.data[0].marker.color == model_style(2).colour

    def test_a_pair_type_has_a_row_and_every_model_a_marker(self) -> None:
        figure = FalsePositives(four_models(), all_pairs_of_four()).figure()

        assert [trace.name for trace in figure.data if trace.name] == MODELS
        assert len(figure.layout.yaxis.ticktext) == len(four_models()[0].by_pair_type)

    def test_without_pair_types_it_says_so(self) -> None:
        assert notes(FalsePositives([without_numbers()], all_pairs()).figure()) == ["n/a: there are no pair types"]


class TestPrintFigure:
    def test_a_pair_type_without_incompatible_pairs_is_n_a(self) -> None:
        text = words(printed(FalsePositives(four_models()[:1], all_pairs())))

        assert "n/a: no incompatible pairs" in text
        assert "compatible\n(n=0)" in text

    def test_false_positives_are_counted_at_each_point(self) -> None:
        text = words(printed(FalsePositives(four_models(), all_pairs_of_four())))

        assert f"{incompatible().false_positives}/{incompatible().n}" in text

    def test_without_pair_types_it_says_so(self) -> None:
        assert "n/a: there are no pair types" in words(printed(FalsePositives([without_numbers()], all_pairs())))


class TestTable:
    def test_it_counts_with_rates_and_intervals(self) -> None:
        group = incompatible()
        [table] = FalsePositives(four_models()[:1], all_pairs()).tables()
        cells = row(table, "incompatible")
        low, high = 100 * group.false_positive_low, 100 * group.false_positive_high

        assert cells[2].text == str(group.false_positives)
        assert cells[2].note == f"{100 * group.false_positive_rate:.1f} % [{low:.0f}, {high:.0f}] %"

    def test_a_count_leads_to_exactly_its_pairs(self) -> None:
        [alone] = FalsePositives(four_models()[:1], all_pairs()).tables()
        [compared] = FalsePositives([four_models()[0], four_models()[2]], all_pairs_of_four()).tables()
        single = column(alone, "baseline")[0]
        cells = row(compared, "dealbreaker")

        assert single.href.startswith("#pair_type=")
        assert single.href.endswith("&label=0&outcome=wrong")
        assert cells[3].href == "#pair_type=dealbreaker&label=0&outcome=wrong&model=lora"
        # the list of a comparison tells what is wrong with a trained model only
        assert cells[2].href == ""

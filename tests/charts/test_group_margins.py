from __future__ import annotations

import pytest

from src.charts.group_margins import CategoryMargins, PairTypeMargins, margin_span
from src.models import GroupMetrics
from src.tables.selection import MAX_GROUPS
from tests.support.chart_figures import (
    all_pairs,
    all_pairs_of_four,
    four_models,
    notes,
    printed,
    without_numbers,
    words,
)
from tests.support.factories import make_evaluation
from tests.support.table_reading import row, width


def place_of(name: str) -> int:
    """Where a category stands on the axis."""
    return [group.name for group in four_models()[0].by_category].index(name)


def test_limits_of_margins_hold_zero_every_interval_and_a_column_for_the_numbers() -> None:
    group = GroupMetrics(name="x", n=9, n_compatible=4, compatibility_margin=0.2, margin_low=-0.1, margin_high=0.5)
    low, high = margin_span([group])

    assert low < -0.1
    assert high > 0.8
    bare = group.model_copy(update={"compatibility_margin": None, "margin_low": None, "margin_high": None})
    assert margin_span([bare])[0] < 0 < margin_span([bare])[1]


class TestFigure:
    def test_a_missing_margin_says_n_a_and_why(self) -> None:
        margins, margin_texts, _, accuracy_texts = CategoryMargins(four_models()[0], all_pairs()).figure().data
        place = place_of("rare_topic")

        assert margin_texts.text[place].strip() == "n/a"
        assert "fewer than 5 pairs" in margins.hovertext[place]
        assert accuracy_texts.text[place].strip() != "n/a"

    def test_a_margin_has_its_interval(self) -> None:
        margins = CategoryMargins(four_models()[0], all_pairs()).figure().data[0]
        place = place_of("values")

        assert (margins.error_x.array[place], margins.error_x.arrayminus[place]) == pytest.approx((0.1, 0.1))

    def test_without_groups_it_says_so(self) -> None:
        assert notes(CategoryMargins(without_numbers(), all_pairs()).figure()) == ["n/a: there are no groups"]


class TestPrintFigure:
    def test_a_group_without_margin_is_n_a_and_no_bar(self) -> None:
        margins, accuracies = printed(CategoryMargins(four_models()[0], all_pairs())).axes

        assert len(margins.patches) == 5
        # an interval each, and the line at 0
        assert len(margins.lines) == 6
        assert len(accuracies.patches) == 6
        assert [text.get_text().strip() for text in margins.texts].count("n/a") == 1

    def test_without_groups_it_says_so(self) -> None:
        assert "n/a: there are no groups" in words(printed(CategoryMargins(without_numbers(), all_pairs())))


class TestTable:
    def test_a_group_without_margin_has_the_reason_of_its_metrics(self) -> None:
        [table] = CategoryMargins(four_models()[0], all_pairs()).tables()
        cells = row(table, "rare_topic")

        assert cells[table.columns.index("Margin")].title == "fewer than 5 pairs"
        assert {width(cells) for cells in table.rows} == {len(table.columns)}

    def test_margin_auc_and_false_positives_have_their_intervals(self) -> None:
        group = next(group for group in four_models()[0].by_pair_type if group.name == "subtle_mismatch")
        [table] = PairTypeMargins(four_models()[0], all_pairs()).tables()
        cells = row(table, "subtle_mismatch")

        assert table.caption == "By pair type"
        assert cells[table.columns.index("Margin")].note == f"[{group.margin_low:.3f}, {group.margin_high:.3f}]"
        assert cells[table.columns.index("AUC-ROC")].note == f"[{group.auc_low:.3f}, {group.auc_high:.3f}]"
        low, high = 100 * group.false_positive_low, 100 * group.false_positive_high
        assert cells[table.columns.index("FP rate")].note == f"[{low:.0f}, {high:.0f}] %"

    def test_a_row_leads_to_its_pairs_as_its_model_sees_them(self) -> None:
        [trained] = CategoryMargins(four_models()[2], all_pairs_of_four()).tables()
        [baseline] = CategoryMargins(four_models()[0], all_pairs_of_four()).tables()

        assert row(trained, "values")[0].href == "#category=values&model=lora"
        assert row(baseline, "values")[0].href == "#category=values"

    def test_of_many_groups_the_largest_are_shown_and_the_table_says_so(self) -> None:
        groups = tuple(GroupMetrics(name=f"topic {i}", n=i, n_compatible=0) for i in range(MAX_GROUPS + 5))
        [table] = CategoryMargins(make_evaluation(by_category=groups), all_pairs()).tables()

        assert [cells[0].text for cells in table.rows] == [f"topic {i}" for i in range(5, MAX_GROUPS + 5)]
        assert table.note.startswith(
            "n/a: too few pairs, or one label only. The 40 largest of 45. 51 slices can be looked at"
        )

    @pytest.mark.parametrize(
        ("n_compatible", "why"), [(10, "there are no incompatible pairs"), (5, "no operating threshold")]
    )
    def test_a_group_without_a_false_positive_rate_says_why(self, n_compatible: int, why: str) -> None:
        group = GroupMetrics(name="a", n=10, n_compatible=n_compatible, reason="no operating threshold")
        [table] = CategoryMargins(make_evaluation(by_category=(group,), by_pair_type=(group,)), all_pairs()).tables()

        assert row(table, "a")[table.columns.index("FP rate")].title == why

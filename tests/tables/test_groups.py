from __future__ import annotations

import pytest

from src.charts.false_positives import false_positive_table
from src.charts.group_margins import group_table
from src.charts.margin_heatmap import margin_table
from src.models import GroupMetrics
from src.tables import groups as group_tables
from src.tables.selection import MAX_GROUPS
from src.tables.shown_pairs import ShownPairs, shown_pairs
from tests.support.factories import make_comparison, make_evaluation, make_pairs
from tests.support.table_reading import column, row, width


@pytest.fixture(scope="module")
def alone() -> ShownPairs:
    return shown_pairs([make_evaluation()], make_pairs())


@pytest.fixture(scope="module")
def drawn() -> ShownPairs:
    return shown_pairs([model.evaluation for model in make_comparison().models], make_pairs())


class TestGroups:
    def test_a_group_without_margin_has_the_reason_of_its_metrics(self, alone: ShownPairs) -> None:
        table = group_table("By category", make_evaluation(), "by_category", alone)
        cells = row(table, "rare_topic")

        assert cells[table.columns.index("Margin")].title == "fewer than 5 pairs"
        assert {width(cells) for cells in table.rows} == {len(table.columns)}

    def test_margin_auc_and_false_positives_have_their_intervals(self, alone: ShownPairs) -> None:
        evaluation = make_evaluation()
        table = group_table("By pair type", evaluation, "by_pair_type", alone)
        group = next(g for g in evaluation.by_pair_type if g.name == "subtle_mismatch")
        cells = row(table, "subtle_mismatch")

        assert cells[table.columns.index("Margin")].note == f"[{group.margin_low:.3f}, {group.margin_high:.3f}]"
        assert cells[table.columns.index("AUC-ROC")].note == f"[{group.auc_low:.3f}, {group.auc_high:.3f}]"
        low, high = 100 * group.false_positive_low, 100 * group.false_positive_high
        assert cells[table.columns.index("FP rate")].note == f"[{low:.0f}, {high:.0f}] %"

    def test_a_row_leads_to_its_pairs_as_its_model_sees_them(self, drawn: ShownPairs) -> None:
        trained = group_table("By category", make_evaluation("lora"), "by_category", drawn)
        baseline = group_table("By category", make_evaluation(), "by_category", drawn)

        assert row(trained, "values")[0].href == "#category=values&model=lora"
        assert row(baseline, "values")[0].href == "#category=values"

    def test_of_many_groups_the_largest_are_shown_and_the_table_says_so(self, alone: ShownPairs) -> None:
        groups = tuple(GroupMetrics(name=f"topic {i}", n=i, n_compatible=0) for i in range(MAX_GROUPS + 5))
        table = group_table("By category", make_evaluation(by_category=groups), "by_category", alone)

        assert [cells[0].text for cells in table.rows] == [f"topic {i}" for i in range(5, MAX_GROUPS + 5)]
        assert table.note.endswith("The 40 largest of 45.")

    @pytest.mark.parametrize(
        ("n_compatible", "why"), [(10, "there are no incompatible pairs"), (5, "no operating threshold")]
    )
    def test_a_group_without_a_false_positive_rate_says_why(
        self, n_compatible: int, why: str, alone: ShownPairs
    ) -> None:
        group = GroupMetrics(name="a", n=10, n_compatible=n_compatible, reason="no operating threshold")
        evaluation = make_evaluation(by_category=(group,), by_pair_type=(group,))

        table = group_table("By category", evaluation, "by_category", alone)

        assert row(table, "a")[table.columns.index("FP rate")].title == why

    def test_a_slice_leads_nowhere_because_no_filter_is_a_slice(self) -> None:
        table = group_tables.slice_table("Slices", make_evaluation().slices)

        assert table.rows[0][0].text == "all"
        assert all(not cells[0].href for cells in table.rows)


def test_slices_stand_by_model_with_their_n() -> None:
    models = [make_evaluation(), make_evaluation("lora", slices=())]
    table = group_tables.slices_by_model(models)
    cells = row(table, "no text shared with train")

    assert cells[1].text == "80"
    assert cells[2].note.startswith("[")
    assert cells[3].title == "this model was not evaluated on it"


def test_margins_of_a_category_stand_side_by_side_with_n(alone: ShownPairs) -> None:
    models = [make_evaluation(), make_evaluation("lora", by_category=())]
    cells = row(margin_table(models, alone), "rare_topic")

    assert (cells[1].text, cells[1].note) == ("n/a", "n=1")
    assert cells[2].title == "this model was not evaluated on it"


class TestFalsePositives:
    def test_they_are_counts_with_rates_and_intervals(self, alone: ShownPairs) -> None:
        evaluation = make_evaluation()
        group = next(g for g in evaluation.by_pair_type if g.name == "incompatible")
        cells = row(false_positive_table([evaluation], alone), "incompatible")
        low, high = 100 * group.false_positive_low, 100 * group.false_positive_high

        assert cells[2].text == str(group.false_positives)
        assert cells[2].note == f"{100 * group.false_positive_rate:.1f} % [{low:.0f}, {high:.0f}] %"

    def test_a_count_leads_to_exactly_its_pairs(self, alone: ShownPairs, drawn: ShownPairs) -> None:
        models = [make_evaluation(), make_evaluation("lora")]
        [single] = column(false_positive_table(models[:1], alone), "Baseline")[:1]
        cells = row(false_positive_table(models, drawn), "dealbreaker")

        assert single.href.startswith("#pair_type=")
        assert single.href.endswith("&label=0&outcome=wrong")
        assert cells[3].href == "#pair_type=dealbreaker&label=0&outcome=wrong&model=lora"
        # the list of a comparison tells what is wrong with a trained model only
        assert cells[2].href == ""

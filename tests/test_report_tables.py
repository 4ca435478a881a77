from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from src import report_tables
from src.chart_data import map_points, trainings
from src.models import ClusterSummary
from tests.factories import (
    make_comparison,
    make_evaluation,
    make_pairs,
    make_provenance,
    make_trivial_baselines,
)

if TYPE_CHECKING:
    from src.report_tables import Cell, Table


def row(table: Table, name: str) -> tuple[Cell, ...]:
    return next(cells for cells in table.rows if cells[0].text == name)


def column(table: Table, name: str) -> list[Cell]:
    return [cells[table.columns.index(name)] for cells in table.rows]


def width(cells: tuple[Cell, ...]) -> int:
    return sum(cell.span for cell in cells)


class TestScores:
    def test_models_and_what_needs_none_share_one_table(self) -> None:
        result = make_comparison()
        evaluations = [model.evaluation for model in result.models]
        differences = [difference for model in result.models for difference in model.differences]
        table = report_tables.score_table(evaluations, differences, make_trivial_baselines())

        assert [cells[0].text for cells in table.rows] == [
            "Baseline", "Standard", "LoRA", "LoRA tuned", "text_2 only", "bag of words", "category only",
        ]  # fmt: skip
        assert {width(cells) for cells in table.rows} == {len(table.columns)}
        assert "percentile bootstrap, 2,000 draws of pairs" in table.note

    def test_a_score_has_its_interval_and_its_paired_difference(self) -> None:
        result = make_comparison()
        evaluation, differences = result.models[1].evaluation, result.models[1].differences
        [cell] = column(report_tables.score_table([evaluation], differences), "Margin")
        difference = next(d for d in differences if d.metric == "compatibility_margin")

        assert cell.text == f"{evaluation.compatibility_margin:.3f}"
        assert (
            cell.note == f"[{evaluation.compatibility_margin - 0.04:.3f}, {evaluation.compatibility_margin + 0.04:.3f}]"
        )
        assert cell.change == f"{difference.value:+.3f} [{difference.low:.3f}, {difference.high:.3f}] better"
        assert cell.kind == "better"

    def test_a_trivial_baseline_that_cannot_be_decided_is_n_a_with_its_reason(self) -> None:
        cells = row(report_tables.score_table([], (), make_trivial_baselines()), "category only")

        assert (cells[1].text, cells[1].title) == ("n/a", "one category only")

    def test_the_challenge_set_has_its_column(self) -> None:
        evaluation = make_evaluation()
        challenge = next(group for group in evaluation.slices if group.name == "challenge")
        [cell] = column(report_tables.score_table([evaluation]), "AUC-ROC, challenge set")

        assert cell.text == f"{challenge.auc_roc:.3f}"
        assert cell.note.endswith(f"n={challenge.n}")

    def test_without_challenge_set_the_column_says_why(self) -> None:
        [cell] = column(report_tables.score_table([make_evaluation(slices=())]), "AUC-ROC, challenge set")

        assert (cell.text, cell.title) == ("n/a", "there is no challenge set")

    def test_a_score_of_none_is_n_a(self) -> None:
        evaluation = make_evaluation(auc_roc=None, estimates=())
        [cell] = column(report_tables.score_table([evaluation]), "AUC-ROC")

        assert (cell.text, cell.kind) == ("n/a", "missing")


class TestOtherTables:
    def test_a_small_p_is_written_as_such(self) -> None:
        [cell] = column(report_tables.separation_table([make_evaluation("finetuned")]), "p")

        assert cell.text == "< 0.0001"

    def test_both_thresholds_show_their_confusion(self) -> None:
        evaluation = make_evaluation()
        table = report_tables.threshold_table([evaluation])
        point = evaluation.operating_point

        assert [cells[0].text for cells in table.rows] == ["Baseline, operating", "Baseline, optimistic"]
        assert [cell.text for cell in table.rows[0][2:6]] == [
            str(count)
            for count in (point.true_positives, point.false_positives, point.false_negatives, point.true_negatives)
        ]

    @pytest.mark.parametrize(
        ("never", "words"),
        [
            (("false_negatives", "true_negatives"), "calls every pair compatible"),
            (("true_positives", "false_positives"), "calls no pair compatible"),
        ],
    )
    def test_a_threshold_that_decides_nothing_is_named(self, never: tuple[str, str], words: str) -> None:
        point = make_evaluation().operating_point.model_copy(update=dict.fromkeys(never, 0))
        table = report_tables.threshold_table([make_evaluation(operating_point=point)])

        assert [cell.note for cell in column(table, "At")] == [words, ""]

    def test_a_precision_of_none_says_why(self) -> None:
        point = make_evaluation().operating_point.model_copy(update={"precision": None})
        [cell] = column(
            report_tables.threshold_table([make_evaluation(operating_point=point, optimistic_point=None)]), "Precision"
        )

        assert (cell.text, cell.title) == ("n/a", "nothing is called compatible")

    def test_a_group_without_margin_has_the_reason_of_its_metrics(self) -> None:
        table = report_tables.group_table("By category", make_evaluation().by_category)
        cells = row(table, "rare_topic")

        assert cells[table.columns.index("Margin")].title == "fewer than 5 pairs"
        assert {width(cells) for cells in table.rows} == {len(table.columns)}

    def test_the_base_model_did_not_move(self) -> None:
        baseline, trained = column(
            report_tables.geometry_table([make_evaluation(), make_evaluation("lora")]), "Mean cosine to the base"
        )

        assert (baseline.text, baseline.title) == ("n/a", "this is the base model")
        assert trained.text == "0.640"

    def test_margins_of_a_category_stand_side_by_side_with_n(self) -> None:
        models = [make_evaluation(), make_evaluation("lora", by_category=())]
        cells = row(report_tables.margin_table(models), "rare_topic")

        assert (cells[1].text, cells[1].note) == ("n/a", "n=1")
        assert cells[2].title == "this model was not evaluated on it"

    def test_false_positives_are_counts_with_rates(self) -> None:
        evaluation = make_evaluation()
        group = next(g for g in evaluation.by_pair_type if g.name == "incompatible")
        cells = row(report_tables.false_positive_table([evaluation]), "incompatible")

        assert (cells[2].text, cells[2].note) == (
            str(group.false_positives),
            f"{100 * group.false_positive_rate:.1f} %",
        )

    def test_the_distribution_table_holds_every_pair(self) -> None:
        table = report_tables.distribution_table([make_evaluation(), make_evaluation("lora")])

        assert sum(int(cell.text) for cell in column(table, "LoRA, compatible")) == 60

    def test_the_roc_table_runs_from_corner_to_corner(self) -> None:
        table = report_tables.roc_table([make_evaluation()])

        assert [cell.text for cell in table.rows[0][1:]] == ["0.000", "0.000"]
        assert [cell.text for cell in table.rows[-1][1:]] == ["1.000", "1.000"]
        assert len(table.rows) <= report_tables.ROC_ROWS

    def test_without_curve_the_roc_table_says_n_a(self) -> None:
        assert report_tables.roc_table([make_evaluation(roc=None)]).rows[0][1].text == "n/a"

    @pytest.mark.parametrize(("by", "groups"), [("label", 2), ("category", 6), ("cluster", 3)])
    def test_the_map_table_counts_its_groups(self, by: str, groups: int) -> None:
        table = report_tables.map_table([map_points(make_evaluation(), make_pairs())], by)

        assert len(table.rows) == groups
        assert "the map by" in table.caption.lower()

    def test_without_map_its_table_says_so(self) -> None:
        assert report_tables.map_table([None]).note == "There is no map of these pairs."

    def test_clusters_that_were_not_made_say_why(self) -> None:
        clusters = ClusterSummary(
            cluster_purity=None, shuffled_purity=None, n_clusters=None, noise_ratio=None, min_cluster_size=10,
            min_samples=5, n=0, reason="fewer than 16 pairs",
        )  # fmt: skip
        [cell] = column(report_tables.cluster_table([make_evaluation(clusters=clusters)]), "Purity")

        assert (cell.text, cell.title) == ("n/a", "fewer than 16 pairs")

    def test_a_target_is_held_against_what_was_seen(self) -> None:
        table = report_tables.hypothesis_table(make_comparison().hypotheses)

        assert [cell.text for cell in column(table, "Outcome")] == ["met", "not met", "met"]
        assert [cell.kind for cell in column(table, "Outcome")] == ["met", "not-met", "met"]
        assert {cell.text for cell in column(table, "Metric")} == {"Cohen's d"}

    def test_an_unknown_metric_keeps_its_name(self) -> None:
        assert report_tables.metric_name("some_new_metric") == "some new metric"

    def test_recipes_stand_side_by_side(self) -> None:
        table = report_tables.recipe_table(trainings(make_comparison()))

        assert [cell.text for cell in row(table, "learning rate")[1:]] == ["2e-5", "2e-5", "2e-4"]
        assert row(table, "lora")[1].text == "none"
        assert row(table, "lora")[2].text == "rank 8, alpha 16, dropout 0.1, target modules query and value"

    def test_the_history_starts_without_a_loss(self) -> None:
        first = report_tables.history_table(make_comparison()).rows[0]

        assert (first[3].text, first[3].title) == ("n/a", "nothing was trained yet")

    def test_versions_that_all_results_share_stand_once(self) -> None:
        same, other = make_provenance(), make_provenance(packages={"torch": "2.16.0"})

        assert len(report_tables.packages_table([("a", same), ("b", same)]).rows) == 1
        assert [cells[0].text for cells in report_tables.packages_table([("a", same), ("b", other)]).rows] == ["a", "b"]

    def test_a_run_without_model_names_no_device(self) -> None:
        [cells] = report_tables.runs_table([("x", make_provenance(device=None))]).rows

        assert cells[4].text == "no model was used"
